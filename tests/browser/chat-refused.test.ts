/** What one may not say yet: captchas, waiting, limits; and that nothing typed is lost over it. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import {
  focused,
  isShown,
  nothingKept,
  openChat,
  textIn,
  texts,
  type,
  typed,
  untilSeen,
  untilTexts,
} from '../kit/chat-page.ts';
import { layLine } from '../kit/line.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';

const noCaptcha = { beforeFirstMessage: false, afterFlood: false };

for (const browser of ['firefox', 'chromium'] as const) {
  describe(`A message that is refused, in ${browser}`, () => {
    let opened: OpenBrowser;
    let page: Page;
    let server: TestServer;

    /** A new server, and a new person on its page. */
    const begin = async (chat: object): Promise<void> => {
      server = await startTestServer({ config: { chat } });
      await openChat(page, server.url);
    };

    before(async () => {
      opened = await openBrowser({ browser, javascript: true, width: 1000, height: 700 });
      page = opened.page;
    });
    after(() => opened.close());
    beforeEach(() => mock.restoreAll());
    afterEach(async () => {
      await page.goto('about:blank');
      await server.close();
    });

    it('waits above its captcha, over a wrong answer and for another picture, and is sent with the right one', async () => {
      await begin({});
      const { captchas } = server.running.community;
      const solve = mock.method(captchas, 'solve', (_id: string, answer: string) =>
        answer === 'RIGHT' ? 'solved' : 'wrong',
      );
      await type(page, 'my first message', 'Enter');
      const shown = await page.waitForSelector('.captcha img');
      await untilSeen('the picture', () => page.$eval('.captcha img', img => img.naturalWidth > 100));
      const picture = (): Promise<string> => page.$eval('.captcha img', img => img.src);
      const first = await picture();
      assert.ok(shown);
      assert.equal(await textIn(page, '.captcha label'), 'Solve the captcha to send this message. ');
      assert.equal(await typed(page), 'my first message');
      // Nothing to send yet.
      await page.keyboard.press('Enter');
      await page.keyboard.type('WRONG');
      await page.keyboard.press('Enter');
      const second = await untilSeen('another picture', async () => {
        const now = await picture();
        return now === first ? undefined : now;
      });
      assert.match((await textIn(page, '.captcha .notice')) ?? '', /not what the picture shows/);
      assert.equal(await typed(page), 'my first message');
      await page.click('.captcha button');
      await untilSeen('a third picture', async () => (await picture()) !== second);
      assert.equal(solve.mock.callCount(), 1);
      await page.keyboard.type('RIGHT');
      await page.keyboard.press('Enter');
      await untilTexts(page, ['my first message']);
      await untilSeen('the captcha is gone', async () => !(await isShown(page, '.captcha')));
      assert.equal(await typed(page), '');
      assert.equal(await focused(page), 'TEXTAREA');
      assert.equal(solve.mock.calls.at(-1)?.arguments[0], (await picture()).match(/captcha\/(.*)\.png/)?.[1]);
    });

    it('can have another picture also after one was asked for while the connection was lost', async () => {
      server = await startTestServer();
      await using line = await layLine(server.url);
      await openChat(page, line.url);
      await type(page, 'hello', 'Enter');
      await page.waitForSelector('.captcha img');
      line.cut();
      await page.waitForSelector('.lost:not([hidden])');
      await page.click('.captcha button');
      line.mend();
      await page.waitForSelector('.captcha button:not(:disabled)');
      const picture = (): Promise<string> => page.$eval('.captcha img', img => img.src);
      const before = await picture();
      await page.click('.captcha button');
      await untilSeen('another picture', async () => (await picture()) !== before);
    });

    it('leaves no captcha that is solved, when it is refused for another reason', async () => {
      await begin({});
      const { captchas, modes } = server.running.community;
      mock.method(captchas, 'solve', () => 'solved');
      await type(page, 'hello', 'Enter');
      await page.waitForSelector('.captcha img');
      mock.method(captchas, 'solve', () => {
        modes.set({ closed: true });
        return 'solved';
      });
      await page.type('.captcha input', 'RIGHT');
      await page.keyboard.press('Enter');
      await untilSeen('why', async () => /closed/.test((await textIn(page, '.composer .notice')) ?? ''));
      assert.equal(await isShown(page, '.captcha'), false);
      assert.equal(await typed(page), 'hello');
      assert.equal(await focused(page), 'TEXTAREA');
    });

    it('offers a captcha to listen to only when there are some', async () => {
      await begin({});
      await type(page, 'hello', 'Enter');
      await page.waitForSelector('.captcha img');
      const { speaks } = server.running.community.captchas;
      assert.equal(await isShown(page, '.captcha a'), speaks);
    });

    it('comes back with the seconds to wait, and can be sent when they are over', async () => {
      await begin({ captcha: noCaptcha, flood: { messages: 2, windowS: 4 } });
      for (const text of ['one', 'two']) await type(page, text, 'Enter');
      await untilTexts(page, ['one', 'two']);
      await type(page, 'three', 'Enter');
      await page.waitForSelector('.send:disabled');
      assert.match((await textIn(page, '.send')) ?? '', /^0:0[1-4]$/);
      assert.match((await textIn(page, '.composer .notice')) ?? '', /in a short time/);
      assert.equal(await typed(page), 'three');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.send:not(:disabled)');
      assert.equal(await textIn(page, '.send'), 'Send');
      assert.equal(await isShown(page, '.composer .notice'), false);
      await page.keyboard.press('Enter');
      await untilTexts(page, ['one', 'two', 'three']);
    });

    it('keeps its text and its reply over a reload of the page, until the server has it', async () => {
      await begin({ captcha: noCaptcha });
      await type(page, 'said', 'Enter');
      await untilTexts(page, ['said']);
      await page.click('#m1 .time');
      await type(page, 'not said yet');
      await openChat(page, server.url);
      await untilTexts(page, ['said']);
      assert.equal(await typed(page), 'not said yet');
      assert.match((await textIn(page, '.replying')) ?? '', /^Reply to >>1/);
      await type(page, '', 'Enter');
      await untilTexts(page, ['said', 'not said yet']);
      await untilSeen('nothing is kept', () => nothingKept(page));
      assert.equal(await textIn(page, '#m2 a.reply'), '>>1');
    });

    it('counts near the limit as people count, and says what is too much before it sends', async () => {
      await begin({ captcha: noCaptcha, maxLength: 20 });
      await type(page, 'a'.repeat(15));
      assert.equal(await isShown(page, '.counter'), false);
      await type(page, '👩‍👩‍👧‍👦é');
      assert.equal(await textIn(page, '.counter'), '17/20');
      await type(page, 'bcde', 'Enter');
      assert.equal(await textIn(page, '.counter.over'), '21/20');
      assert.match((await textIn(page, '.composer .notice')) ?? '', /has 21 characters, at most 20/);
      await page.keyboard.press('Backspace');
      await page.keyboard.press('Enter');
      await untilSeen('it is sent', async () => (await texts(page)).length === 1);
    });

    it('grows with its lines, up to five', async () => {
      await begin({ captcha: noCaptcha });
      const height = (): Promise<number> => page.$eval('textarea', input => input.offsetHeight);
      const heights = [await height()];
      for (let line = 2; line <= 7; line++) {
        await page.focus('textarea');
        await page.keyboard.down('Shift');
        await page.keyboard.press('Enter');
        await page.keyboard.up('Shift');
        heights.push(await height());
      }
      // A pixel is what rounding makes.
      const growth = heights.map((each, index) => Number(each > (heights[index - 1] ?? 0) + 1));
      assert.deepEqual(growth, [1, 1, 1, 1, 1, 0, 0], heights.join());
      await type(page, 'x', 'Enter');
      await untilSeen('it shrinks', async () => (await height()) === heights[0]);
    });
  });
}
