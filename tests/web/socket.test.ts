/** The WebSocket of the chat: the order of what it tells, and what it does with those who don't keep to the rules. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { Author } from '../../app/chat/message.ts';
import { makeSolvable, rightAnswer } from '../kit/captcha.ts';
import { type ServerOptions, startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';
import { visit } from '../kit/visitor.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 6, lines: 2000, windowS: 60 },
};
const author: Author = {
  personId: '00112233445566aa',
  tag: '#k3f9',
  name: 'Ada',
  colour: '#ffcc00',
  tripcode: undefined,
  role: 'viewer',
};

const answer = z.object({
  type: z.literal('answer'),
  nonce: z.string(),
  ok: z.boolean(),
  sentence: z.string().optional(),
  captchaId: z.string().optional(),
  retryInMs: z.number().optional(),
});
const change = z.object({
  type: z.literal('change'),
  cursor: z.string(),
  change: z.looseObject({ type: z.string() }),
});
const snapshot = z.object({
  type: z.literal('snapshot'),
  cursor: z.string(),
  messages: z.array(z.looseObject({ number: z.number() })),
});
const any = z.looseObject({ type: z.string() });

type Frame = z.infer<typeof any>;

/** A visitor's socket and all that it was told. */
async function openSocket(url: string, headers: Record<string, string>, query = '') {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}socket${query}`, { headers });
  const frames: Frame[] = [];
  let closedWith: number | undefined;
  socket.addEventListener('message', ({ data }) => frames.push(any.parse(JSON.parse(String(data)))));
  socket.addEventListener('close', ({ code }) => {
    closedWith = code;
  });
  await until('an open socket', () => socket.readyState === WebSocket.OPEN);
  const all = <T>(schema: z.ZodType<T>): T[] =>
    frames.flatMap(frame => {
      const parsed = schema.safeParse(frame);
      return parsed.success ? [parsed.data] : [];
    });
  return {
    frames,
    all,
    send: (frame: unknown) => socket.send(JSON.stringify(frame)),
    sendRaw: (data: string | Uint8Array<ArrayBuffer>) => socket.send(data),
    closedWith: () => closedWith,
    async say(text: string, more: object = {}): Promise<z.infer<typeof answer>> {
      const nonce = randomBytes(12).toString('hex');
      socket.send(JSON.stringify({ type: 'say', nonce, text, ...more }));
      return until('an answer', () => all(answer).findLast(each => 'nonce' in more || each.nonce === nonce));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (closedWith !== undefined) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function startChat(options: ServerOptions = {}) {
  const server = await startTestServer({ ...options, config: { chat, ...options.config } });
  const { room } = server.running.community;
  return {
    server,
    room,
    say: (text: string) => room.append({ author, text, replyTo: undefined, nonce: undefined }),
    join: async (query = '') => openSocket(server.url, (await visit(server.url)).headers, query),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

describe('The socket', () => {
  let chatting: Awaited<ReturnType<typeof startChat>>;
  let server: TestServer;
  before(async () => {
    chatting = await startChat({ title: 'A title' });
    server = chatting.server;
  });
  after(() => server.close());

  it('tells first who one is, the stream, the people and what was said, then every change in order', async () => {
    chatting.say('before');
    await using socket = await chatting.join();
    await until('the snapshot', () => socket.all(snapshot)[0]);
    assert.deepEqual(
      socket.frames
        .map(({ type }) => type)
        .filter(type => type !== 'you')
        .slice(0, 4),
      ['welcome', 'info', 'people', 'snapshot'],
    );
    const { number } = chatting.say('after');
    chatting.room.hide([number]);
    chatting.room.unhide([number]);
    await until('three changes', () => socket.all(change).length === 3);
    assert.deepEqual(
      socket.all(change).map(each => each.change.type),
      ['message', 'hide', 'unhide'],
    );
  });

  it('goes on behind the place that the client names, without a gap, and else begins with a snapshot', async () => {
    await using first = await chatting.join();
    const { cursor } = await until('the snapshot', () => first.all(snapshot)[0]);
    for (const text of ['one', 'two', 'three']) chatting.say(text);
    await until('three changes', () => first.all(change).length === 3);
    const [one] = first.all(change);
    for (const [after, missed] of [
      [cursor, ['one', 'two', 'three']],
      [one?.cursor, ['two', 'three']],
      [first.all(change).at(-1)?.cursor, []],
    ] as const) {
      await using again = await chatting.join(`?after=${after}`);
      chatting.say(`end ${after}`);
      await until('the end', () => JSON.stringify(again.frames).includes(`end ${after}`));
      const texts = again.all(change).map(each => /"text":"([^"]*)"/.exec(JSON.stringify(each))?.[1]);
      const past = texts.filter(text => !text?.startsWith('end '));
      assert.deepEqual(past, missed);
      assert.equal(again.all(snapshot).length, 0);
    }
    const ahead = `${cursor.split('.')[0]}.999999`;
    for (const after of ['unknown.1', ahead, '%00', 'x', `${cursor}0000000000000000`]) {
      await using again = await chatting.join(`?after=${after}`);
      await until('a snapshot', () => again.all(snapshot).length === 1);
    }
  });

  it('posts once what is sent twice, also over another connection, and says yes both times', async () => {
    const { headers } = await visit(server.url);
    const nonce = randomBytes(12).toString('hex');
    for (let n = 0; n < 2; n++) {
      await using socket = await openSocket(server.url, headers);
      assert.equal((await socket.say('said once', { nonce })).ok, true);
    }
    assert.equal(chatting.room.recent().filter(({ text }) => text === 'said once').length, 1);
  });

  it('refuses in the words of the form, with the time to wait', async () => {
    await using socket = await chatting.join();
    for (let n = 0; n < 6; n++) assert.equal((await socket.say(`message ${n}`)).ok, true);
    const refused = await socket.say('one too many');
    assert.match(refused.sentence ?? '', /That was a lot in a short time\. Write again in \d+ seconds\./);
    assert.ok(refused.retryInMs !== undefined && refused.retryInMs > 50_000 && refused.retryInMs <= 60_000);
    assert.match((await socket.say('x'.repeat(600))).sentence ?? '', /600 characters, at most 512/);
    assert.equal(socket.closedWith(), undefined);
  });

  it('is for somebody without cookies too, by the session in its address', async () => {
    const ada = await openTextBrowser(server.url, { cookies: false });
    await using socket = await openSocket(server.url, { origin: new URL(server.url).origin }, ada.query);
    await socket.say('without cookies');
    await ada.say('by the form');
    const [one, two] = chatting.room.recent().slice(-2);
    assert.equal(one?.author.personId, two?.author.personId);
  });

  it('tells somebody at once that they are called otherwise', async () => {
    const ada = await openTextBrowser(server.url);
    await using socket = await openSocket(server.url, { ...ada.headers, origin: new URL(server.url).origin });
    await ada.become({ name: 'Renamed' });
    await until('the new name', () =>
      socket.frames.some(each => each.type === 'you' && /Renamed/.test(JSON.stringify(each))),
    );
  });

  it('closes on what is no frame of ours', async () => {
    const frames: readonly [string | Uint8Array<ArrayBuffer>, number][] = [
      ['', 1007],
      ['{', 1007],
      ['null', 1007],
      ['[]', 1007],
      ['{"type":"say"}', 1007],
      ['{"type":"say","nonce":"n","text":{"toString":"x"}}', 1007],
      ['{"type":"steal"}', 1007],
      ['{"type":"say","nonce":"n","text":"a","replyTo":-1}', 1007],
      [Uint8Array.of(1, 2, 3), 1008],
      ['x'.repeat(65 * 1024), 1009],
    ];
    for (const [frame, code] of frames) {
      await using socket = await chatting.join();
      socket.sendRaw(frame);
      assert.equal(await until(`a close for ${String(frame).slice(0, 40)}`, () => socket.closedWith()), code);
    }
  });

  it('takes no prototype, whatever the JSON', async () => {
    await using socket = await chatting.join();
    socket.sendRaw('{"__proto__":{"ok":1},"constructor":1,"type":"say","nonce":"abcdefghi","text":"hm"}');
    await until('an answer', () => socket.all(answer)[0]?.ok);
    assert.equal(Object.hasOwn(Object.prototype, 'ok'), false);
  });

  it('closes on somebody who sends more than anybody types', async () => {
    await using socket = await chatting.join();
    for (let n = 0; n < 11; n++) socket.send({ type: 'captcha' });
    assert.equal(await until('a close', () => socket.closedWith()), 1008);
  });

  /** The status of an upgrade with these headers. */
  async function status(headers: Record<string, string>, path = 'socket'): Promise<number> {
    const asked = request(`${server.url}${path}`, {
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...headers },
      },
    }).end();
    const [response, socket] = await Promise.race([once(asked, 'response'), once(asked, 'upgrade')]);
    response.resume();
    socket?.destroy();
    return response.statusCode;
  }

  it('is opened by our own page only, by somebody with a session, at its own address', async () => {
    const { headers } = await visit(server.url);
    const { host } = new URL(server.url);
    assert.equal(await status(headers), 101);
    assert.equal(await status({ ...headers, origin: `https://${host}` }), 101);
    assert.equal(await status({ ...headers, origin: 'http://elsewhere.example' }), 400);
    assert.equal(await status({ ...headers, origin: 'null' }), 400);
    assert.equal(await status({ cookie: headers.cookie ?? '' }), 400);
    assert.equal(await status({ origin: `http://${host}` }), 403);
    assert.equal(await status({ ...headers, cookie: 'visitor=s%3Aforged.signature' }), 403);
    assert.equal(await status({ ...headers, host: 'elsewhere.example' }), 421);
    assert.equal(await status(headers, ''), 200);
    assert.equal(await status(headers, 'nothing'), 404);
    assert.equal((await fetch(`${server.url}socket`, { headers })).status, 400);
  });
});

