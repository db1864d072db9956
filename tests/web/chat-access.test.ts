/** The door: who may come in, what everybody else is told, and that it shuts behind those who are turned out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { captchaIn, makeSolvable, rightAnswer } from '../kit/captcha.ts';
import { joinChat } from '../kit/chatter.ts';
import { startEncoder } from '../kit/encoder.ts';
import { readFrame } from '../kit/frame-reader.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { noticeIn, openTextBrowser, type TextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const chat = { captcha: { beforeFirstMessage: false } };
const behind = [
  '/chat/live',
  '/chat/plain',
  '/chat/me',
  '/player',
  '/stream.mp4',
  '/stream.m3u8',
  '/hls/part1.m4s',
];

/** The answer to an upgrade, whatever it is. */
async function upgrade(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const { origin, host } = new URL(url);
  const asked = request(`${url}socket`, {
    headers: {
      ...headers,
      ...{ host, origin, connection: 'Upgrade', upgrade: 'websocket' },
      ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' },
    },
  }).end();
  const answer = await Promise.race([
    once(asked, 'response').then(([response]) => response),
    once(asked, 'upgrade').then(([response, socket]) => {
      socket.destroy();
      return response;
    }),
  ]);
  if (answer.statusCode === 101) return { status: 101, text: '' };
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, text };
}

async function seesNothing(url: string, visitor: TextBrowser, words: RegExp): Promise<void> {
  for (const path of behind) {
    const page = await visitor.get(path);
    assert.equal(page.status, 403, path);
    assert.match(page.html, words, path);
    assert.match(page.html, /^<!doctype html>/, path);
    // A player, which shows no pages, gets a line of text.
    const plain = await fetch(new URL(path, url), { headers: { ...visitor.headers, accept: '*/*' } });
    assert.equal(plain.status, 403, path);
    assert.match(await plain.text(), words, path);
  }
  const socket = await upgrade(url, visitor.headers);
  assert.equal(socket.status, 403);
  assert.match(socket.text, words);
}

async function seesAll(visitor: TextBrowser): Promise<void> {
  const page = await visitor.get('/');
  assert.equal(page.status, 200);
  assert.match(page.html, /class="column-frame"/);
  assert.equal((await visitor.get('/chat/plain')).status, 200);
}

