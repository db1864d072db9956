import { z } from 'zod';
import type { ActionLog } from '../action-log.ts';
import type { Club } from '../club.ts';
import { type Command, command, nothing } from '../command.ts';
import { optional, person, shortText } from '../inputs.ts';
import { labelOf, type Targets } from '../targets.ts';
import { unquoted } from './messages.ts';

export type MemberDeps = {
  club: Club;
  targets: Targets;
  log: ActionLog;
};

const group = 'Members';

export function memberCommands({ club, targets, log }: MemberDeps): Command[] {
  return [
    command({
      name: 'members',
      usage: 'members',
      help: 'Lists the members, and the tripcodes that make one.',
      group,
      who: 'broadcaster',
      input: nothing,
      run() {
        const members = club.members();
        const tripcodes = club.tripcodes();
        return {
          sentence: `${members.length} members, ${tripcodes.length} tripcodes on the list.`,
          lines: [
            ...members.map(({ id, name = '', tripcode = '' }) => `${id} ${name} ${tripcode}`.trimEnd()),
            ...tripcodes.map(({ tripcode, note }) => `tripcode ${tripcode} ${note}`.trimEnd()),
          ],
          data: {
            members: members.map(({ id, name, tripcode, sinceMs }) => ({
              id,
              name: name ?? null,
              tripcode: tripcode ?? null,
              sinceMs,
            })),
            tripcodes: tripcodes.map(each => ({ ...each })),
          },
        };
      },
    }),
    command({
      name: 'members add',
      usage: 'members add PERSON',
      help: 'Makes a person a member.',
      group,
      who: 'broadcaster',
      words: [{ field: 'person', kind: 'rest' }],
      input: z.object({ person }),
      run({ person }, actor) {
        const target = targets.find(unquoted(person));
        const label = labelOf(target);
        if (!club.setMember(target.id, true)) return { sentence: `${label} is a member already.` };
        const undo = { type: 'member', personId: target.id, isMember: false } as const;
        const logged = log.record({ actor, action: 'members add', target: label, undo });
        return { sentence: `${label} is a member.`, data: { id: target.id }, logged };
      },
    }),
    command({
      name: 'members remove',
      usage: 'members remove PERSON',
      help: 'Ends a membership.',
      group,
      who: 'broadcaster',
      words: [{ field: 'person', kind: 'rest' }],
      input: z.object({ person }),
      run({ person }, actor) {
        const target = targets.find(unquoted(person));
        const label = labelOf(target);
        const listed = club.listedTripcodeOf(target.id);
        if (!club.setMember(target.id, false)) {
          if (listed === undefined) return { sentence: `${label} is no member.` };
          return { sentence: `${label} is a member by the tripcode ${listed}. ${endsBy(listed)}` };
        }
        const undo = { type: 'member', personId: target.id, isMember: true } as const;
        const logged = log.record({ actor, action: 'members remove', target: label, undo });
        const sentence =
          listed === undefined
            ? `${label} is no member any more.`
            : `The tripcode ${listed} still makes ${label} a member. ${endsBy(listed)}`;
        return { sentence, data: { id: target.id }, logged };
      },
    }),
    command({
      name: 'members allow',
      usage: 'members allow TRIPCODE [NOTE]',
      help: 'Makes everyone with this tripcode a member, while they have it.',
      group,
      who: 'broadcaster',
      words: [
        { field: 'tripcode', kind: 'word' },
        { field: 'note', kind: 'rest' },
      ],
      input: z.object({ tripcode, note: optional(shortText(100, 'the note')) }),
      run({ tripcode, note = '' }, actor) {
        const data = { tripcode };
        if (!club.allowTripcode({ tripcode, note, by: actor.name })) {
          return { sentence: `${tripcode} is on the list already.`, data };
        }
        const undo = { type: 'tripcode', tripcode, isAllowed: false } as const;
        const logged = log.record({ actor, action: 'members allow', target: tripcode, undo });
        return { sentence: `Everyone with the tripcode ${tripcode} is a member.`, data, logged };
      },
    }),
    command({
      name: 'members forbid',
      usage: 'members forbid TRIPCODE',
      help: 'Takes a tripcode off the list; who has it is no member any more, unless by invitation or by hand.',
      group,
      who: 'broadcaster',
      words: [{ field: 'tripcode', kind: 'word' }],
      input: z.object({ tripcode }),
      run({ tripcode }, actor) {
        const data = { tripcode };
        if (!club.forbidTripcode(tripcode)) return { sentence: `${tripcode} is not on the list.`, data };
        const undo = { type: 'tripcode', tripcode, isAllowed: true } as const;
        const logged = log.record({ actor, action: 'members forbid', target: tripcode, undo });
        const stay = club.members().filter(member => member.tripcode === tripcode);
        const names = stay.map(({ id, name = id }) => name).join(', ');
        const more = names === '' ? '' : ` By invitation or by hand these stay members: ${names}.`;
        return { sentence: `${tripcode} is off the list.${more}`, data, logged };
      },
    }),
  ];
}

/** A tripcode can be many people's, so that to end it is a step of its own. */
function endsBy(tripcode: string): string {
  return `To end that for everyone who has it: members forbid ${tripcode}`;
}

const tripcode = z
  .string({ error: 'the tripcode is missing' })
  .trim()
  .regex(/^!{0,2}[A-Za-z0-9./_-]{8,32}$/, 'a tripcode has 10 characters or more, as it is shown in the chat')
  .transform(text => text.replace(/^!+/, ''));
