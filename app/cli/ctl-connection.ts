import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';

const answerSchema = z.object({
  ok: z.boolean(),
  sentence: z.string(),
  lines: z.array(z.string()).optional(),
});

export type TerminalAnswer = z.infer<typeof answerSchema>;

/** A connection to the server's control socket. */
export type Connection = AsyncDisposable & {
  /** `request` is a line of JSON; `text` is the line that it was answered with. */
  ask(request: string): Promise<{ text: string; answer: TerminalAnswer }>;
  /** What happens from now on, a line of JSON each, until the server ends. */
  events(): AsyncIterable<string>;
};

/** How long a command may take: the slowest waits for a few passwords to be hashed. */
const answerMs = 30_000;

/** Throws Failure `server-missing` when no server listens there, `server-not-ours` when it is another user's. */
export async function openConnection(path: string): Promise<Connection> {
  const socket = await open(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  // It is told by the end of the lines.
  socket.on('error', () => {});
  const next = async (): Promise<string> => {
    const late = setTimeout(() => socket.destroy(), answerMs);
    const { value, done } = await lines.next();
    clearTimeout(late);
    if (!done) return value;
    throw new Failure('server-missing', 'The server has ended, or gave no answer.');
  };
  return {
    async ask(request) {
      socket.write(`${request}\n`);
      const text = await next();
      return { text, answer: answerSchema.parse(JSON.parse(text)) };
    },
    async *events() {
      socket.write('events\n');
      yield* { [Symbol.asyncIterator]: () => lines };
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

async function open(path: string): Promise<Socket> {
  const opened = Promise.withResolvers<void>();
  const socket = connect(path, opened.resolve);
  socket.once('error', opened.reject);
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      throw new Failure(
        'server-missing',
        `No server runs with this data folder (${path}). Start one with scripts/start, or name its folder with --data.`,
      );
    }
    throw new Failure('server-not-ours', `The server can't be reached by ${path}: ${sentenceOf(error)}.`);
  }
}
