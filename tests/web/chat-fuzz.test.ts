/** Requests of all kinds, seeded, and crowds that come and go: no request ends in a defect, and nothing grows for ever. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BoundedSessionStore } from '../../app/web/session-store.ts';
import { readFrame } from '../kit/frame-reader.ts';
import { hostileText } from '../kit/hostile.ts';
import { below, seeded } from '../kit/seeded.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser, type TextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

describe('Whatever is asked', { timeout: 60_000 }, () => {
  let server: TestServer;
  let known: TextBrowser;
  before(async () => {
    server = await startTestServer({ title: 'A title' });
    known = await openTextBrowser(server.url);
  });
  after(() => server.close());

  it('is answered without a defect', async () => {
    const random = seeded(3);
    const pick = <T>(of: readonly T[]): T => {
      const picked = of[below(random, of.length)];
      if (picked === undefined) throw new Error('nothing to pick');
      return picked;
    };
    const paths = [
      '',
      'chat/live',
      'chat/plain',
      'chat/form',
      'chat/me',
      'enter',
      'captcha/x.png',
      'emotes/a',
      'socket',
    ];
    const more = [
      'player',
      'stream.m3u8',
      'hls/part1.m4s',
      'assets/style.css',
      'chat',
      'chat/form/',
      'CHAT/FORM',
    ];
    const names = [
      't',
      'reply',
      'invite',
      'after',
      'sound',
      'text',
      'csrf',
      'name',
      'colour',
      'nonce',
      'captchaId',
      '__proto__',
    ];
    const some = (): string => {
      const pairs = Array.from({ length: below(random, 4) }, () => {
        const value = pick([hostileText(random, 3), 'x'.repeat(below(random, 3000)), '1', '']);
        return `${pick(names)}${pick(['', '', '[]', '[x]'])}=${pick([encodeURIComponent, escapeNothing])(value)}`;
      });
      return pairs.join('&');
    };
    const statuses = new Map<number, number>();
    for (let n = 0; n < 600; n++) {
      const path = pick([...paths, ...more, encodeURIComponent(hostileText(random, 2))]);
      const method = pick(['GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
      const type = pick([
        'application/x-www-form-urlencoded',
        'application/json',
        'text/plain',
        'multipart/form-data',
      ]);
      const cookie = pick([
        '',
        known.headers.cookie ?? '',
        'visitor=',
        'visitor=s%3Ax.y',
        `visitor=${'z'.repeat(2000)}`,
      ]);
      const accept = pick(['text/html', '*/*', 'image/png', '']);
      const hasBody = !['GET', 'HEAD'].includes(method);
      const abort = new AbortController();
      const response = await fetch(`${server.url}${path}?${some()}`, {
        method,
        headers: { accept, ...(cookie ? { cookie } : {}), ...(hasBody ? { 'content-type': type } : {}) },
        ...(hasBody ? { body: some() } : {}),
        redirect: 'manual',
        signal: abort.signal,
      });
      assert.notEqual(response.status, 500, `${method} ${path}`);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      // Some have no end.
      abort.abort();
    }
    assert.deepEqual(
      server.logged.filter(line => line.includes(' error ')),
      [],
    );
    assert.ok((statuses.get(200) ?? 0) > 100 && (statuses.get(404) ?? 0) > 20, JSON.stringify([...statuses]));
    assert.equal((await known.get('/')).status, 200);
  });
});

function escapeNothing(text: string): string {
  return text.replaceAll(/[\u0000-\u0020\u007f-\uffff#]/g, '.');
}

describe('A crowd', () => {
  it('is served for ever, while only so many people are remembered', async () => {
    await using server = await startTestServer({
      config: { people: { maxPersons: 20 }, chat: { captcha: { beforeFirstMessage: false } } },
    });
    const { people } = server.running.community;
    const ada = await openTextBrowser(server.url);
    await ada.become({ name: 'Ada' });
    await using frame = await readFrame(`${server.url}chat/live`, ada.headers);
    for (let n = 0; n < 200; n++) {
      const someone = await openTextBrowser(server.url, { cookies: n % 2 === 0 });
      if (n % 10 === 0) await someone.say(`I am number ${n}`);
      assert.ok(people.size <= 20, `${people.size} people`);
    }
    // Whoever has something open stays.
    assert.ok(people.list().chatting.some(({ name }) => name === 'Ada'));
    assert.ok(!frame.over());
    assert.match((await ada.get('/chat/form')).html, />Ada</);
  });

  it('is told in words when everybody in memory has a page open', async () => {
    await using server = await startTestServer({ config: { people: { maxPersons: 10 } } });
    const readers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { headers } = await openTextBrowser(server.url);
        return readFrame(`${server.url}chat/live`, headers);
      }),
    );
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 503);
    assert.match(await page.text(), /Too many people are here\. Try again in a few minutes\./);
    await readers[0]?.close();
    await until('a place', async () => (await fetch(server.url)).status === 200);
    for (const reader of readers) await reader.close();
  });
});

describe('The store of sessions', () => {
  it('forgets the least recently used beyond its size, and takes a signed id that it does not know for a visitor', async () => {
    const cookie = { path: '/' };
    const store = new BoundedSessionStore({ maxSessions: 3, cookie });
    const get = promisify(store.get.bind(store));
    const session = { cookie: { originalMaxAge: null }, visitor: true as const };
    for (const id of ['a', 'b', 'c']) store.set(id, { ...session, marked: true } as typeof session);
    await get('a');
    store.set('d', session);
    const isMarked = async (id: string): Promise<boolean> => 'marked' in ((await get(id)) ?? {});
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(isMarked)), [true, false, true]);
    assert.equal((await get('never seen'))?.visitor, true);
    store.destroy('a');
    assert.equal(await isMarked('a'), false);
  });
});
