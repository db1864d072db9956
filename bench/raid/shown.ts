/** What comes up in everybody's chat, as the events of the control socket tell it. */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const messageEvent = z.object({ type: z.literal('message'), number: z.number(), text: z.string() });

export type Shown = Disposable & {
  /** Of the messages since the last call, how many begin with this. */
  count(mark: string): number;
  forget(): void;
  /** The number of the last message that begins with this. */
  last(mark: string): number | undefined;
};

export function followShown(controlSocket: string): Shown {
  const socket = connect(controlSocket);
  socket.write('events\n');
  let messages: z.infer<typeof messageEvent>[] = [];
  createInterface({ input: socket }).on('line', line => {
    const event = messageEvent.safeParse(JSON.parse(line));
    if (event.success) messages.push(event.data);
  });
  return {
    count: mark => messages.filter(({ text }) => text.startsWith(mark)).length,
    last: mark => messages.findLast(({ text }) => text.startsWith(mark))?.number,
    forget() {
      messages = [];
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

const answer = z.object({
  data: z.object({ lastMinute: z.object({ refusals: z.record(z.string(), z.number()) }) }),
});

/** The server's own count of refused messages in the last minute, by reason. */
export async function refusalsOf(controlSocket: string): Promise<Record<string, number>> {
  const socket = connect(controlSocket);
  socket.write('{"line":"stats"}\n');
  for await (const line of createInterface({ input: socket })) {
    socket.destroy();
    return answer.parse(JSON.parse(line)).data.lastMinute.refusals;
  }
  throw new Error('The control socket gave no answer.');
}