describe('The socket, for long', { concurrency: true }, () => {
  it('asks for a captcha, gives another one, and takes the answer with the message', async () => {
    await using server = await startTestServer();
    makeSolvable(server.running.community);
    await using socket = await openSocket(server.url, (await visit(server.url)).headers);
    const asked = await socket.say('please');
    assert.equal(asked.ok, false);
    assert.match(asked.sentence ?? '', /Solve the captcha/);
    const captchaFrame = z.object({ type: z.literal('captcha'), captchaId: z.string() });
    socket.send({ type: 'captcha' });
    const { captchaId } = await until('another one', () => socket.all(captchaFrame)[0]);
    assert.notEqual(captchaId, asked.captchaId);
    const wrong = await socket.say('please', { captcha: { id: captchaId, answer: 'nonsense' } });
    assert.match(wrong.sentence ?? '', /not what the picture shows/);
    const id = wrong.captchaId ?? '';
    assert.equal((await socket.say('please', { captcha: { id, answer: rightAnswer } })).ok, true);
  });

  it('refuses one too many in words', async () => {
    await using chatting = await startChat({ config: { web: { maxFrames: 2 } } });
    await using _one = await chatting.join();
    await using _two = await chatting.join();
    const { headers } = await visit(chatting.server.url);
    const asked = request(`${chatting.server.url}socket`, {
      headers: { ...headers, connection: 'Upgrade', upgrade: 'websocket', accept: '*/*' },
    }).end();
    const [response] = await once(asked, 'response');
    assert.equal(response.statusCode, 503);
    let words = '';
    for await (const chunk of response) words += String(chunk);
    assert.match(words, /Too many people are connected/);
  });

  /** A socket that does not even read, let alone answer pings. */
  async function deafSocket(url: string) {
    const { headers } = await visit(url);
    const { host, port } = new URL(url);
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.on('error', () => {});
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.write(
      `GET /socket HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(socket, 'data');
    socket.pause();
    return socket;
  }

  it('cuts one off who does not take what he is told, and loses nobody else', async () => {
    await using chatting = await startChat();
    const { url } = chatting.server;
    const deaf = await deafSocket(url);
    await using other = await chatting.join();
    const { people } = chatting.server.running.community;
    const present = (): number => people.list().chatting.length;
    assert.equal(present(), 2);
    for (let n = 0; n < 1500 && chatting.room.lastNumber < 1500; n++) {
      chatting.say('z'.repeat(10_000));
      if (n % 20 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    const last = chatting.room.lastNumber;
    await until(
      'the last one',
      () => JSON.stringify(other.all(change).at(-1) ?? '').includes(`"number":${last},`),
      10_000,
    );
    const numbers = other.all(change).length;
    assert.equal(numbers, last);
    const closed = once(deaf, 'close');
    let received = 0;
    deaf.on('data', chunk => {
      received += chunk.length;
    });
    deaf.resume();
    await closed;
    assert.ok(received < last * 10_000, `${received} bytes`);
  });

  it('cuts one off who does not answer pings', async () => {
    let skewMs = 0;
    await using chatting = await startChat({ overrides: { now: () => Date.now() + skewMs } });
    const deaf = await deafSocket(chatting.server.url);
    await using other = await chatting.join();
    deaf.resume();
    const closed = once(deaf, 'close');
    skewMs = 21_000;
    await until('a sign of life', () => other.frames.some(({ type }) => type === 'alive'), 2000);
    skewMs = 42_000;
    await closed;
    assert.equal(other.closedWith(), undefined);
  });
});
