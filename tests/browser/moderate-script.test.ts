/** A moderator with JavaScript, by the keyboard alone and with the mouse; a viewer beside them, with JavaScript too. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KeyInput, Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { isShown, openChat, textIn, texts, type, typed, untilSeen, untilTexts } from '../kit/chat-page.ts';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { type Display, startDisplay } from '../kit/desktop.ts';
import { giveFocus } from '../kit/focus.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { cookieOf, logIn, logOut } from '../kit/staff.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};
const size = { width: 1000, height: 700 };
const all = ['first', 'second', 'third', 'fourth', 'fifth'];

for (const [by, whom] of [
  ['firefox', 'chromium'],
  ['chromium', 'firefox'],
] as const) {
  describe(`A moderator in ${by}`, { timeout: 180_000 }, () => {
    let display: Display;
    let server: TestServer;
    let guest: Chatter;
    let staff: Page;
    let viewer: Page;
    const browsers: OpenBrowser[] = [];

    const numberOf = (text: string): number => {
      const found = server.running.community.room.recent().find(message => message.text === text);
      if (!found) throw new Error(`nobody said ${text}`);
      return found.number;
    };
    const press = async (...keys: KeyInput[]): Promise<void> => {
      for (const key of keys) await staff.keyboard.press(key);
    };
    const withShift = async (...keys: KeyInput[]): Promise<void> => {
      await staff.keyboard.down('Shift');
      await press(...keys);
      await staff.keyboard.up('Shift');
    };
    /** As a menu key, which not every driver knows. */
    const menuKey = (): Promise<void> => withShift('F10');
    /** What has the focus, by its text. */
    const at = (): Promise<string> =>
      staff.$eval('body', ({ ownerDocument: { activeElement } }) => {
        const label = activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
        return activeElement?.id || label;
      });
    const untilAt = (what: string): Promise<boolean> =>
      untilSeen(`the focus at ${what}`, async () => (await at()) === what);
    const told = (): Promise<string | null> => textIn(staff, '.acted p');
    const untilTold = (sentence: RegExp): Promise<boolean> =>
      untilSeen(`the answer ${sentence}`, async () => sentence.test((await told()) ?? ''));
    const isVeiled = (number: number): Promise<boolean> =>
      staff.$eval(`#m${number}`, node => node.classList.contains('veiled'));

    before(async () => {
      display = await startDisplay({ width: 1000, height: 860 });
      server = await startTestServer({ title: 'A radio', config: { chat } });
      guest = await joinChat(server.url, { name: 'Guest' });
      // A window of its own, so that the keyboard is really its.
      browsers.push(await openBrowser({ browser: by, javascript: true, ...size, ...display }));
      browsers.push(await openBrowser({ browser: whom, javascript: true, ...size }));
      const [one, two] = browsers.map(({ page }) => page);
      if (!one || !two) throw new Error('no browsers');
      [staff, viewer] = [one, two];
      await openChat(viewer, server.url);
      await type(viewer, 'first', 'Enter');
      await untilTexts(viewer, ['first']);
      for (const text of all.slice(1)) await guest.say(text);
      await openChat(staff, server.url);
      await untilTexts(staff, all);
      if (by === 'firefox') giveFocus(display);
    });
    after(async () => {
      for (const browser of browsers) await browser.close();
      await guest?.close();
      await server?.close();
      await display?.close();
    });

    it('is given the means on the page that is open, once logged in, and nobody else has them', async () => {
      await type(staff, 'half a sentence');
      assert.equal(await staff.$('.pick'), null);
      await logIn(server, await cookieOf(staff), 'Eve');
      await untilSeen('five boxes', async () => (await staff.$$('.pick')).length === all.length);
      assert.equal(await viewer.$('.pick, .act-open, .act-menu'), null);
      assert.equal(await typed(staff), 'half a sentence');
    });

    it('hides a message with the keyboard, undoes it, and is back at the message', async () => {
      const number = numberOf('fifth');
      await staff.focus('.log');
      await press('ArrowUp');
      await untilAt(`m${number}`);
      if (by === 'chromium') await press('ContextMenu');
      else await menuKey();
      await untilAt('Hide');
      const menu = await staff.$eval('[role=menu]', ({ ariaLabel, children }) => [
        ariaLabel,
        [...children].filter(item => item.role === 'menuitem').length,
      ]);
      assert.deepEqual(menu, [`Guest ${guest.tag}`, 9]);
      await press('Escape');
      await untilAt(`m${number}`);
      assert.equal(await isShown(staff, '.act-menu'), false);
      await menuKey();
      await untilAt('Hide');
      await press('Enter');
      await untilTexts(viewer, all.slice(0, -1));
      await untilTold(/^Hidden: message/);
      assert.equal(await isVeiled(number), true);
      await untilAt(`m${number}`);
      await staff.click('.acted .button');
      await untilTexts(viewer, all);
      await untilSeen('no longer struck', async () => !(await isVeiled(number)));
    });

    it('goes through the menu with arrows, Home, End and first letters', async () => {
      await staff.focus('.log');
      await press('ArrowUp');
      await menuKey();
      await untilAt('Hide');
      await press('ArrowUp');
      await untilAt('Ban and purge…');
      await press('ArrowDown', 'ArrowDown');
      await untilAt('Hide all of theirs');
      await press('End');
      await untilAt('Ban and purge…');
      await press('Home', 'm');
      await untilAt('Mute 10 min');
      await press('Escape');
      await untilAt(`m${numberOf('fifth')}`);
    });

    it('selects three with the keyboard and hides them at once', async () => {
      await staff.focus('.log');
      await press('ArrowUp', ' ');
      await withShift('ArrowUp', 'ArrowUp');
      await untilSeen('three', async () => (await textIn(staff, '.picked-now span')) === '3 selected');
      await press('Escape');
      assert.equal(await isShown(staff, '.picked-now'), false);
      await staff.focus(`#m${numberOf('third')}`);
      await press(' ', 'ArrowDown', 'ArrowDown');
      await withShift(' ');
      await untilSeen('three', async () => (await textIn(staff, '.picked-now span')) === '3 selected');
      // The rest of the message, and the bar.
      for (let n = 0; n < 12 && (await at()) !== 'Hide'; n++) await press('Tab');
      await untilAt('Hide');
      await press('Enter');
      await untilTexts(viewer, ['first', 'second']);
      await untilTold(/^Hidden: messages \d+, \d+, \d+\.$/);
      await untilSeen('the bar goes', async () => !(await isShown(staff, '.picked-now')));
      await staff.click('.acted .button');
      await untilTexts(viewer, all);
    });

    it('selects with the mouse, Shift for all in between', async () => {
      await staff.click(`#m${numberOf('second')} .pick`);
      await staff.keyboard.down('Shift');
      await staff.click(`#m${numberOf('fourth')} .pick`);
      await staff.keyboard.up('Shift');
      assert.equal(await textIn(staff, '.picked-now span'), '3 selected');
      await staff.click(`#m${numberOf('third')} .pick`);
      assert.equal(await textIn(staff, '.picked-now span'), '2 selected');
      await staff.click('.picked-now [aria-label="Select none"]');
      assert.equal(await isShown(staff, '.picked-now'), false);
    });

    it('mutes somebody, who is told so when they write, and ends it', async () => {
      const number = numberOf('first');
      await staff.hover(`#m${number}`);
      await staff.click(`#m${number} .act-open`);
      await untilAt('Hide');
      await press('m', 'Enter');
      await untilTold(/is muted for 10m/);
      await type(viewer, 'muted or not', 'Enter');
      await untilSeen('a refusal', async () =>
        /mute/.test((await textIn(viewer, '.composer .notice')) ?? ''),
      );
      await staff.click(`#m${number}`, { button: 'right' });
      await untilAt('Hide');
      await press('u', 'Enter');
      await untilTold(/may write again/);
      assert.deepEqual(await texts(staff), all);
    });

    it('asks before a ban for good, and takes Escape for no', async () => {
      await staff.focus(`#m${numberOf('first')}`);
      await menuKey();
      await untilAt('Hide');
      await press('End', 'ArrowUp', 'Enter');
      await untilAt('Leave it');
      assert.match((await textIn(staff, 'dialog p')) ?? '', /^Ban for good: /);
      await press('Escape');
      await untilSeen('no dialog', async () => !(await staff.$('dialog')));
      await untilAt(`m${numberOf('first')}`);
      assert.equal(server.running.community.bans.list().length, 0);
    });

    it('bans for good from the list of people, whose page then says so, and lets them in again', async () => {
      await staff.click('.stream-viewers');
      const person = await untilSeen('the viewer in the list', () =>
        staff.$(
          `.people [data-id="${server.running.community.room.find(numberOf('first'))?.author.personId}"] .person-open`,
        ),
      );
      await person?.focus();
      await press('Enter');
      await untilAt('Hide all of theirs');
      await press('End', 'ArrowUp', 'Enter');
      await untilAt('Leave it');
      await press('Tab', 'Enter');
      await untilTold(/is banned for good/);
      await viewer.waitForSelector('body.message h1', { timeout: 15_000 });
      assert.match((await textIn(viewer, 'main')) ?? '', /You have been banned from this stream\./);
      await staff.focus('.people');
      await press('Escape');
      await staff.focus(`#m${numberOf('first')}`);
      await menuKey();
      await untilAt('Hide');
      await press('u', 'Enter');
      await untilTold(/may be here again/);
      await openChat(viewer, server.url);
      await untilTexts(viewer, all);
    });

    it('loses the means and the sight of what is hidden with the log-out', async () => {
      const number = numberOf('second');
      server.running.community.room.hide([number]);
      await untilSeen('struck', () => isVeiled(number));
      logOut(server, await cookieOf(staff));
      await untilTexts(
        staff,
        all.filter(text => text !== 'second'),
      );
      assert.equal(await staff.$('.pick, .act-open, .person-open, .picked-now, .act-menu'), null);
      assert.equal(await typed(staff), 'half a sentence');
    });
  });
}
