/** Moderating from the chat over the socket, and what reaches people by both ways. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { said } from '../kit/chat.ts';
import { joinChat } from '../kit/chatter.ts';
import { readFrame } from '../kit/frame-reader.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { logIn, logOut, personIdOf } from '../kit/staff.ts';
import { openStaff, readColumn } from '../kit/staff-column.ts';
import { openStream, startStream } from '../kit/stream-clients.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { countTurns } from '../kit/turns.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};
const frame = z.looseObject({ type: z.string() });
const acted = z.object({
  type: z.literal('acted'),
  nonce: z.string(),
  ok: z.boolean(),
  sentence: z.string(),
  undo: z.array(z.number()),
});
const messages = z.array(z.looseObject({ number: z.number(), hidden: z.boolean().optional() }));
const snapshot = z.object({ type: z.literal('snapshot'), messages });
const hide = z.object({
  type: z.literal('change'),
  change: z.object({
    type: z.literal('hide'),
    numbers: z.array(z.number()),
    veiled: z.array(z.number()).optional(),
  }),
});

/** A socket with all that it was told. */
async function openSocket(server: TestServer, cookie: string) {
  const headers = { cookie, origin: new URL(server.url).origin };
  const socket = new WebSocket(`${server.socketUrl}/socket`, { headers });
  const told: z.infer<typeof frame>[] = [];
  let isClosed = false;
  socket.addEventListener('message', ({ data }) => told.push(frame.parse(JSON.parse(String(data)))));
  socket.addEventListener('close', () => {
    isClosed = true;
  });
  const all = <T>(schema: z.ZodType<T>): T[] => told.flatMap(each => schema.safeParse(each).data ?? []);
  await until('a snapshot', () => all(snapshot)[0]);
  return {
    told,
    all,
    isClosed: () => isClosed,
    async act(order: object): Promise<z.infer<typeof acted>> {
      const nonce = randomBytes(8).toString('hex');
      socket.send(JSON.stringify({ type: 'act', nonce, numbers: [], personIds: [], ...order }));
      return until('an answer', () => all(acted).find(answer => answer.nonce === nonce));
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

describe('Staff with JavaScript', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ config: { chat } });
  });
  after(() => server.close());

  const append = (text: string): number => server.running.community.room.append(said(text)).number;

  it('is told what they may do, and sees what is hidden; nobody else is', async () => {
    const [staff, viewer] = [await openTextBrowser(server.url), await openTextBrowser(server.url)];
    await logIn(server, staff.headers.cookie ?? '', 'Eve');
    const number = append('to be hidden');
    using eve = await openSocket(server, staff.headers.cookie ?? '');
    using other = await openSocket(server, viewer.headers.cookie ?? '');
    assert.ok(eve.told.some(({ type }) => type === 'staff'));
    assert.ok(!other.told.some(({ type }) => type === 'staff'));
    const done = await eve.act({ act: 'hide', numbers: [number] });
    assert.equal(done.sentence, `Hidden: message ${number}.`);
    const forStaff = await until('staff is told', () => eve.all(hide)[0]);
    assert.deepEqual(forStaff.change, { type: 'hide', numbers: [], veiled: [number] });
    const forOthers = await until('the others are told', () => other.all(hide)[0]);
    assert.deepEqual(forOthers.change, { type: 'hide', numbers: [number] });
    using late = await openSocket(server, staff.headers.cookie ?? '');
    assert.equal(late.all(snapshot)[0]?.messages.find(each => each.number === number)?.hidden, true);
    using lateOther = await openSocket(server, viewer.headers.cookie ?? '');
    assert.ok(!lateOther.all(snapshot)[0]?.messages.some(each => each.number === number));
  });

  it('becomes and ceases to be staff on a socket that is open, and is obeyed only in between', async () => {
    const browser = await openTextBrowser(server.url);
    const cookie = browser.headers.cookie ?? '';
    const number = append('something');
    using socket = await openSocket(server, cookie);
    const before = await socket.act({ act: 'hide', numbers: [number] });
    assert.deepEqual([before.ok, server.running.community.room.find(number)?.hidden], [false, false]);
    assert.match(before.sentence, /not logged in/);
    await logIn(server, cookie, 'Eve');
    await until('the acts', () => socket.told.find(({ type }) => type === 'staff'));
    await until('another snapshot', () => socket.all(snapshot).length === 2);
    assert.equal((await socket.act({ act: 'hide', numbers: [number] })).ok, true);
    logOut(server, cookie);
    await until('a snapshot without it', () => socket.all(snapshot).length === 3);
    assert.ok(
      !socket
        .all(snapshot)
        .at(-1)
        ?.messages.some(each => each.number === number),
    );
    assert.equal((await socket.act({ act: 'unhide', numbers: [number] })).ok, false);
    assert.equal(server.running.community.room.find(number)?.hidden, true);
  });

  it('takes as many messages at once as a page holds of somebody who reads back', async () => {
    const browser = await openTextBrowser(server.url);
    await logIn(server, browser.headers.cookie ?? '', 'Eve');
    using eve = await openSocket(server, browser.headers.cookie ?? '');
    const numbers = Array.from({ length: 1250 }, (_, index) => append(`line ${index}`));
    const done = await eve.act({ act: 'hide', numbers });
    assert.match(done.sentence, /^Hidden: messages .* and 1230 more\.$/);
    assert.equal(server.running.community.room.find(numbers.at(-1) ?? 0)?.hidden, true);
    assert.equal((await eve.act({ type: 'undo', ids: done.undo })).ok, true);
    assert.ok(!eve.isClosed());
  });

  it('does something to many people at once, and is told of those it was refused for', async () => {
    const browser = await openTextBrowser(server.url);
    await logIn(server, browser.headers.cookie ?? '', 'Eve');
    using eve = await openSocket(server, browser.headers.cookie ?? '');
    const guests = [];
    for (const name of ['Ann', 'Ben', 'Cat', 'Dan', 'Eli']) guests.push(await joinChat(server.url, { name }));
    const numbers = [];
    for (const guest of guests) numbers.push(await guest.say(`from ${guest.tag}`));
    const boss = append('not from here');
    const done = await eve.act({
      act: 'ban-1h',
      numbers: [...numbers, boss],
      personIds: ['00112233445566ff'],
    });
    assert.match(done.sentence, /^Ban 1 h: done for 6 people\. Nobody here is “00112233445566ff”/);
    assert.equal(done.undo.length, 6);
    for (const guest of guests) await until('everyone is cut off', () => guest.closed());

    using turn = countTurns();
    const turns: number[] = [];
    const stop = server.running.community.bans.changes.subscribe(() => turns.push(turn.now()));
    const undone = await eve.act({ type: 'undo', ids: done.undo });
    stop();
    assert.equal(undone.ok, true);
    assert.equal(
      new Set(turns).size,
      6,
      `what else waits is held up by none but one of them: in turns ${turns}`,
    );
  });
});

