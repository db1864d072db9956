import { z } from 'zod';
import type { Held } from '../../chat/held.ts';
import type { Room } from '../../chat/room.ts';
import { Failure } from '../../lib/failure.ts';
import { type AddedBans, type Ban, type Bans, endOf } from '../../people/bans.ts';
import type { Accounts } from '../accounts.ts';
import type { ActionLog } from '../action-log.ts';
import type { Circuits } from '../circuits.ts';
import { type Command, command } from '../command.ts';
import { forHowLong, timeLike } from '../duration.ts';
import { optional, person, shortText, time } from '../inputs.ts';
import { type Actor, broadcasterName, filtersName } from '../staff.ts';
import { labelOf, type Target, type Targets } from '../targets.ts';
import { undoOfBan } from '../undo.ts';
import { unquoted } from './messages.ts';

export type SilencingDeps = {
  room: Room;
  held: Held;
  bans: Bans;
  accounts: Pick<Accounts, 'logoutPerson' | 'staffOfPerson'>;
  circuits: Pick<Circuits, 'of'>;
  targets: Targets;
  log: ActionLog;
  now: () => number;
};

const group = 'People';
const defaultMuteMs = 10 * 60_000;

const silencing = z.object({
  person,
  time: optional(time),
  reason: optional(shortText(200, 'the reason')),
});
const silencingWords = [
  { field: 'person', kind: 'word' },
  { field: 'time', kind: 'word', like: timeLike },
  { field: 'reason', kind: 'rest' },
] as const;

