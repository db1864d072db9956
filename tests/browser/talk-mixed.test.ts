/** Two people talk: one with JavaScript, in Chromium, and one without, in Firefox as Tor Browser at its Safest level. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { openChat, texts, type } from '../kit/chat-page.ts';
import {
  click,
  openWithoutScript,
  say,
  shownMessages,
  shownTexts,
  untilForm,
  untilShown,
} from '../kit/noscript-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const author = z.object({ name: z.string(), colour: z.string(), trip: z.string() });

describe('One person with JavaScript and one without', { timeout: 120_000 }, () => {
  let server: TestServer;
  const browsers: OpenBrowser[] = [];
  let scripted: Page;
  let plain: Page;

  before(async () => {
    const flood = { messages: 100, lines: 2000 };
    server = await startTestServer({
      config: { chat: { captcha: { beforeFirstMessage: false, afterFlood: false }, flood } },
    });
    const size = { width: 1000, height: 700 };
    browsers.push(await openBrowser({ browser: 'chromium', javascript: true, ...size }));
    browsers.push(
      await openBrowser({ browser: 'firefox', javascript: false, likeTorBrowser: true, ...size }),
    );
    const [one, two] = browsers.map(({ page }) => page);
    if (!one || !two) throw new Error('no browsers');
    [scripted, plain] = [one, two];
    await openChat(scripted, server.url);
    await openWithoutScript(plain, server.url);
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
    await server?.close();
  });

  const untilTexts = (text: string): Promise<boolean> =>
    until(`“${text}” with JavaScript`, async () => (await texts(scripted)).includes(text), 15_000);

  it('see each other’s messages within a second', async () => {
    await type(scripted, 'from the one with', 'Enter');
    let sentAtMs = performance.now();
    await untilShown(plain, 'from the one with');
    let tookMs = performance.now() - sentAtMs;
    assert.ok(tookMs < 1000, `${tookMs} ms`);
    await say(plain, 'from the one without');
    sentAtMs = performance.now();
    await untilTexts('from the one without');
    tookMs = performance.now() - sentAtMs;
    assert.ok(tookMs < 1000, `${tookMs} ms`);
  });

  it('see the same names, colours and tripcodes', async () => {
    await click(plain, 'form', 'a[href^="/chat/me"]');
    await untilForm(plain, '[name=colour]');
    await click(plain, 'form', '[name=name]');
    await plain.keyboard.type('Plain Jane');
    await click(plain, 'form', '[name=password]');
    await plain.keyboard.type('a password');
    await click(plain, 'form', '[value=save]');
    await say(plain, 'my name is Jane');
    await untilTexts('my name is Jane');
    // The one with JavaScript by the same form, which has its place in the page there.
    const { cookie } = Object.fromEntries(
      (await browsers[0]?.page.browserContext().cookies())?.map(({ name, value }) => [
        'cookie',
        `${name}=${value}`,
      ]) ?? [],
    );
    const form = await openTextBrowser(server.url);
    form.headers.cookie = cookie ?? '';
    await form.become({ name: 'Scripted Sam', colour: '#12ff34', password: 'another' });
    await type(scripted, 'my name is Sam', 'Enter');
    await untilShown(plain, 'my name is Sam');
    await untilTexts('my name is Sam');

    const seenByPlain = (await shownMessages(plain)).map(({ name, colour, trip, text }) => ({
      name,
      colour,
      trip,
      text,
    }));
    const look = `[...document.querySelectorAll('.m[id]')].map(each => ({
      name: each.querySelector('.name').textContent,
      colour: getComputedStyle(each.querySelector('.name')).color,
      trip: each.querySelector('.trip')?.textContent ?? '',
      text: each.querySelector('.text').textContent,
    }))`;
    const seenByScripted = z.array(author.extend({ text: z.string() })).parse(await scripted.evaluate(look));
    assert.deepEqual(seenByPlain, seenByScripted);
    const [jane, sam] = seenByPlain.slice(-2);
    assert.equal(jane?.name, 'Plain Jane');
    assert.match(jane?.trip ?? '', /^[\w-]{12}$/);
    assert.deepEqual([sam?.name, sam?.colour], ['Scripted Sam', 'rgb(18, 255, 52)']);
    assert.notEqual(jane?.trip, sam?.trip);
  });

  it('both lose a message that is hidden, and see it again at its place', async () => {
    const { room } = server.running.community;
    const [, second] = room.recent();
    const before = await shownTexts(plain);
    room.hide([second?.number ?? 0]);
    const gone = before.filter(text => text !== second?.text);
    const look = async (): Promise<unknown> =>
      JSON.stringify([await shownTexts(plain), await texts(scripted)]);
    await until('both without it', async () => (await look()) === JSON.stringify([gone, gone]));
    room.unhide([second?.number ?? 0]);
    await until('both with it', async () => (await look()) === JSON.stringify([before, before]));
  });
});