describe('A house that somebody has filled', () => {
  it('has a place for staff, with JavaScript and without', async () => {
    await using server = await startTestServer({ config: { chat, web: { maxFrames: 2 } } });
    const [one, two] = [await joinChat(server.url), await joinChat(server.url)];
    await using first = await readFrame(`${server.url}chat/live`, {});
    await using second = await readFrame(`${server.url}chat/live`, {});
    await until('both pages', () => [first, second].every(page => page.html().includes('log-lines')));
    const guest = await openTextBrowser(server.url);
    assert.equal((await guest.get('/chat/live')).status, 503);
    await using staff = await openStaff(server, 'Eve');
    using socket = await openSocket(server, staff.cookie);
    assert.ok(socket.told.some(({ type }) => type === 'staff'));
    for (const filler of [one, two]) await filler.close();
  });
});

describe('A ban', () => {
  it('cuts the video, the page and the socket that the person has open at once, and says why in their place', async () => {
    await using stream = await startStream();
    const { server } = stream;
    const guest = await openTextBrowser(server.url);
    const cookie = guest.headers.cookie ?? '';
    const browser = await openTextBrowser(server.url);
    await logIn(server, browser.headers.cookie ?? '', 'Eve');
    using eve = await openSocket(server, browser.headers.cookie ?? '');
    const video = await openStream(server.url, { cookie });
    const others = await openStream(server.url);
    await until('the picture', () => video.bytes().length > 0);
    await using column = await readColumn(server, guest);
    using socket = await openSocket(server, cookie);
    const personId = personIdOf(server, cookie);
    assert.equal((await eve.act({ act: 'ban-1d', personIds: [personId] })).ok, true);
    await until('the video ends', () => video.over());
    await until('the page ends', () => column.over());
    await until('the socket closes', () => socket.isClosed());
    for (const path of ['/', '/chat/live', '/stream.mp4', '/player']) {
      const { status, html } = await guest.get(path);
      assert.equal(status, 403, path);
      assert.match(html, /You have been banned from this stream\. Come back in/);
    }
    assert.ok(!others.over());
    await eve.act({ act: 'lift', personIds: [personId] });
    assert.equal((await guest.get('/')).status, 200);
    await Promise.all([video.stop(), others.stop()]);
  });
});
