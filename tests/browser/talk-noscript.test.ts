/** People talk without JavaScript: one in Firefox as in Tor Browser at its Safest level, one in Chromium. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { siteAuthor } from '../../app/chat/message.ts';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { said, somePerson } from '../kit/chat.ts';
import {
  click,
  inFrame,
  openWithoutScript,
  say,
  shownMessages,
  shownTexts,
  untilForm,
  untilShown,
} from '../kit/noscript-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};

describe('Two people without JavaScript', { timeout: 180_000 }, () => {
  let server: TestServer;
  let room: TestServer['running']['community']['room'];
  const browsers: OpenBrowser[] = [];
  let firefox: Page;
  let chromium: Page;

  const both = async (check: (page: Page) => Promise<void>): Promise<void> => {
    await Promise.all([firefox, chromium].map(check));
  };

  before(async () => {
    server = await startTestServer({ title: 'A radio', config: { chat } });
    room = server.running.community.room;
    for (const browser of ['firefox', 'chromium'] as const) {
      browsers.push(
        await openBrowser({ browser, javascript: false, width: 1000, height: 700, likeTorBrowser: true }),
      );
    }
    const [one, two] = browsers.map(({ page }) => page);
    if (!one || !two) throw new Error('no browsers');
    [firefox, chromium] = [one, two];
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
    await server?.close();
  });

  it('have a page that is complete at once, with what was said, and then a column that lives', async () => {
    room.append(said('said before', somePerson()));
    await both(async page => {
      // Resolves at the load event.
      await page.goto(server.url);
      assert.equal(await page.evaluate('document.readyState'), 'complete');
      assert.equal(await inFrame(page, 'column', 'document.location.href'), 'about:srcdoc');
      assert.deepEqual(await shownTexts(page), ['said before']);
      await openWithoutScript(page, server.url);
      assert.equal(await page.evaluate('document.readyState'), 'complete');
      assert.deepEqual(await shownTexts(page), ['said before']);
    });
  });

  it('see each other’s messages within a second of the key, and an empty form again', async () => {
    for (const [from, to, text] of [
      [firefox, chromium, 'hello from Firefox'],
      [chromium, firefox, 'hello from Chromium'],
    ] as const) {
      await say(from, text);
      const sentAtMs = performance.now();
      await Promise.all([untilShown(to, text), untilShown(from, text)]);
      const tookMs = performance.now() - sentAtMs;
      assert.ok(tookMs < 1000, `${text} took ${tookMs} ms`);
      await until(
        'the form is empty',
        async () => (await inFrame(from, 'form', `document.querySelector('[name=text]')?.value`)) === '',
      );
    }
  });

  it('choose names, colours and tripcodes, which the other sees', async () => {
    for (const [from, to, name, hue, shown] of [
      [firefox, chromium, 'Фёдор', '#ff8800', 'rgb(255, 136, 0)'],
      [chromium, firefox, 'Chloé', '#00ffcc', 'rgb(0, 255, 204)'],
    ] as const) {
      await click(from, 'form', 'a[href^="/chat/me"]');
      await untilForm(from, '[name=colour]');
      await click(from, 'form', '[name=name]');
      await from.keyboard.type(name);
      // What a colour picker would do.
      await inFrame(from, 'form', `document.querySelector('[name=colour]').value = '${hue}'`);
      await click(from, 'form', '[name=password]');
      await from.keyboard.type(`password of ${name}`);
      await click(from, 'form', '[value=save]');
      await untilForm(from, '[name=text]');
      await say(from, `I am ${name}`);
      await untilShown(to, `I am ${name}`);
      const message = (await shownMessages(to)).at(-1);
      assert.equal(message?.name, name);
      assert.equal(message?.colour, shown);
      assert.match(message?.trip ?? '', /^[\w-]{12}$/);
      await click(to, 'column', '.stream-viewers');
      const list = `[...document.querySelectorAll('.people')].filter(each => each.checkVisibility()).map(each => each.textContent).join()`;
      await until(`${name} in the list`, async () =>
        String(await inFrame(to, 'column', list)).includes(name),
      );
      await click(to, 'column', '.stream-viewers');
      assert.equal(await inFrame(to, 'column', list), '');
    }
  });

  it('reply to a message by its time', async () => {
    const { number } = room.append(said('a question', somePerson()));
    await untilShown(firefox, 'a question');
    await click(firefox, 'column', `#m${number} .time`);
    await untilForm(firefox, '.replying');
    await say(firefox, 'an answer');
    await untilShown(chromium, 'an answer');
    const link = await inFrame(
      chromium,
      'column',
      `document.querySelector('.m:last-of-type a.reply').getAttribute('href')`,
    );
    assert.equal(link, `#m${number}`);
  });

  it('no longer see a message that was hidden, and see it again where it stood', async () => {
    const [first, second] = ['first of two', 'second of two'].map(text =>
      room.append(said(text, somePerson())),
    );
    await both(page => untilShown(page, 'second of two'));
    const before = await shownTexts(firefox);
    room.hide([first?.number ?? 0]);
    await both(async page => {
      await until('it is gone', async () => !(await shownTexts(page)).includes('first of two'), 1000);
    });
    room.unhide([first?.number ?? 0]);
    await both(async page => {
      await untilShown(page, 'first of two', 1000);
      assert.deepEqual(await shownTexts(page), before);
    });
    assert.ok(second);
  });

  it('see an announcement', async () => {
    room.notice('Five minutes left.', siteAuthor);
    await both(async page => {
      await until(
        'the announcement',
        async () => (await shownTexts(page)).at(-1)?.includes('Five minutes left.'),
        2000,
      );
    });
  });

  it('stay at the newest message, and where they are once they have scrolled up', async () => {
    for (let n = 0; n < 60; n++) room.append(said(`line ${n}`, somePerson()));
    const isAtEnd = `(log => Math.abs(log.scrollTop) < 2 && document.querySelector('.m:last-of-type').getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom + 1)(document.querySelector('.log'))`;
    await both(async page => {
      await untilShown(page, 'line 59');
      assert.equal(await inFrame(page, 'column', isAtEnd), true);
      room.append(said(`one more for ${page === firefox}`, somePerson()));
      await untilShown(page, `one more for ${page === firefox}`);
      await until('the end in view', async () => (await inFrame(page, 'column', isAtEnd)) === true, 1000);
    });
    const reading = room.recent().at(-30);
    const topOf = `Math.round(document.querySelector('#m${reading?.number}').getBoundingClientRect().top)`;
    for (const page of [firefox, chromium]) {
      await page.mouse.move(830, 300);
      await page.mouse.wheel({ deltaY: -600 });
      // A wheel scrolls smoothly: it is over when nothing has moved for a while.
      let last: unknown;
      await until('an end of scrolling', async () => {
        const top = await inFrame(page, 'column', topOf);
        const isSame = top === last && (await inFrame(page, 'column', isAtEnd)) === false;
        last = top;
        await delay(100);
        return isSame;
      });
      for (let n = 0; n < 5; n++) room.append(said(`while reading ${n}\nand a second line`, somePerson()));
      await until('them all', async () => (await shownTexts(page)).at(-1)?.startsWith('while reading 4'));
      const top = Number(await inFrame(page, 'column', topOf));
      assert.ok(Math.abs(top - Number(last)) <= 1, `the line has moved from ${last} to ${top}`);
      assert.equal(await inFrame(page, 'column', isAtEnd), false);
      await page.mouse.wheel({ deltaY: 3000 });
      await until('the end again', async () => (await inFrame(page, 'column', isAtEnd)) === true);
    }
  });

  it('have an empty column when the chat is cleared', async () => {
    room.clear();
    await both(async page => {
      await until('nothing', async () => (await shownTexts(page)).length === 0);
    });
    await both(page => say(page, `anew ${page === firefox}`));
    await both(async page => {
      await untilShown(page, 'anew true');
      await untilShown(page, 'anew false');
    });
  });

  it('read it as plain pages instead, and go back', async () => {
    await both(async page => {
      await click(page, 'column', '.plain-link');
      await until(
        'the plain page',
        async () => (await inFrame(page, 'column', `document.location.pathname`)) === '/chat/plain',
      );
      await untilShown(page, 'anew true');
      // Its own style is allowed, also out of the cache.
      const border = `getComputedStyle(document.querySelector('.name')).color`;
      const colour = await inFrame(page, 'column', border);
      assert.notEqual(colour, 'rgb(239, 239, 241)');
    });
    room.append(said('news for plain pages', somePerson()));
    await both(async page => {
      await untilShown(page, 'news for plain pages', 14_000);
      await click(page, 'column', 'a[href^="/chat/live"]');
      await until(
        'the live page',
        async () => (await inFrame(page, 'column', `document.location.pathname`)) === '/chat/live',
      );
    });
  });
});
