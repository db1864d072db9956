/** The endless page of the chat over HTTP: what comes when, and that it neither grows nor waits for ever. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Author } from '../../app/chat/message.ts';
import { type FrameReader, readFrame } from '../kit/frame-reader.ts';
import { type ServerOptions, startTestServer, type TestServer } from '../kit/server.ts';
import { openStream } from '../kit/stream-clients.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const chat = { captcha: { beforeFirstMessage: false }, flood: { messages: 100, lines: 2000 } };
const author: Author = {
  personId: '00112233445566aa',
  tag: '#k3f9',
  name: 'Ada',
  colour: '#ffcc00',
  tripcode: undefined,
  role: 'viewer',
};
const restart = /<meta http-equiv="refresh" content="0">$/;

/** A server, a function to say something there at once, and one to read its endless page. */
async function startChat(options: ServerOptions = {}) {
  const server = await startTestServer({ ...options, config: { chat, ...options.config } });
  const { room } = server.running.community;
  return {
    server,
    room,
    say: (text: string) => room.append({ author, text, replyTo: undefined, nonce: undefined }),
    read: (headers?: Record<string, string>) => readFrame(`${server.url}chat/live`, headers),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** The numbers of the messages, in the order in which they stand. */
function numbersIn(html: string): number[] {
  return [...html.matchAll(/ id="m(\d+)"/g)].map(([, number]) => Number(number));
}

describe('The endless page', () => {
  let chatting: Awaited<ReturnType<typeof startChat>>;
  let server: TestServer;

  before(async () => {
    chatting = await startChat({ title: 'A title' });
    server = chatting.server;
  });
  after(() => server.close());

  /** Milliseconds from the call of `act` until `text` has arrived. */
  async function arrival(reader: FrameReader, text: string, act: () => unknown): Promise<number> {
    const beganMs = performance.now();
    await act();
    await until(text, () => reader.cameAtMs(text), 2000);
    return (reader.cameAtMs(text) ?? 0) - beganMs;
  }

  it('begins with what was said, and is never compressed', async () => {
    chatting.say('before');
    await using reader = await chatting.read({ 'accept-encoding': 'br, gzip' });
    await until('the message', () => reader.html().includes('before'));
    assert.equal(reader.headers.get('content-type'), 'text/html; charset=utf-8');
    // A connection that is lost has to look like the end of the page.
    for (const absent of ['content-encoding', 'transfer-encoding', 'content-length']) {
      assert.equal(reader.headers.get(absent), null, absent);
    }
    assert.equal(reader.headers.get('cache-control'), 'no-store');
    assert.equal(reader.headers.get('refresh'), '3');
    assert.equal(reader.headers.get('date'), null);
    assert.match(reader.html(), /content:"A title"/);
  });

  it('brings a message within a quarter of a second of its post', async () => {
    const ada = await openTextBrowser(server.url);
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('log-lines'));
    const took: number[] = [];
    for (let n = 0; n < 10; n++) took.push(await arrival(reader, `quick ${n}<`, () => ada.say(`quick ${n}`)));
    assert.ok(Math.max(...took) < 250, `${took.map(Math.round)} ms`);
  });

  it('brings a new title, the number of viewers and the people at once', async () => {
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('log-lines'));
    const title = await arrival(reader, 'content:"Another title"', () =>
      writeFile(server.titlePath, 'Another title'),
    );
    const stream = await openStream(server.url);
    await until('one viewer', () => reader.cameAtMs('content:"1 watching"'), 2000);
    const viewersMs = await arrival(reader, 'content:"0 watching"', () => stream.stop());
    const ada = await openTextBrowser(server.url);
    const people = await arrival(reader, '>Countess<', () => ada.become({ name: 'Countess' }));
    // The file's watcher waits for the writer; a count that has just changed waits a second.
    assert.ok(title < 1000 && viewersMs < 1500 && people < 1000, `${[title, viewersMs, people]} ms`);
  });

  it('takes a hidden message away and brings it back', async () => {
    await using reader = await chatting.read();
    const { number } = chatting.say('to be hidden');
    await arrival(reader, `#m${number}{display:none}`, () => chatting.room.hide([number]));
    await arrival(reader, `#m${number}{display:block}`, () => chatting.room.unhide([number]));
    assert.ok(!reader.over());
  });

  it('begins anew to show a message that it has never had, between others', async () => {
    const { number } = chatting.say('hidden at first');
    chatting.say('after it');
    chatting.room.hide([number]);
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('after it'));
    assert.ok(!numbersIn(reader.html()).includes(number));
    chatting.room.unhide([number]);
    await until('the end', () => reader.over());
    assert.match(reader.html(), restart);
    await using next = await chatting.read();
    await until('the message', () => next.html().includes('hidden at first'));
    const numbers = numbersIn(next.html());
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  });

  it('begins anew when the chat is cleared, but not when what it does not show has expired', async () => {
    chatting.say('to be cleared');
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('to be cleared'));
    chatting.room.clear();
    await until('the end', () => reader.over());
    assert.match(reader.html(), restart);
    await using empty = await chatting.read();
    chatting.say('still there');
    await until('the message', () => empty.html().includes('still there'));
    assert.deepEqual(numbersIn(empty.html()), [chatting.room.lastNumber]);
    chatting.room.hide([chatting.room.lastNumber]);
    await using bare = await chatting.read();
    chatting.room.clear();
    chatting.say('news');
    await until('the next message', () => bare.html().includes('news'));
    assert.ok(!bare.over());
  });

  it('has a page beside it that waits for the picture, and that also asks for itself again when it is lost', async () => {
    await using waiting = await readFrame(`${server.url}player`);
    await until('the page', () => waiting.html().includes('The stream is off'));
    assert.equal(waiting.headers.get('refresh'), '3');
    assert.equal(waiting.headers.get('transfer-encoding'), null);
    assert.ok(!waiting.over());
  });

  it('tells HEAD what it is, and counts nobody for it', async () => {
    const head = await fetch(`${server.url}chat/live`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(await head.text(), '');
  });

  it('marks the messages of its reader, and carries his session in its addresses only without cookies', async () => {
    for (const cookies of [true, false]) {
      const ada = await openTextBrowser(server.url, { cookies });
      await ada.say(`mine ${cookies}`);
      const own = chatting.room.recent().at(-1)?.author.personId;
      await using reader = await readFrame(`${server.url}chat/live${ada.query}`, ada.headers);
      await until('the message', () => reader.html().includes(`mine ${cookies}`));
      assert.ok(reader.html().includes(`.p-${own}{border-left-color`));
      const links = [...reader.html().matchAll(/href="(\/chat\/[^"]*)"/g)].map(([, link = '']) => link);
      assert.ok(links.length > 2);
      for (const link of links) assert.equal(link.includes('t='), !cookies, link);
    }
  });
});

