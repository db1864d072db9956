import { z } from 'zod';
import type { Held } from '../../chat/held.ts';
import type { ActionLog } from '../action-log.ts';
import { type Command, command, nothing } from '../command.ts';
import { numbers, optional } from '../inputs.ts';
import { listOfMessages } from './messages.ts';

export type HeldDeps = { held: Held; log: ActionLog };

const group = 'Messages';

/** Messages that wait for a moderator. */
export function heldCommands({ held, log }: HeldDeps): Command[] {
  const ids = someOrAll(() => held.list().map(({ id }) => id));

  return [
    command({
      name: 'held',
      usage: 'held',
      help: 'Lists the messages that wait for a moderator.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const waiting = held.list();
        return {
          sentence: waiting.length === 0 ? 'No message waits.' : `${waiting.length} messages wait:`,
          lines: waiting.map(({ id, said }) => `${id} ${nameOf(said.author)}: ${oneLine(said.text)}`),
          data: waiting.map(({ id, atMs, said }) => ({
            id,
            atMs,
            personId: said.author.personId,
            name: nameOf(said.author),
            text: said.text,
          })),
        };
      },
    }),
    command({
      name: 'approve',
      usage: 'approve N…|all',
      help: 'Lets waiting messages into the chat, by the numbers that held tells.',
      group,
      who: 'moderator',
      words: [{ field: 'ids', kind: 'all' }],
      input: z.object({ ids }),
      run({ ids }, actor) {
        const said = ids.flatMap(id => held.approve(id)?.number ?? []);
        if (said.length === 0) return { sentence: 'None of these waits any longer.', data: { numbers: [] } };
        const undo = { type: 'hide', numbers: said } as const;
        const logged = log.record({ actor, action: 'approve', target: listOfMessages(said), undo });
        return { sentence: `Approved as ${listOfMessages(said)}.`, data: { numbers: said }, logged };
      },
    }),
    command({
      name: 'reject',
      usage: 'reject N…|all',
      help: 'Drops waiting messages.',
      group,
      who: 'moderator',
      words: [{ field: 'ids', kind: 'all' }],
      input: z.object({ ids }),
      run({ ids }, actor) {
        const dropped = ids.filter(id => held.reject(id));
        if (dropped.length === 0) return { sentence: 'None of these waits any longer.', data: { ids: [] } };
        const logged = log.record({ actor, action: 'reject', target: `${dropped.length} held messages` });
        return { sentence: `Dropped: ${dropped.length} messages.`, data: { ids: dropped }, logged };
      },
    }),
  ];
}

function someOrAll(all: () => number[]) {
  return z.union([
    z.union([z.literal('all'), z.tuple([z.literal('all')])]).transform(all),
    optional(numbers).transform(given => given ?? []),
  ]);
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' / ');
}

function nameOf({ name = '', tag }: { name: string | undefined; tag: string }): string {
  return `${name}${tag}`;
}
