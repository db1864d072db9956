/** A moderator and a viewer without JavaScript: one in Firefox as Tor Browser at its Safest level, one in Chromium. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import {
  click,
  inFrame,
  openWithoutScript,
  say,
  shownTexts,
  untilLive,
  untilShown,
} from '../kit/noscript-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { cookieOf, logIn, logOut, personIdOf } from '../kit/staff.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};
const deadlineMs = 15_000;
const halfTyped = 'half a sentence';

/** An expression over the small frame of the column in which answers come, `answer`. */
const inAnswer = (page: Page, expression: string): Promise<unknown> =>
  inFrame(
    page,
    'column',
    `(answer => answer && (${expression}))(document.querySelector('[name=moderate]')?.contentDocument)`,
  );

const untilTold = (page: Page, told: RegExp): Promise<boolean> =>
  until(
    `the answer ${told}`,
    async () => told.test(String(await inAnswer(page, 'answer.body?.textContent'))),
    deadlineMs,
  );

const seenIn = (page: Page, frame: 'column' | 'form', text: string): Promise<boolean> =>
  until(
    `“${text}” in the ${frame}`,
    async () => String(await inFrame(page, frame, 'document.body?.innerText')).includes(text),
    deadlineMs,
  );

for (const [by, whom] of [
  ['firefox', 'chromium'],
  ['chromium', 'firefox'],
] as const) {
  describe(`A moderator in ${by}, without JavaScript`, { timeout: 180_000 }, () => {
    let server: TestServer;
    let staff: Page;
    let viewer: Page;
    let guest: Chatter;
    const browsers: OpenBrowser[] = [];

    const numberOf = (text: string): number => {
      const found = server.running.community.room.recent().find(message => message.text === text);
      if (!found) throw new Error(`nobody said ${text}`);
      return found.number;
    };
    const isGone = (text: string): Promise<boolean> =>
      until(`${text} is gone`, async () => !(await shownTexts(viewer)).includes(text), deadlineMs);
    const decoration = (number: number): Promise<unknown> =>
      inFrame(
        staff,
        'column',
        `getComputedStyle(document.querySelector('#m${number} .text')).textDecorationLine`,
      );
    const isStruck = (number: number, isHidden = true): Promise<boolean> =>
      until(
        `${number} is ${isHidden ? '' : 'not '}struck`,
        async () => (await decoration(number)) === (isHidden ? 'line-through' : 'none'),
        deadlineMs,
      );

    before(async () => {
      server = await startTestServer({ title: 'A radio', config: { chat } });
      for (const browser of [by, whom] as const) {
        const options = { browser, javascript: false, width: 1000, height: 700, likeTorBrowser: true };
        browsers.push(await openBrowser(options));
      }
      const [one, two] = browsers.map(({ page }) => page);
      if (!one || !two) throw new Error('no browsers');
      [staff, viewer] = [one, two];
      guest = await joinChat(server.url, { name: 'Guest' });
      for (const text of ['first', 'second', 'third', 'fourth']) await guest.say(text);
      await openWithoutScript(viewer, server.url);
      await say(viewer, 'fifth');
      await untilShown(viewer, 'fifth');
    });
    after(async () => {
      for (const browser of browsers) await browser.close();
      await guest?.close();
      await server?.close();
    });

    it('is given the means on the page that is open, once logged in', async () => {
      await openWithoutScript(staff, server.url);
      await click(staff, 'form', '[name=text]');
      await staff.keyboard.type(halfTyped);
      assert.equal(await inFrame(staff, 'column', `document.querySelector('.pick')`), null);
      await logIn(server, await cookieOf(staff), 'Eve');
      const look = `document.querySelectorAll('.row .pick').length`;
      await until('the boxes', async () => (await inFrame(staff, 'column', look)) === 5, deadlineMs);
      await untilLive(staff);
    });

    it('hides a message by its menu, and sees it struck', async () => {
      const number = numberOf('first');
      await click(staff, 'column', `#r${number} summary`);
      await click(staff, 'column', `#r${number} .act-hide`);
      await isGone('first');
      await isStruck(number);
      await untilTold(staff, /Hidden: message/);
      await click(staff, 'column', `#r${number} .act-unhide`);
      await untilShown(viewer, 'first');
      await isStruck(number, false);
      await click(staff, 'column', `#r${number} > .acts > summary`);
    });

    it('ticks three and hides them at once, and undoes it', async () => {
      const texts = ['second', 'third', 'fourth'];
      for (const text of texts) await click(staff, 'column', `#r${numberOf(text)} .pick`);
      await click(staff, 'column', '.picked-bar [value=hide]');
      for (const text of texts) await isGone(text);
      await untilTold(staff, /Hidden: messages \d+, \d+, \d+/);
      assert.deepEqual(await shownTexts(viewer), ['first', 'fifth']);
      const undo = `(button => button && (button.click(), true))(answer.querySelector('[value^=undo]'))`;
      assert.equal(await inAnswer(staff, undo), true);
      for (const text of texts) await untilShown(viewer, text);
      await click(staff, 'column', '.picked-bar [type=reset]');
      const bar = `document.querySelector('.picked-bar').checkVisibility()`;
      await until('the bar is gone', async () => (await inFrame(staff, 'column', bar)) === false);
    });

    it('shows who wrote a message, and does nothing, when Enter is pressed in its box', async () => {
      await click(staff, 'column', `#r${numberOf('second')} .pick`);
      await staff.keyboard.press('Enter');
      await until('the people', async () => (await inAnswer(staff, `answer.forms.length`)) === 1, deadlineMs);
      const { room, bans } = server.running.community;
      assert.equal(room.recent().length, 5);
      assert.equal(bans.list().length, 0);
      await click(staff, 'column', '.picked-bar [type=reset]');
    });

    it('mutes somebody from the list of people, who is told so when they write, and ends it', async () => {
      const id = personIdOf(server, await cookieOf(viewer));
      await click(staff, 'column', '.stream-viewers');
      await click(staff, 'column', `.people:nth-last-child(1 of .people) [value="people ${id}"]`);
      const mute = `(button => button && (button.click(), true))(answer.querySelector('[name=p][value="${id}"] ~ * [value=mute-10m]'))`;
      await until('the button', async () => (await inAnswer(staff, mute)) === true, deadlineMs);
      await untilTold(staff, /is muted for 10m/);
      await click(staff, 'column', '.stream-viewers');
      await say(viewer, 'muted or not');
      await seenIn(viewer, 'form', 'mute');
      assert.ok(!(await shownTexts(staff)).includes('muted or not'));
      const number = numberOf('fifth');
      await click(staff, 'column', `#r${number} summary`);
      await click(staff, 'column', `#r${number} [value^="lift "]`);
      await untilTold(staff, /may write again/);
    });

    it('bans somebody, whose page says so in the place of the chat, and lets them in again', async () => {
      const number = numberOf('fifth');
      await click(staff, 'column', `#r${number} [value^="ban-1h "]`);
      await seenIn(viewer, 'column', 'You have been banned from this stream. Come back in');
      await untilTold(staff, /is banned for 1h/);
      const { community } = server.running;
      assert.equal(community.bans.list().length, 1);
      await click(staff, 'column', `#r${number} [value^="lift "]`);
      await untilTold(staff, /may be here again/);
      await openWithoutScript(viewer, server.url);
      await untilShown(viewer, 'fifth');
    });

    it('asks for one press more before a ban for good', async () => {
      const number = numberOf('fifth');
      const isSeen = `document.querySelector('#r${number} [value^="ban-purge "]').checkVisibility()`;
      assert.equal(await inFrame(staff, 'column', isSeen), false);
      await click(staff, 'column', `#r${number} details details summary`);
      assert.equal(await inFrame(staff, 'column', isSeen), true);
    });

    it('has kept the message that was half written, and loses the means with the log-out', async () => {
      const typed = `document.querySelector('[name=text]').value`;
      assert.equal(await inFrame(staff, 'form', typed), halfTyped);
      logOut(server, await cookieOf(staff));
      const look = `document.querySelectorAll('.m').length === 5 && document.querySelector('.pick, .moderate') === null`;
      await until(
        'a column like everybody’s',
        async () => (await inFrame(staff, 'column', look)) === true,
        deadlineMs,
      );
      assert.equal(await inFrame(staff, 'form', typed), halfTyped);
    });
  });
}