describe('The endless page, for long', { concurrency: true }, () => {
  it('says that it is alive, also while messages come', async () => {
    await using chatting = await startChat({ config: { web: { frames: { keepAliveS: 1 } } } });
    await using reader = await chatting.read();
    const signs = (): number => reader.html().split('@keyframes stale-').length - 1;
    await until('the page', () => signs() > 0);
    assert.match(reader.html(), /\.stale\{animation:stale-\d+ 1ms 2\.25s forwards\}/);
    const first = signs();
    const endsAtMs = performance.now() + 6000;
    while (signs() < first + 3 && performance.now() < endsAtMs) {
      chatting.say('on and on');
      await delay(200);
    }
    assert.ok(signs() >= first + 3, `${signs() - first} signs`);
  });

  it('begins anew when it has grown long, with all that was said', async () => {
    await using chatting = await startChat({
      config: { web: { frames: { maxKB: 100 } }, chat: { ...chat, shown: 30 } },
    });
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('log-lines'));
    const began = reader.html().length;
    for (let n = 0; n < 120; n++) chatting.say('x'.repeat(1000));
    await until('the end', () => reader.over());
    assert.match(reader.html(), restart);
    const grown = reader.html().length - began;
    assert.ok(grown > 75_000 && grown < 250_000, `${grown} bytes`);
    assert.deepEqual(new Set(numbersIn(reader.html())).size, numbersIn(reader.html()).length);
    await using next = await chatting.read();
    await until('the rest', () => numbersIn(next.html()).includes(120));
    assert.equal(numbersIn(next.html()).length, 30);
    // What it begins with does not count, or it would end as soon as it has begun.
    await delay(1200);
    assert.ok(!next.over());
  });

  it('begins with less when the messages are made to swell', async () => {
    await using chatting = await startChat();
    for (let n = 0; n < 256; n++) chatting.say('>>1 '.repeat(128));
    await using reader = await chatting.read();
    await until('the newest', () => numbersIn(reader.html()).includes(256));
    assert.ok(reader.html().length < 320_000, `${reader.html().length} bytes`);
    assert.ok(numbersIn(reader.html()).length > 30);
    const page = await (await fetch(chatting.server.url)).text();
    assert.ok(page.length < 100_000, `${page.length} bytes`);
  });

  it('begins anew when it is old', async () => {
    let skewMs = 0;
    await using chatting = await startChat({
      config: { web: { frames: { maxAgeMin: 5 } } },
      overrides: { now: () => Date.now() + skewMs },
    });
    await using reader = await chatting.read();
    skewMs = 3 * 60_000;
    await delay(1200);
    assert.ok(!reader.over());
    skewMs = 5 * 60_000;
    await until('the end', () => reader.over());
    assert.match(reader.html(), restart);
  });

  it('ends with the server, and tells the browser to come back a little later', async () => {
    await using chatting = await startChat();
    await using reader = await chatting.read();
    await until('the page', () => reader.html().includes('log-lines'));
    await chatting.server.close();
    await until('the end', () => reader.over());
    assert.match(reader.html(), /<meta http-equiv="refresh" content="3">$/);
  });

  it('says in words that there are too many, and lets the browser ask again', async () => {
    await using chatting = await startChat({ config: { web: { maxFrames: 2 } } });
    await using _one = await chatting.read();
    await using two = await chatting.read();
    const page = await fetch(`${chatting.server.url}chat/live`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 503);
    assert.equal(page.headers.get('refresh'), '60');
    assert.match(await page.text(), /Too many people are connected/);
    await two.close();
    await until('a place', async () => {
      await using next = await chatting.read();
      return next.status === 200;
    });
  });

  /** A GET that reads nothing until it is told to. */
  async function lazyReader(url: string): Promise<{ socket: Socket; html(): string }> {
    const { host, port } = new URL(url);
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.pause();
    await once(socket, 'connect');
    socket.write(`GET /chat/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    let html = '';
    socket.on('data', chunk => {
      html += String(chunk);
    });
    socket.pause();
    return { socket, html: () => html };
  }

  // More than the system's buffers between two ends of a connection hold.
  const large = 'y'.repeat(16_000);

  it('gives one who falls behind what he has missed, without holding it for him', async () => {
    await using chatting = await startChat({ config: { web: { frames: { maxKB: 100_000 } } } });
    const { socket, html } = await lazyReader(chatting.server.url);
    await delay(200);
    for (let n = 0; n < 900; n++) {
      chatting.say(large);
      if (n % 50 === 0) await delay(10);
    }
    chatting.room.hide([7]);
    socket.resume();
    await until('the last one', () => html().includes(' id="m900"'), 10_000);
    assert.deepEqual(
      numbersIn(html()),
      Array.from({ length: 900 }, (_, n) => n + 1),
    );
    await until('the hidden one', () => html().includes('#m7{display:none}'));
    socket.destroy();
  });

  it('begins anew for one who has missed too much, and lets go of one who takes nothing', async () => {
    let skewMs = 0;
    await using chatting = await startChat({
      config: { web: { frames: { maxKB: 100_000 } } },
      overrides: { now: () => Date.now() + skewMs },
    });
    const late = await lazyReader(chatting.server.url);
    const dead = await lazyReader(chatting.server.url);
    await delay(200);
    for (let n = 0; n < 2000; n++) {
      chatting.say(large);
      if (n % 50 === 0) await delay(10);
    }
    late.socket.resume();
    await until('the restart', () => late.html().includes('<meta http-equiv="refresh" content="0">'), 10_000);
    const numbers = numbersIn(late.html());
    assert.deepEqual(
      numbers,
      numbers.map((_, n) => n + 1),
    );
    late.socket.destroy();
    skewMs = 40_000;
    const ended = once(dead.socket, 'close');
    await delay(1000);
    dead.socket.resume();
    await ended;
    assert.ok(!numbersIn(dead.html()).includes(2000));
  });
});
