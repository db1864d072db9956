/** The chat without JavaScript over a bad line, over a restart of the server, and without cookies. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { said, somePerson } from '../kit/chat.ts';
import { startEncoder } from '../kit/encoder.ts';
import { layLine } from '../kit/line.ts';
import {
  click,
  inFrame,
  openWithoutScript,
  say,
  shownMessages,
  shownTexts,
  untilForm,
  untilLive,
  untilShown,
} from '../kit/noscript-page.ts';
import { startTestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};

describe('The column without JavaScript', { timeout: 180_000 }, () => {
  const opened: OpenBrowser[] = [];
  /** One page in each browser. */
  const pages = (): Page[] => opened.map(({ page }) => page);
  const inFirefox = (): Page => {
    const [page] = pages();
    if (!page) throw new Error('no Firefox');
    return page;
  };

  before(async () => {
    const size = { javascript: false, width: 1000, height: 700, likeTorBrowser: true };
    opened.push(await openBrowser({ browser: 'firefox', ...size }));
    opened.push(await openBrowser({ browser: 'chromium', ...size }));
  });
  after(async () => {
    for (const browser of opened) await browser.close();
  });

  it('says that the line is silent, and connects again by its link', async () => {
    const page = inFirefox();
    await using server = await startTestServer({ config: { chat, web: { frames: { keepAliveS: 1 } } } });
    await using line = await layLine(server.url);
    const { room } = server.running.community;
    await openWithoutScript(page, line.url);
    const isStale = async (): Promise<boolean> =>
      (await inFrame(
        page,
        'column',
        `document.querySelector('.stale').checkVisibility({ visibilityProperty: true })`,
      )) === true;
    // Signs of life come every second, and the notice after 2.25 s without one.
    const aliveUntilMs = performance.now() + 3500;
    await until(
      'time to pass',
      async () => {
        assert.equal(await isStale(), false);
        return performance.now() > aliveUntilMs;
      },
      6000,
    );
    line.deafen();
    room.append(said('not heard at first', somePerson()));
    await until('the notice', isStale, 10_000);
    await click(page, 'column', '.stale a');
    await untilShown(page, 'not heard at first');
    assert.equal(await isStale(), false);
  });

  it('comes back by itself when the line is lost, with each message once', async () => {
    await using server = await startTestServer({ config: { chat } });
    await using line = await layLine(server.url);
    const { room } = server.running.community;
    room.append(said('at first', somePerson()));
    await Promise.all(pages().map(page => openWithoutScript(page, line.url)));
    line.drop();
    room.append(said('while it is lost', somePerson()));
    await Promise.all(pages().map(page => untilShown(page, 'while it is lost')));
    room.append(said('after it', somePerson()));
    for (const page of pages()) {
      await untilShown(page, 'after it');
      assert.deepEqual(await shownTexts(page), ['at first', 'while it is lost', 'after it']);
    }
  });

  it('comes back by itself after a restart, as the same person, also in the middle of a message', async () => {
    const page = inFirefox();
    const dataDir = await mkdtemp(join(tmpdir(), 'restart-'));
    const places = { dataDir };
    await using first = await startTestServer({ config: { chat }, places });
    await using line = await layLine(first.url);
    await openWithoutScript(page, line.url);
    await click(page, 'form', 'a[href^="/chat/me"]');
    await untilForm(page, '[name=colour]');
    await click(page, 'form', '[name=name]');
    await page.keyboard.type('Ada');
    await click(page, 'form', '[value=save]');
    await say(page, 'before the restart');
    await untilShown(page, 'before the restart');
    await untilForm(page, '[name=text]');
    await click(page, 'form', '[name=text]');
    await page.keyboard.type('typed before, ');
    await inFrame(page, 'column', `document.title = 'of before'`);
    const ready = Promise.withResolvers<void>();
    line.hold(ready.promise);
    await first.close();
    await using second = await startTestServer({ config: { chat }, places });
    line.lead(second.url);
    ready.resolve();
    await until(
      'another page',
      async () => (await inFrame(page, 'column', `document.title`)) === 'Stream and chat',
      15_000,
    );
    await untilLive(page);
    await page.keyboard.type('sent after it');
    await page.keyboard.press('Enter');
    await untilShown(page, 'typed before, sent after it');
    const messages = await shownMessages(page);
    assert.deepEqual(
      messages.map(({ name, text }) => `${name}: ${text}`),
      ['Ada: before the restart', 'Ada: typed before, sent after it'],
    );
    // The accent at the left of one's own.
    const border = `new Set([...document.querySelectorAll('.m')].map(each => getComputedStyle(each).borderLeftColor)).size === 1 && getComputedStyle(document.querySelector('.m')).borderLeftColor`;
    assert.equal(await inFrame(page, 'column', border), 'rgb(191, 148, 255)');
    await rm(dataDir, { recursive: true, force: true });
  });

  it('does not keep the page from being complete while the stream is live', async () => {
    await using server = await startTestServer({ config: { chat } });
    await using _encoder = await startEncoder(server.channelDir);
    await until('it is live', () => server.running.channel.state === 'live', 15_000);
    await Promise.all(
      pages().map(async page => {
        // Resolves at the load event.
        await openWithoutScript(page, server.url);
        assert.equal(await page.evaluate('document.readyState'), 'complete');
        const badge = `getComputedStyle(document.querySelector('.badge'), '::after').content`;
        assert.equal(await inFrame(page, 'column', badge), '"Live"');
        // It counts by itself.
        const seconds = `getComputedStyle(document.querySelector('.stream-uptime')).getPropertyValue('--up-s')`;
        const before = await inFrame(page, 'column', seconds);
        await until('a second', async () => (await inFrame(page, 'column', seconds)) !== before, 3000);
      }),
    );
  });
});

