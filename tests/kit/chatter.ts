/** Somebody who chats over the WebSocket, without a browser: what they are told, and what they say. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { z } from 'zod';
import { until } from './until.ts';
import { visit } from './visitor.ts';

const person = z.object({ id: z.string(), tag: z.string(), name: z.string().optional() });
const message = z.object({
  number: z.number(),
  author: person,
  replyTo: z.number().optional(),
  pieces: z.array(z.object({ type: z.string(), text: z.string() })),
});

const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), you: person }),
  z.object({ type: z.literal('you'), you: person }),
  z.object({ type: z.literal('snapshot'), messages: z.array(message) }),
  z.object({
    type: z.literal('change'),
    change: z.discriminatedUnion('type', [
      z.object({ type: z.literal('message'), message }),
      z.object({ type: z.enum(['hide', 'unhide', 'clear']) }),
    ]),
  }),
  z.object({
    type: z.literal('answer'),
    nonce: z.string(),
    ok: z.boolean(),
    sentence: z.string().optional(),
  }),
]);

export type Chatter = AsyncDisposable & {
  id: string;
  tag: string;
  /** What further requests of the same visitor carry. */
  headers: Record<string, string>;
  /** Every message so far: author's name (or tag) and text, in the order of their numbers. */
  heard(): string[];
  /** Resolves with the number of the message; throws with the sentence of a refusal. */
  say(text: string, options?: { replyTo?: number }): Promise<number>;
  /** A form of the page without JavaScript, as this visitor: `/chat/me` for example. */
  post(path: string, fields: Record<string, string>): Promise<void>;
  /** Whether the socket is closed, whoever closed it. */
  closed(): boolean;
  close(): Promise<void>;
};

/** Visits the page and opens the socket; resolves when the first messages are there. */
export async function joinChat(url: string, identity: Record<string, string> = {}): Promise<Chatter> {
  const { headers } = await visit(url);
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}socket`, { headers });
  const messages = new Map<number, z.infer<typeof message>>();
  const answers = new Map<string, { ok: boolean; sentence?: string | undefined }>();
  let you: z.infer<typeof person> | undefined;
  let isReady = false;
  socket.addEventListener('message', ({ data }) => {
    const parsed = frame.safeParse(JSON.parse(String(data)));
    if (!parsed.success) return;
    const told = parsed.data;
    if (told.type === 'welcome' || told.type === 'you') you = told.you;
    else if (told.type === 'answer') answers.set(told.nonce, told);
    else if (told.type === 'snapshot') {
      for (const each of told.messages) messages.set(each.number, each);
      isReady = true;
    } else if (told.change.type === 'message') messages.set(told.change.message.number, told.change.message);
  });
  await until('the chat as it is', () => isReady);

  const textOf = ({ pieces }: z.infer<typeof message>): string => pieces.map(piece => piece.text).join('');
  const nameOf = ({ author }: z.infer<typeof message>): string => author.name ?? author.tag;
  const known = (): z.infer<typeof person> => {
    if (!you) throw new Error('nobody was told who they are');
    return you;
  };

  async function post(path: string, fields: Record<string, string>): Promise<void> {
    const form = await fetch(new URL(path, url), { headers });
    const csrf = /name="csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    const body = new URLSearchParams({ csrf, ...fields });
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body, redirect: 'manual' });
    if (response.status !== 303) throw new Error(`${path} answered ${response.status}`);
  }

  async function say(text: string, options: { replyTo?: number } = {}): Promise<number> {
    const nonce = randomBytes(12).toString('hex');
    const before = Math.max(0, ...messages.keys());
    socket.send(JSON.stringify({ type: 'say', nonce, text, ...options }));
    const answer = await until('an answer', () => answers.get(nonce));
    if (!answer.ok) throw new Error(answer.sentence);
    const own = (each: z.infer<typeof message>) => each.number > before && each.author.id === known().id;
    return until('the message', () => [...messages.values()].find(own)?.number);
  }

  async function close(): Promise<void> {
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  if (Object.keys(identity).length > 0) await post('/chat/me', identity);
  return {
    id: known().id,
    tag: known().tag,
    headers,
    closed: () => socket.readyState === WebSocket.CLOSED,
    heard: () =>
      [...messages.values()]
        .sort((a, b) => a.number - b.number)
        .map(each => `${nameOf(each)}: ${textOf(each)}`),
    say,
    post,
    close,
    [Symbol.asyncDispose]: close,
  };
}