/** Mutes and bans, and their end. */
export function silencingCommands(deps: SilencingDeps): Command[] {
  const { room, held, bans, accounts, circuits, targets, log, now } = deps;

  const silence = (
    kind: Ban['kind'],
    target: Target,
    forMs: number | null,
    reason: string,
    actor: Actor,
  ): { added: AddedBans; notes: string; dropped: string } => {
    const staff = accounts.staffOfPerson(target.id);
    const added = bans.add({
      kind,
      person: target,
      tripcodes: targets.tripcodesOf(target),
      // The broadcaster's stands beside a moderator's, or that would shorten it.
      replaces: ({ by }) => actor.role === 'broadcaster' || by !== broadcasterName,
      // Else whoever comes as somebody new each time, to say what a filter bans for, takes all places.
      outranks: ({ by }) => by === filtersName,
      name: labelOf(target),
      circuits: circuits.of(target.id),
      untilMs: forMs === null ? null : now() + forMs,
      reason,
      by: actor.name,
    });
    // Who is muted for a while may have written something honest before.
    const count = kind === 'ban' ? held.rejectOfPerson(target.id) : 0;
    if (kind === 'ban' && target.role === 'moderator') accounts.logoutPerson(target.id);
    const longest = kind === 'ban' ? bans.banOf(target) : bans.muteOf(target);
    const isLonger = longest && endOf(longest) > endOf(added.bans[0]);
    const waited = count === 0 ? '' : `; ${count} of theirs that waited dropped`;
    const displaced = added.displaced.map(ban => `; the ${ban.kind} of ${ban.name} by a filter made room`);
    const dropped = [waited, ...displaced].join('');
    const longer = isLonger ? `; the longer ${kind} by ${longest.by} stays` : '';
    // It holds for the session, and a password makes another one staff.
    const account = staff ? `; their account goes on, to end it: mods remove ${staff.name}` : '';
    return { added, dropped, notes: `${dropped}${longer}${account}` };
  };

  const lift = (kind: Ban['kind'], text: string, actor: Actor) => {
    const found = liftable(kind, text);
    for (const ban of found) targets.assertMayLift(actor, ban);
    const lifted = found.map(({ id }) => bans.lift(id));
    const [first] = lifted;
    if (!first) {
      throw new Failure('ban-unknown', `“${text}” is not ${kind === 'ban' ? 'banned' : 'muted'}. See: bans`);
    }
    const undo = { type: 'restore', bans: lifted } as const;
    const logged = log.record({
      actor,
      action: kind === 'ban' ? 'unban' : 'unmute',
      target: first.name,
      undo,
    });
    const staysSo = bans.list().some(ban => ban.kind === kind && ban.personId === first.personId);
    return {
      sentence: staysSo
        ? `One ${kind} of ${first.name} is lifted, and another stays. See: bans`
        : `${first.name} may ${kind === 'ban' ? 'be here' : 'write'} again.`,
      data: { ids: lifted.map(({ id }) => id) },
      logged,
    };
  };

  /** By the ban's id, the person's, their tripcode or their name then; else by who is here now. */
  const liftable = (kind: Ban['kind'], text: string): Ban[] => {
    const inForce = bans.list().filter(ban => ban.kind === kind);
    const wanted = text.toLowerCase();
    const exact = inForce.filter(
      ({ id, personId, tripcode }) => id === wanted || personId === wanted || tripcode === text,
    );
    if (exact.length > 0) return exact;
    const named = inForce.filter(({ name }) => namesOf(name).includes(wanted));
    const who = new Set(named.map(({ personId }) => personId));
    if (who.size > 1) {
      const listed = named.map(({ name, id }) => `${name} (${id})`).join(', ');
      throw new Failure('person-ambiguous', `“${text}” may be any of these; take the id: ${listed}.`);
    }
    if (named.length > 0) return named;
    const target = targets.find(text);
    return inForce.filter(
      ({ personId, tripcode }) =>
        personId === target.id || (tripcode !== null && tripcode === target.tripcode?.text),
    );
  };

  const silencingRow = (kind: Ban['kind'], defaultMs: number | null, help: string): Command =>
    command({
      name: kind,
      usage: `${kind} PERSON [TIME] [REASON]`,
      help,
      group,
      who: 'moderator',
      words: silencingWords,
      input: silencing,
      run({ person, time = defaultMs, reason = '' }, actor) {
        const target = targets.findFor(actor, person);
        const { added, dropped, notes } = silence(kind, target, time, reason, actor);
        const how = forHowLong(time);
        const undo = undoOfBan(added);
        const whom = `${labelOf(target)} ${how}${dropped}`;
        const logged = log.record({ actor, action: kind, target: whom, undo });
        const done = kind === 'ban' ? 'banned' : 'muted';
        return {
          sentence: `${labelOf(target)} is ${done} ${how}${notes}.`,
          data: { id: added.bans[0].id, personId: target.id },
          logged,
        };
      },
    });

  return [
    silencingRow('mute', defaultMuteMs, 'Lets a person read but not write, 10m if no time is given.'),
    command({
      name: 'unmute',
      usage: 'unmute PERSON',
      help: 'Ends a mute.',
      group,
      who: 'moderator',
      words: [{ field: 'person', kind: 'rest' }],
      input: z.object({ person }),
      run: ({ person }, actor) => lift('mute', unquoted(person), actor),
    }),
    silencingRow(
      'ban',
      null,
      'Shuts a person out, for good if no time is given; their video and chat end at once.',
    ),
    command({
      name: 'ban-purge',
      usage: 'ban-purge PERSON [TIME] [REASON]',
      help: 'Bans, and deletes everything they wrote, for good.',
      group,
      who: 'moderator',
      words: silencingWords,
      input: silencing,
      run({ person, time = null, reason = '' }, actor) {
        const target = targets.findFor(actor, person);
        const { added, dropped, notes } = silence('ban', target, time, reason, actor);
        const numbers = room.purge(target.id);
        const done = `${forHowLong(time)}, ${numbers.length} messages deleted`;
        const undo = undoOfBan(added);
        const whom = `${labelOf(target)} ${done}${dropped}`;
        const logged = log.record({ actor, action: 'ban-purge', target: whom, undo });
        return {
          sentence: `${labelOf(target)} is banned ${done}${notes}.`,
          data: { id: added.bans[0].id, numbers },
          logged,
        };
      },
    }),
    command({
      name: 'unban',
      usage: 'unban PERSON',
      help: 'Ends a ban, by the person or the id that bans tells.',
      group,
      who: 'moderator',
      words: [{ field: 'person', kind: 'rest' }],
      input: z.object({ person }),
      run: ({ person }, actor) => lift('ban', unquoted(person), actor),
    }),
  ];
}

/** `Ada #k3f9` may be written `ada`, `#k3f9`, `ada#k3f9` or as it is. */
function namesOf(label: string): string[] {
  const [, name = '', tag = ''] = /^(.*?)\s?(#[0-9a-z]{4})?$/su.exec(label.toLowerCase()) ?? [];
  return [name, tag, `${name}${tag}`, `${name} ${tag}`].filter(form => form.trim() !== '');
}
