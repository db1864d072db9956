/** Reading a busy chat: pinned or scrolled up, in a tab behind others, with the keyboard, by ear. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { said, somePerson } from '../kit/chat.ts';
import { focused, isShown, openChat, textIn, type, untilSeen } from '../kit/chat-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';

for (const browser of ['firefox', 'chromium'] as const) {
  describe(`A busy chat in ${browser}`, () => {
    let opened: OpenBrowser;
    let page: Page;
    let server: TestServer;
    let last = 0;

    /** Others say so many more things. */
    const chatter = async (count: number): Promise<void> => {
      const { room } = server.running.community;
      for (let i = 0; i < count; i++) {
        last = room.append(said(`line ${room.lastNumber + 1}`, somePerson())).number;
      }
      await untilSeen('the last line', () => page.$(`#m${last}`).then(Boolean));
    };
    const offset = (): Promise<number> =>
      page.$eval('.log', log => Math.round(log.scrollHeight - log.clientHeight + log.scrollTop));
    const fromBottom = (): Promise<number> => page.$eval('.log', log => Math.round(Math.abs(log.scrollTop)));
    const placeOf = (number: number): Promise<number> =>
      page.$eval(`#m${number}`, message => Math.round(message.getBoundingClientRect().y));
    const scrollUp = async (): Promise<void> => {
      await page.$eval('.log', log => {
        log.scrollTop = -600;
      });
      await page.waitForSelector('.to-newest:not([hidden])');
    };

    before(async () => {
      server = await startTestServer({
        title: 'A radio',
        config: { chat: { captcha: { beforeFirstMessage: false } } },
      });
      opened = await openBrowser({ browser, javascript: true, width: 360, height: 740 });
      page = opened.page;
      await openChat(page, server.url);
      await chatter(60);
    });
    after(async () => {
      await opened.close();
      await server.close();
    });
    beforeEach(() => page.$eval('.log', log => log.scrollTo({ top: 0 })));

    it('shows the newest line, always', async () => {
      assert.ok((await offset()) > 0, 'there is something to scroll');
      await chatter(5);
      assert.equal(await fromBottom(), 0);
      assert.equal(await isShown(page, '.to-newest'), false);
    });

    it('leaves a reader who scrolled up where he is, counts what is new, and leads back to it', async () => {
      await scrollUp();
      assert.equal(await textIn(page, '.to-newest'), 'To the newest ↓');
      const mark = last - 20;
      const place = await placeOf(mark);
      await chatter(1);
      assert.equal(await textIn(page, '.to-newest'), '1 new message ↓');
      await chatter(30);
      assert.equal(await textIn(page, '.to-newest'), '31 new messages ↓');
      assert.equal(await placeOf(mark), place);
      await page.click('.to-newest');
      await page.waitForSelector('.to-newest[hidden]');
      assert.equal(await page.$eval('.log', log => log === log.ownerDocument.activeElement), true);
      assert.equal(await fromBottom(), 0);
      await chatter(1);
      assert.equal(await fromBottom(), 0);
    });

    it('goes to the newest for what the reader says himself', async () => {
      await scrollUp();
      await type(page, 'me too', 'Enter');
      await page.waitForSelector('.m.own[id]');
      assert.equal(await fromBottom(), 0);
      last = server.running.community.room.lastNumber;
    });

    it('is walked with the arrow keys: Enter answers, Escape goes back to writing', async () => {
      await page.focus('.log');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      assert.equal(await focused(page), `m${last - 1}`);
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(page), `m${last}`);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      assert.equal(await focused(page), 'TEXTAREA');
      assert.match((await textIn(page, '.replying')) ?? '', new RegExp(`^Reply to >>${last - 1} Ada`));
      await page.keyboard.press('Escape');
      assert.equal(await isShown(page, '.replying'), false);
      await page.focus('.log');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Escape');
      assert.equal(await focused(page), 'TEXTAREA');
      // From the log to the input is one step or two, not one for every message.
      await page.focus('.log');
      const stops: string[] = [];
      for (let stop = 0; stop < 4 && !stops.includes('TEXTAREA'); stop++) {
        await page.keyboard.press('Tab');
        stops.push(await focused(page));
      }
      assert.ok(stops.includes('TEXTAREA'), stops.join());
    });

    it('stays at the newest when the form grows', async () => {
      await scrollUp();
      await page.focus('.log');
      await page.keyboard.press('ArrowUp');
      await page.waitForSelector('.to-newest[hidden]');
      await page.focus('textarea');
      await page.keyboard.down('Shift');
      for (let line = 0; line < 4; line++) await page.keyboard.press('Enter');
      await page.keyboard.up('Shift');
      await untilSeen('the newest', async () => (await fromBottom()) === 0);
      for (let line = 0; line < 4; line++) await page.keyboard.press('Backspace');
      assert.equal(await isShown(page, '.to-newest'), false);
    });

    it('says of a message that is gone that it is gone', async () => {
      const { room } = server.running.community;
      const gone = last;
      last = room.append({ ...said('an answer', somePerson()), replyTo: gone }).number;
      room.hide([gone]);
      await untilSeen('it is hidden', async () => !(await page.$(`#m${gone}`)));
      await page.click(`#m${last} a.reply`);
      assert.equal(await textIn(page, '.composer .notice'), `Message ${gone} is not here any more.`);
    });

    it('counts in the title what came while the tab was hidden', async () => {
      assert.equal(await page.title(), 'A radio');
      const hide = (hidden: boolean): Promise<void> =>
        page.$eval(
          'body',
          ({ ownerDocument }, is) => {
            Object.defineProperty(ownerDocument, 'hidden', { value: is, configurable: true });
            ownerDocument.dispatchEvent(new Event('visibilitychange'));
          },
          hidden,
        );
      await hide(true);
      await chatter(3);
      assert.equal(await page.title(), '(3) A radio');
      await hide(false);
      assert.equal(await page.title(), 'A radio');
      await chatter(1);
      assert.equal(await page.title(), 'A radio');
    });

    it('is spoken as a summary now and then, never line by line', async () => {
      assert.equal(await page.$eval('.log', log => log.getAttribute('aria-live')), 'off');
      await page.$eval('.visually-hidden[role="status"]', status => {
        status.textContent = '';
        const spoken: string[] = [];
        const { body, defaultView: view } = status.ownerDocument;
        const note = (): void => {
          spoken.push(status.textContent ?? '');
          body.setAttribute('data-spoken', JSON.stringify(spoken));
        };
        if (view) new view.MutationObserver(note).observe(status, { childList: true });
      });
      await chatter(20);
      const spoken = await untilSeen('a summary up to the last message', async () => {
        const said = JSON.parse((await page.$eval('body', body => body.getAttribute('data-spoken'))) ?? '[]');
        return said.some((each: string) => each.endsWith(`Ada: line ${last}`)) && said.filter(Boolean);
      });
      // Two where the time for one came in the middle of them.
      assert.ok(spoken.length <= 2, spoken.join('; '));
      assert.match(spoken.at(-1), new RegExp(`^\\d+ new messages\\. Ada: line ${last}$`));
    });

    it('does not grow without end', async () => {
      await chatter(500);
      const count = await page.$$eval('.m', all => all.length);
      assert.ok(count >= 256 && count <= 400, `${count} messages`);
      assert.equal(await fromBottom(), 0);
      const [day] = await page.$$eval('.log-lines > *', all => all.map(each => each.className));
      assert.equal(day, 'day');
    });
  });
}