describe('Firefox without cookies and JavaScript', { timeout: 120_000 }, () => {
  it('is one person who keeps a name, and tells no other site who', async t => {
    await using server = await startTestServer({ config: { chat, web: { clickableLinks: true } } });
    const size = { width: 1000, height: 700 };
    const opened = await openBrowser({ browser: 'firefox', javascript: false, cookies: false, ...size });
    t.after(() => opened.close());
    const { page } = opened;
    const { room } = server.running.community;
    const seen: { url: string; referer: string | undefined }[] = [];
    page.on('request', request => seen.push({ url: request.url(), referer: request.headers().referer }));
    await openWithoutScript(page, server.url);
    await say(page, 'without a name');
    await untilShown(page, 'without a name');
    await click(page, 'form', 'a[href^="/chat/me"]');
    await untilForm(page, '[name=colour]');
    await click(page, 'form', '[name=name]');
    await page.keyboard.type('Ada');
    await click(page, 'form', '[value=save]');
    await say(page, 'see http://127.0.0.1:1/elsewhere');
    await untilShown(page, 'see http://127.0.0.1:1/elsewhere');
    const [one, two] = room.recent();
    assert.equal(one?.author.personId, two?.author.personId);
    assert.equal(two?.author.name, 'Ada');
    // A reply is by the same person too.
    await click(page, 'column', `#m${one?.number} .time`);
    await untilForm(page, '.replying');
    await say(page, 'a reply');
    await untilShown(page, 'a reply');
    assert.equal(room.recent().at(-1)?.author.name, 'Ada');
    assert.equal(server.running.community.people.list().chatting.length, 1);

    assert.ok(seen.some(({ url }) => url.includes('t=')));
    assert.deepEqual(
      seen.filter(({ referer }) => referer !== undefined && referer !== ''),
      [],
    );
    for (const path of ['', 'chat/live', 'chat/form', 'chat/me', 'chat/plain', 'player', 'nothing']) {
      const { headers, body } = await fetch(server.url + path, { headers: { accept: 'text/html' } });
      await body?.cancel();
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
    }
    const link = `(({ rel, href }) => rel + ' ' + href)(document.querySelector('a.url'))`;
    assert.equal(
      await inFrame(page, 'column', link),
      'noreferrer noopener nofollow http://127.0.0.1:1/elsewhere',
    );
  });
});