describe('A site with a captcha at the door', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ config: { people: { access: 'captcha' }, chat } });
    makeSolvable(server.running.community);
  });
  after(() => server.close());

  for (const cookies of [true, false]) {
    it(`lets nobody see anything before, and everything after it, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const ada = await openTextBrowser(server.url, { cookies });
      await seesNothing(server.url, ada, /captcha/);
      const door = await ada.get('/');
      assert.equal(door.status, 403);
      assert.doesNotMatch(door.html, /<iframe/);
      assert.equal((await fetch(`${server.url}captcha/${captchaIn(door.html)}.png`)).status, 200);
      const style = /href="(\/assets\/style-[^"]+)"/.exec(door.html)?.[1] ?? '';
      assert.equal((await fetch(new URL(style, server.url))).status, 200);

      const wrong = await ada.submit(door, { captchaAnswer: 'nonsense' });
      assert.equal(wrong.status, 422);
      assert.match(noticeIn(wrong.html), /not what the picture shows/);
      assert.notEqual(captchaIn(wrong.html), captchaIn(door.html));
      const entered = await ada.submit(wrong, { captchaAnswer: rightAnswer });
      assert.equal(entered.status, 303);
      assert.equal(entered.headers.get('location'), `/${ada.query}`);
      await seesAll(ada);
      // One who presses the button twice has come in all the same.
      assert.equal((await ada.submit(wrong, { captchaAnswer: rightAnswer })).status, 303);
      if (cookies) assert.equal((await upgrade(server.url, ada.headers)).status, 101);
    });
  }

  it('keeps out who comes without a session, such as a player with the bare address', async () => {
    for (const path of behind) assert.equal((await fetch(new URL(path, server.url))).status, 403, path);
    assert.equal((await upgrade(server.url, {})).status, 403);
  });

  it('does not let a captcha be solved with the session of another', async () => {
    const [ada, eve] = [await openTextBrowser(server.url), await openTextBrowser(server.url)];
    const form = await ada.get('/');
    assert.equal((await eve.submit(form, { captchaAnswer: rightAnswer })).status, 403);
    assert.equal((await eve.get('/')).status, 403);
  });

  it('gives a message back that was written at the door, and takes it with the captcha', async () => {
    const ada = await openTextBrowser(server.url);
    const asked = await ada.send('/chat/form', { text: 'from outside' });
    assert.equal(asked.status, 422);
    assert.ok(asked.html.includes('value="from outside"'));
    assert.equal((await ada.submit(asked, { text: 'from outside', captchaAnswer: rightAnswer })).status, 303);
    await seesAll(ada);
  });

  it('lists nobody who only stands at the door', async () => {
    const ada = await openTextBrowser(server.url);
    await ada.submit(await ada.get('/'), { captchaAnswer: rightAnswer });
    await ada.become({ name: 'Inside' });
    for (let n = 0; n < 3; n++) await openTextBrowser(server.url);
    const page = await until('the list', async () => {
      const { html } = await ada.get('/chat/plain');
      return html.includes('>Inside<') && html;
    });
    const listed = /In chat \((\d+)\)/.exec(page)?.[1];
    const entered = server.running.community.people.list().chatting.filter(each => each.captchaPassedAtMs);
    assert.equal(Number(listed), entered.length);
  });
});

describe('A site for members', () => {
  let server: TestServer;
  const invite = (expiresAtMs: number | null = null): string => {
    const order = { grants: 'member', note: 'a test', by: 'broadcaster', expiresAtMs } as const;
    return server.running.community.invitations.create(order).token;
  };
  before(async () => {
    server = await startTestServer({ config: { people: { access: 'members' }, chat } });
  });
  after(() => server.close());

  for (const cookies of [true, false]) {
    it(`opens by a link that invites, once, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const token = invite();
      const path = `/?invite=${token}`;
      const [ada, bea] = [
        await openTextBrowser(server.url, { cookies, path }),
        await openTextBrowser(server.url, { cookies, path }),
      ];
      await seesNothing(server.url, ada, /members/);
      // To look at the link is not to use it.
      const door = await ada.get(path);
      assert.equal(door.status, 403);
      assert.ok(door.html.includes(`value="${token}"`));
      assert.equal((await ada.submit(door, { invitation: token })).status, 303);
      await seesAll(ada);
      const late = await bea.submit(await bea.get(path), { invitation: token });
      assert.equal(late.status, 422);
      assert.match(noticeIn(late.html), /used already/);
      assert.equal((await bea.get('/')).status, 403);
    });
  }

  it('takes an invitation that is typed, or pasted as the whole address', async () => {
    for (const typed of [
      (token: string) => ` ${token} `,
      (token: string) => `http://x.onion/?invite=${token}`,
    ]) {
      const ada = await openTextBrowser(server.url);
      assert.equal((await ada.submit(await ada.get('/'), { invitation: typed(invite()) })).status, 303);
      await seesAll(ada);
    }
  });

  it('says what is wrong with an invitation', async () => {
    const ada = await openTextBrowser(server.url);
    for (const [typed, expected] of [
      ['', /not valid/],
      ['nonsense', /not valid/],
      ['<script>"', /not valid/],
      [invite(Date.now() - 1), /expired/],
    ] as const) {
      const answer = await ada.submit(await ada.get('/'), { invitation: typed });
      assert.equal(answer.status, 422);
      assert.match(noticeIn(answer.html), expected);
      assert.doesNotMatch(answer.html, /<script/);
    }
  });

  it('lets a player in by the addresses that its member is shown, with every piece of the stream', async () => {
    await using _encoder = await startEncoder(server.channelDir, { announced: true });
    const { channel } = server.running;
    await until('a segment', () => channel.window.segments[1]?.complete, 15_000);
    for (const cookies of [true, false]) {
      const ada = await openTextBrowser(server.url, { cookies });
      await ada.submit(await ada.get('/'), { invitation: invite() });
      const { html } = await ada.get('/');
      const [stream, playlist] = [...html.matchAll(/<code>(http:[^<]*)<\/code>/g)].map(
        ([, address = '']) => address,
      );
      assert.match(stream ?? '', /\/stream\.mp4\?t=/);
      await using reader = await readFrame(stream ?? '');
      assert.equal(reader.status, 200);
      await until('bytes', () => reader.html().includes('moof'));
      const list = await (await fetch(playlist ?? '')).text();
      const pieces = list.match(/hls\/[^"\n]+/g) ?? [];
      assert.ok(pieces.length > 4, list);
      for (const piece of new Set(pieces)) {
        const response = await fetch(server.url + piece);
        await response.body?.cancel();
        assert.equal(response.status, 200, piece);
      }
      // It is good for the stream alone: whoever is given it is not that member.
      const [, pass = ''] = /(\?t=.*)/.exec(stream ?? '') ?? [];
      for (const path of ['', 'chat/me', 'chat/live', 'broadcaster/log', 'socket']) {
        const { status } = await fetch(`${server.url}${path}${pass}`);
        assert.ok(status === 403 || status === 426 || path.startsWith('broadcaster'), `${path}: ${status}`);
      }
    }
  });

  const made = async (password: string): Promise<string> => {
    const { people } = server.running.community;
    const { tripcode } = await people.setTripcode(people.arrive('T'.repeat(22)).id, password);
    people.clearTripcode(people.arrive('T'.repeat(22)).id);
    return tripcode?.text ?? assert.fail();
  };

  for (const cookies of [true, false]) {
    it(`opens by the password of a tripcode on the list, ${cookies ? 'with' : 'without'} cookies, and shuts without it`, async () => {
      const { commands, club } = server.running.community.moderation;
      const tripcode = await made('of the friends');
      club.allowTripcode({ tripcode, note: '', by: 'broadcaster' });
      const ada = await openTextBrowser(server.url, { cookies });
      const door = await ada.get('/');
      assert.match(door.html, /<label>[^<]*password of your tripcode <input name="password" type="password"/);
      const wrong = await ada.submit(door, { invitation: '', password: 'of nobody' });
      assert.equal(wrong.status, 422);
      assert.match(noticeIn(wrong.html), /No member has the tripcode of this password/);
      assert.doesNotMatch(wrong.html, /of nobody/);
      await seesNothing(server.url, ada, /members/);
      assert.equal((await ada.submit(wrong, { invitation: '', password: 'of the friends' })).status, 303);
      await seesAll(ada);
      await using frame = await readFrame(`${server.url}chat/live${ada.query}`, ada.headers);
      assert.equal(frame.status, 200);
      const line = `members forbid ${tripcode}`;
      await commands.runLine(line, { role: 'broadcaster', name: 'broadcaster' });
      await until('the frame ends', () => frame.over(), 500);
      await seesNothing(server.url, ada, /members/);
    });
  }

  it('asks for a captcha with each password when many wrong ones came in, and keeps nobody out by that', async () => {
    await using site = await startTestServer({ config: { people: { access: 'members' }, chat } });
    const { community } = site.running;
    makeSolvable(community);
    const { tripcode } = await community.people.setTripcode(
      community.people.arrive('T'.repeat(22)).id,
      'of the friends',
    );
    community.moderation.club.allowTripcode({ tripcode: tripcode?.text ?? '', note: '', by: 'x' });
    const ada = await openTextBrowser(site.url);
    const door = await ada.get('/');
    assert.equal(captchaIn(door.html), undefined);
    for (let n = 0; n < 20; n++) {
      const eve = await openTextBrowser(site.url);
      const guess = { invitation: '', password: `guess ${n}` };
      assert.match(noticeIn((await eve.submit(await eve.get('/'), guess)).html), /No member has/);
    }
    const early = await ada.submit(door, { password: 'of the friends' });
    assert.equal(early.status, 422);
    assert.match(noticeIn(early.html), /letters of the picture/);
    const wrong = { password: 'of the friends', captchaAnswer: 'nonsense' };
    assert.equal((await ada.submit(early, wrong)).status, 422);
    const right = { password: 'of the friends', captchaAnswer: rightAnswer };
    assert.equal((await ada.submit(await ada.get('/'), right)).status, 303);
    await seesAll(ada);
    const order = { grants: 'member', note: '', by: 'broadcaster', expiresAtMs: null } as const;
    const { token } = community.invitations.create(order);
    const bea = await openTextBrowser(site.url);
    assert.equal((await bea.submit(await bea.get('/'), { invitation: token })).status, 303);
  });

  it('leaves the way to the desk open, however its address is written', async () => {
    for (const path of ['broadcaster', 'broadcaster/', 'Broadcaster', 'Broadcaster/Login/']) {
      const { status, url } = await fetch(server.url + path, { headers: { accept: 'text/html' } });
      assert.notEqual(status, 403, url);
    }
  });

  it('shuts at once for one who is a member no longer', async () => {
    const ada = await openTextBrowser(server.url);
    await ada.submit(await ada.get('/'), { invitation: invite() });
    await using frame = await readFrame(`${server.url}chat/live`, ada.headers);
    await using stream = await readFrame(`${server.url}stream.mp4`, ada.headers);
    const id = await until('her mark', () => /\.p-([0-9a-f]{16})\{/.exec(frame.html())?.[1]);
    server.running.community.people.setMember(id, false);
    await until('the frame ends', () => frame.over(), 500);
    await until('the stream ends', () => stream.over(), 500);
    await seesNothing(server.url, ada, /members/);
  });
});

describe('Somebody who is banned', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ config: { chat } });
  });
  after(() => server.close());

  it('loses video, frame and socket at once, and is told so in words', async () => {
    await using mallory = await joinChat(server.url, { name: 'Mallory' });
    await using ada = await joinChat(server.url, { name: 'Ada' });
    const { headers } = mallory;
    await using frame = await readFrame(`${server.url}chat/live`, headers);
    await using second = await readFrame(`${server.url}chat/live`, headers);
    await using adas = await readFrame(`${server.url}chat/live`, ada.headers);
    await using stream = await readFrame(`${server.url}stream.mp4`, headers);
    await using adasStream = await readFrame(`${server.url}stream.mp4`, ada.headers);
    const { bans, people } = server.running.community;
    const person = people.find(mallory.id);
    assert.ok(person);
    const order = { kind: 'ban', person, name: 'Mallory', reason: '', by: 'broadcaster' } as const;
    const [{ id }] = bans.add({ ...order, untilMs: Date.now() + 3_600_000 }).bans;
    await until('both frames end', () => frame.over() && second.over(), 500);
    await until('the stream ends', () => stream.over(), 500);
    await until('the socket ends', () => mallory.closed(), 500);
    // So that his browser asks again, and is told.
    assert.match(frame.html(), /<meta http-equiv="refresh" content="0">$/);
    const browser = await openTextBrowser(server.url);
    Object.assign(browser.headers, headers);
    await seesNothing(
      server.url,
      browser,
      /You have been banned from this stream\. Come back in 60 minutes\./,
    );
    assert.equal((await browser.get('/')).status, 403);

    // A message he still had in his form comes back to him.
    const refused = await browser.send('/chat/form', { text: 'but' });
    assert.equal(refused.status, 403);
    assert.match(noticeIn(refused.html), /You are banned in this chat/);
    assert.ok(refused.html.includes('value="but"'));

    assert.ok(!adas.over() && !adasStream.over() && !ada.closed());
    await ada.say('he is gone');
    await until('she goes on', () => adas.html().includes('he is gone'));
    await until(
      'he is not in the list',
      () => !adas.html().split('class="people"').at(-1)?.includes('>Mallory<'),
    );

    bans.lift(id);
    assert.equal((await browser.get('/')).status, 200);
  });

  it('takes the others with the same tripcode along, and who gives himself that tripcode', async () => {
    const first = await openTextBrowser(server.url);
    const second = await openTextBrowser(server.url);
    const third = await openTextBrowser(server.url);
    for (const each of [first, second]) await each.become({ password: 'one of many' });
    await first.say('it is me');
    await using frame = await readFrame(`${server.url}chat/live`, second.headers);
    await using thirds = await readFrame(`${server.url}chat/live`, third.headers);
    const { bans, people, room } = server.running.community;
    const person = people.find(room.recent().at(-1)?.author.personId ?? '');
    assert.ok(person);
    bans.add({ kind: 'ban', person, name: 'x', untilMs: null, reason: '', by: 'broadcaster' });
    await until('the frame of the other ends', () => frame.over(), 500);
    assert.equal((await second.get('/')).status, 403);
    assert.ok(!thirds.over());
    await third.become({ password: 'one of many' });
    await until('the third is out too', () => thirds.over(), 500);
    assert.match((await third.get('/')).html, /You have been banned from this stream\.</);
  });

  it('is only silent when he is muted', async () => {
    await using mallory = await joinChat(server.url);
    const { bans, people } = server.running.community;
    const person = people.find(mallory.id);
    assert.ok(person);
    bans.add({ kind: 'mute', person, name: 'x', untilMs: null, reason: '', by: 'broadcaster' });
    await assert.rejects(mallory.say('mmh'), /You are muted in this chat/);
    assert.ok(!mallory.closed());
  });
});
