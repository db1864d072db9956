import { z } from 'zod';
import type { Invitations } from '../../people/invitations.ts';
import type { Accounts } from '../accounts.ts';
import type { ActionLog } from '../action-log.ts';
import { type Command, command, nothing } from '../command.ts';
import { forHowLong, timeLike } from '../duration.ts';
import { optional, shortText, time } from '../inputs.ts';
import { invitationPath } from './invites.ts';
import { unquoted } from './messages.ts';

export type StaffDeps = { accounts: Accounts; invitations: Invitations; log: ActionLog; now: () => number };

const group = 'Staff';
const name = shortText(64, 'the name').transform(unquoted);
const dayMs = 86_400_000;

export function staffCommands({ accounts, invitations, log, now }: StaffDeps): Command[] {
  return [
    command({
      name: 'mods',
      usage: 'mods',
      help: 'Lists the moderators.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const moderators = accounts.moderators();
        return {
          sentence: moderators.length === 0 ? 'There is no moderator.' : 'The moderators:',
          lines: moderators.map(
            ({ name, seenAtMs }) => `${name}${seenAtMs === undefined ? '' : ' (logged in)'}`,
          ),
          data: moderators.map(({ name, by, createdAtMs, seenAtMs }) => ({
            name,
            by,
            createdAtMs,
            seenAtMs: seenAtMs ?? null,
          })),
        };
      },
    }),
    command({
      name: 'mods add',
      usage: 'mods add NAME [PASSWORD]',
      help: 'Makes a moderator’s account; without a password one is made and told once.',
      group,
      who: 'broadcaster',
      words: [
        { field: 'name', kind: 'word' },
        { field: 'password', kind: 'rest' },
      ],
      input: z.object({ name, password: optional(z.string()) }),
      async run({ name, password }, actor) {
        const made = await accounts.addModerator({ name, password, by: actor.name });
        const logged = log.record({ actor, action: 'mods add', target: made.name });
        const { generated } = made;
        const told = generated === undefined ? '' : ` Their password, shown only now: ${generated}`;
        return {
          sentence: `${made.name} is a moderator.${told}`,
          data: { name: made.name, password: generated ?? null },
          logged,
        };
      },
    }),
    command({
      name: 'mods remove',
      usage: 'mods remove NAME',
      help: 'Ends a moderator’s account and logs them out.',
      group,
      who: 'broadcaster',
      words: [{ field: 'name', kind: 'rest' }],
      input: z.object({ name }),
      run({ name }, actor) {
        const removed = accounts.removeModerator(name);
        const logged = log.record({ actor, action: 'mods remove', target: removed });
        return { sentence: `${removed} is no moderator any more.`, data: { name: removed }, logged };
      },
    }),
    command({
      name: 'mods invite',
      usage: 'mods invite [TIME] [NOTE]',
      help: 'Makes a one-time link by which a person becomes a moderator, with a password of their own; 7d if no time is given.',
      group,
      who: 'broadcaster',
      words: [
        { field: 'time', kind: 'word', like: timeLike },
        { field: 'note', kind: 'rest' },
      ],
      input: z.object({ time: optional(time), note: optional(shortText(100, 'the note')) }),
      run({ time = 7 * dayMs, note = '' }, actor) {
        const expiresAtMs = time === null ? null : now() + time;
        const order = { grants: 'moderator', note, by: actor.name, expiresAtMs } as const;
        const { invitation, token } = invitations.create(order);
        const undo = { type: 'revoke', invitationId: invitation.id } as const;
        const logged = log.record({ actor, action: 'mods invite', target: note || invitation.id, undo });
        const path = invitationPath('moderator', token);
        return {
          sentence: `An invitation for a moderator, ${forHowLong(time)}, shown only now: ${path}`,
          data: { id: invitation.id, token, path },
          logged,
        };
      },
    }),
  ];
}
