import { waitText } from '../../chat/refusal.ts';
import { isMember } from '../../people/access.ts';
import type { Ban, Bans } from '../../people/bans.ts';
import type { People } from '../../people/people.ts';
import type { Person, Presence } from '../../people/person.ts';
import { type Command, command, type Json, nothing } from '../command.ts';

export type PeopleDeps = { bans: Bans; people: Pick<People, 'list'>; now: () => number };

const group = 'People';
const maxListed = 500;

/** Who is here, and who may not be. */
export function peopleCommands(
  { bans, people, now }: PeopleDeps,
  { defaultName }: { defaultName: string },
): Command[] {
  return [
    command({
      name: 'bans',
      usage: 'bans',
      help: 'Lists bans and mutes.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const inForce = bans.list();
        return {
          sentence: inForce.length === 0 ? 'Nobody is banned or muted.' : `${inForce.length} bans and mutes:`,
          lines: inForce.map(ban => banLine(ban, now())),
          data: inForce.map(banJson),
        };
      },
    }),
    command({
      name: 'people',
      usage: 'people',
      help: 'Lists who is watching and who is in the chat.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const { watching, chatting } = people.list();
        const here = [
          ...watching.map(each => ({ each, presence: 'watching' as const })),
          ...chatting.map(each => ({ each, presence: 'chatting' as const })),
        ].slice(0, maxListed);
        return {
          sentence: `${watching.length} watching, ${chatting.length} more in the chat.`,
          lines: here.map(({ each, presence }) => personLine(each, presence)),
          data: here.map(({ each, presence }) => personJson(each, presence)),
        };
      },
    }),
  ];

  function personLine(each: Person, presence: Presence): string {
    const marks = [each.role === 'viewer' ? '' : each.role, isMember(each) ? 'member' : ''];
    const told = [presence, ...marks, bans.isMuted(each) ? 'muted' : '']
      .filter(mark => mark !== '')
      .join(', ');
    return `${each.name ?? defaultName} ${each.tag} ${each.id} (${told})`;
  }

  function personJson(each: Person, presence: Presence): Json {
    const { id, tag, role, createdAtMs } = each;
    return {
      id,
      tag,
      name: each.name ?? defaultName,
      tripcode: each.tripcode?.text ?? null,
      role,
      presence,
      isMember: isMember(each),
      isMuted: bans.isMuted(each),
      createdAtMs,
    };
  }
}

function banLine({ id, kind, name, reason, by, untilMs }: Ban, nowMs: number): string {
  const end = untilMs === null ? 'for good' : `ends ${waitText(untilMs - nowMs)}`;
  return `${id} ${kind} ${name}, ${end}, by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

function banJson({ id, kind, personId, tripcode, name, reason, by, atMs, untilMs }: Ban): Json {
  return { id, kind, personId, tripcode, name, reason, by, atMs, untilMs };
}
