import { z } from 'zod';
import type { Held } from '../../chat/held.ts';
import type { Room } from '../../chat/room.ts';
import type { ActionLog } from '../action-log.ts';
import type { Board } from '../board.ts';
import { type Command, command, nothing } from '../command.ts';
import { numbers, person } from '../inputs.ts';
import { labelOf, type Targets } from '../targets.ts';

export type MessageDeps = { room: Room; held: Held; targets: Targets; board: Board; log: ActionLog };

const group = 'Messages';
const maxTold = 20;

/** What becomes of messages in the chat. */
export function messageCommands({ room, held, targets, board, log }: MessageDeps): Command[] {
  return [
    command({
      name: 'hide',
      usage: 'hide N…',
      help: 'Hides messages by their numbers: hide 12 14, or hide 12-20.',
      group,
      who: 'moderator',
      words: [{ field: 'numbers', kind: 'all' }],
      input: z.object({ numbers }),
      run({ numbers }, actor) {
        const hidden = room.hide(numbers);
        if (hidden.length === 0) return { sentence: 'None of these is shown.', data: { numbers: [] } };
        const undo = { type: 'unhide', numbers: hidden } as const;
        const logged = log.record({ actor, action: 'hide', target: listOfMessages(hidden), undo });
        return { sentence: `Hidden: ${listOfMessages(hidden)}.`, data: { numbers: hidden }, logged };
      },
    }),
    command({
      name: 'unhide',
      usage: 'unhide N…',
      help: 'Shows hidden messages again.',
      group,
      who: 'moderator',
      words: [{ field: 'numbers', kind: 'all' }],
      input: z.object({ numbers }),
      run({ numbers }, actor) {
        const shown = room.unhide(numbers);
        if (shown.length === 0) return { sentence: 'None of these is hidden.', data: { numbers: [] } };
        const undo = { type: 'hide', numbers: shown } as const;
        const logged = log.record({ actor, action: 'unhide', target: listOfMessages(shown), undo });
        return { sentence: `Shown again: ${listOfMessages(shown)}.`, data: { numbers: shown }, logged };
      },
    }),
    command({
      name: 'hide-all',
      usage: 'hide-all PERSON',
      help: 'Hides everything that a person wrote.',
      group,
      who: 'moderator',
      words: [{ field: 'person', kind: 'rest' }],
      input: z.object({ person }),
      run({ person }, actor) {
        const target = targets.findFor(actor, unquoted(person));
        const count = held.rejectOfPerson(target.id);
        const dropped = count === 0 ? '' : `; ${count} of theirs that waited dropped`;
        const hidden = room.hideOfPerson(target.id);
        const undo = hidden.length > 0 ? ({ type: 'unhide', numbers: hidden } as const) : undefined;
        const logged = log.record({
          actor,
          action: 'hide-all',
          target: `${labelOf(target)}${dropped}`,
          undo,
        });
        return {
          sentence: `Hidden: ${hidden.length} messages of ${labelOf(target)}${dropped}.`,
          data: { numbers: hidden },
          logged,
        };
      },
    }),
    command({
      name: 'clear',
      usage: 'clear',
      help: 'Deletes every message of the chat, for good.',
      group,
      who: 'broadcaster',
      input: nothing,
      run(_, actor) {
        const through = room.lastNumber;
        room.clear();
        // A text of the broadcaster's own is no message.
        if (board.state.pinned?.messageNumber !== undefined) board.pin(undefined);
        const logged = log.record({ actor, action: 'clear', target: `all messages up to ${through}` });
        return { sentence: 'The chat is empty.', logged };
      },
    }),
  ];
}

/** `message 12`, `messages 12, 13` */
export function listOfMessages(found: readonly number[]): string {
  if (found.length === 1) return `message ${found[0]}`;
  const more = found.length > maxTold ? ` and ${found.length - maxTold} more` : '';
  return `messages ${found.slice(0, maxTold).join(', ')}${more}`;
}

/** A name of several words may be quoted or not where nothing follows it. */
export function unquoted(text: string): string {
  return text.replace(/^"([^"]*)"$/, '$1');
}
