import { z } from 'zod';
import { type Author, authorOf } from '../../chat/message.ts';
import type { Room } from '../../chat/room.ts';
import { cleanText, type TextLimits } from '../../chat/text.ts';
import { Failure } from '../../lib/failure.ts';
import type { People } from '../../people/people.ts';
import type { ActionLog } from '../action-log.ts';
import type { Board } from '../board.ts';
import { type Command, command, nothing } from '../command.ts';
import { shortText } from '../inputs.ts';
import type { Actor } from '../staff.ts';

export type SpeakingDeps = { room: Room; board: Board; people: Pick<People, 'find'>; log: ActionLog };

const group = 'Messages';

/** Signs what the broadcaster says where they are no person of the chat. */
const broadcasterAuthor: Author = {
  personId: 'broadcaster',
  tag: '',
  name: 'Broadcaster',
  colour: '#ffffff',
  tripcode: undefined,
  role: 'broadcaster',
};

/** What the broadcaster says, and what stays above the chat. */
export function speakingCommands({ room, board, people, log }: SpeakingDeps, limits: TextLimits): Command[] {
  const author = (actor: Actor): Author => {
    const speaker = actor.personId === undefined ? undefined : people.find(actor.personId);
    return speaker ? authorOf(speaker) : broadcasterAuthor;
  };
  const text = shortText(16_384, 'the text').transform(typed => cleanText(typed, limits));

  return [
    command({
      name: 'say',
      usage: 'say TEXT',
      help: 'Writes a message as the broadcaster.',
      group,
      who: 'broadcaster',
      words: [{ field: 'text', kind: 'rest' }],
      input: z.object({ text }),
      run({ text }, actor) {
        const said = { author: author(actor), text, replyTo: undefined, nonce: undefined };
        const { number } = room.append(said);
        return { sentence: `Said as message ${number}.`, data: { number } };
      },
    }),
    command({
      name: 'announce',
      usage: 'announce TEXT',
      help: 'Writes an announcement that stands out in the chat.',
      group,
      who: 'broadcaster',
      words: [{ field: 'text', kind: 'rest' }],
      input: z.object({ text }),
      run({ text }, actor) {
        const { number } = room.notice(text, author(actor));
        const undo = { type: 'hide', numbers: [number] } as const;
        const logged = log.record({ actor, action: 'announce', target: `message ${number}`, undo });
        return { sentence: `Announced as message ${number}.`, data: { number }, logged };
      },
    }),
    command({
      name: 'pin',
      usage: 'pin N|TEXT',
      help: 'Keeps a message, by its number, or a text of your own above the chat.',
      group,
      who: 'broadcaster',
      words: [{ field: 'text', kind: 'rest' }],
      input: z.object({ text }),
      run({ text }, actor) {
        const number = Number(/^(?:>>)?([1-9]\d{0,14})$/.exec(text)?.[1] ?? Number.NaN);
        const message = Number.isNaN(number) ? undefined : room.find(number);
        if (!Number.isNaN(number) && !message) {
          throw new Failure('message-unknown', `There is no message ${number}. Pin another, or a text.`);
        }
        if (message?.hidden) {
          const sentence = `Message ${number} is hidden, and would not be seen. Show it first: unhide ${number}`;
          throw new Failure('message-hidden', sentence);
        }
        const pinned = message ? { text: message.text, messageNumber: number } : { text };
        const before = board.pin(pinned);
        const target = message ? `message ${number}` : 'a text';
        const undo = { type: 'pin', pinned: before ?? null } as const;
        return {
          sentence: 'Pinned above the chat.',
          logged: log.record({ actor, action: 'pin', target, undo }),
        };
      },
    }),
    command({
      name: 'unpin',
      usage: 'unpin',
      help: 'Takes away what is pinned above the chat.',
      group,
      who: 'broadcaster',
      input: nothing,
      run(_, actor) {
        const before = board.pin(undefined);
        if (!before) return { sentence: 'Nothing is pinned.' };
        const undo = { type: 'pin', pinned: before } as const;
        return { sentence: 'Unpinned.', logged: log.record({ actor, action: 'unpin', target: '', undo }) };
      },
    }),
  ];
}
