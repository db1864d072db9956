/** The desk with JavaScript: live, and never in the way of who is typing. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import {
  clickOn,
  faultsOf,
  logIn,
  look,
  openDeskPage,
  typeInto,
  untilDesk,
  untilTold,
} from '../kit/desk-page.ts';
import { type Display, startDisplay } from '../kit/desktop.ts';
import { giveFocus } from '../kit/focus.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};

for (const browser of ['firefox', 'chromium'] as const) {
  describe(`At the desk, in ${browser}`, { timeout: 300_000 }, () => {
    let server: TestServer;
    let community: TestServer['running']['community'];
    let opened: OpenBrowser;
    let page: Page;
    let guest: Chatter;
    let errors: string[];
    let display: Display | undefined;

    before(async () => {
      const size = { width: 1000, height: 700 };
      // Only in a window that has the keyboard does Firefox press a button by a key.
      if (browser === 'firefox') display = await startDisplay({ ...size, height: size.height + 160 });
      const on = display ? { display: display.display } : {};
      opened = await openBrowser({ browser, javascript: true, ...size, ...on });
      page = opened.page;
      page.on('pageerror', error => errors.push(String(error)));
      if (display) giveFocus(display);
    });
    after(async () => {
      await opened?.close();
      await display?.close();
    });
    beforeEach(async () => {
      errors = [];
      server = await startTestServer({ title: 'A radio', config: { chat } });
      community = server.running.community;
      guest = await joinChat(server.url, { name: 'Guest' });
      await logIn(page, server.url, server.running.broadcaster.password ?? '');
      await page.evaluate(`window.sameDocument = true`);
    });
    afterEach(async () => {
      await page.goto('about:blank');
      await guest.close();
      await server.close();
      assert.deepEqual(errors, []);
    });

    const isSameDocument = async (): Promise<boolean> =>
      (await look(page, `window.sameDocument === true`)) === true;
    const waits = async (text: string): Promise<void> => {
      void guest.say(text).catch(() => {});
      await until('it waits', () => community.held.list().some(({ said }) => said.text === text));
    };

    it('a switch is pressed without leaving the page, by mouse and by keyboard, and keeps the focus', async () => {
      await clickOn(page, '#on-raid');
      await untilTold(page, /Raid mode is on/);
      await untilDesk(
        page,
        'its state',
        `document.querySelector('#on-raid').getAttribute('aria-pressed') === 'true'`,
      );
      assert.equal(await look(page, `document.activeElement.id`), 'on-raid');
      assert.equal(community.moderation.raid.isOn, true);
      await typeInto(page, '[data-live=switch-slow] [name=value]', '33');
      await page.keyboard.press('Enter');
      await untilTold(page, /Slow mode is on: 33 seconds/);
      assert.equal(await look(page, `document.activeElement.id`), 'amount-slow');
      for (const id of ['set-slow', 'off-slow']) {
        await page.keyboard.press('Tab');
        assert.equal(await look(page, `document.activeElement.id`), id);
      }
      await page.keyboard.press('Enter');
      await untilTold(page, /Slow mode is off/);
      await untilDesk(page, 'the same button', `document.activeElement.id === 'off-slow'`);
      await clickOn(page, '#off-raid');
      await untilTold(page, /Raid mode is off/);
      assert.equal(community.moderation.raid.isOn, false);
      await clickOn(page, '#told button');
      await untilTold(page, /Undone: raid/);
      assert.equal(community.moderation.raid.isOn, true);
      assert.ok(await isSameDocument());
    });

    it('messages that wait come by themselves, are announced, and leave what is typed and ticked alone', async () => {
      await typeInto(page, '#line', 'ban some');
      await typeInto(page, '[data-live=switch-slow] [name=value]', '44');
      await clickOn(page, '#line');
      community.modes.set({ holdBack: 'everyone', closed: true, slowModeS: 20 });
      await untilDesk(
        page,
        'what others switched',
        `document.querySelector('#on-closed').getAttribute('aria-pressed') === 'true'`,
      );
      community.modes.set({ closed: false, slowModeS: 0 });
      await waits('first');
      await untilDesk(page, 'the first', `document.querySelectorAll('[name=ids]').length === 1`);
      assert.equal(
        await look(
          page,
          `[...document.querySelectorAll('[role=status]')].map(each => each.textContent).join('')`,
        ),
        'A message waits.',
      );
      assert.match(await page.title(), /^\(1\) /);
      assert.equal(await look(page, `document.activeElement.id`), 'line');
      await clickOn(page, '[name=ids]');
      await waits('second');
      await untilDesk(page, 'the second', `document.querySelectorAll('[name=ids]').length === 2`);
      const state = `JSON.stringify([document.querySelector('#line').value, document.querySelector('[data-live=switch-slow] [name=value]').value, [...document.querySelectorAll('[name=ids]')].map(each => each.checked), [...document.querySelectorAll('.text')].map(each => each.textContent)])`;
      assert.equal(
        await look(page, state),
        JSON.stringify(['ban some', '44', [true, false], ['first', 'second']]),
      );
      await clickOn(page, '#approve-ticked');
      await untilTold(page, /Approved as message/);
      await untilDesk(page, 'one is left', `document.querySelectorAll('[name=ids]').length === 1`);
      assert.equal(community.room.recent().at(-1)?.text, 'first');
      const [second] = community.held.list();
      await page.focus('[data-live^=held-] .acts button');
      assert.ok(community.held.reject(second?.id ?? 0));
      await typeInto(page, '#line', 'stats');
      await untilDesk(
        page,
        'what somebody else decided is gone',
        `document.querySelectorAll('[name=ids]').length === 0`,
      );
      await page.keyboard.press('Enter');
      await untilTold(page, /The stream is offline/);
      assert.equal(await look(page, `document.querySelector('#line').value`), '');
      assert.ok(await isSameDocument());
    });

    it('a filter is tried, refused and saved, and what was typed goes only when it was done', async () => {
      await openDeskPage(page, server.url, 'filters');
      await typeInto(page, '#pattern', '(a+');
      await page.select('#kind', 'regex');
      await typeInto(page, '#filter-text', 'a cabbage');
      await clickOn(page, '#add-filter');
      await untilDesk(page, 'a refusal', `document.querySelector('#told .failed') !== null`);
      assert.equal(await look(page, `document.querySelector('#pattern').value`), '(a+');
      await typeInto(page, '#pattern', 'c[aou]bbage');
      await clickOn(page, '#try-filter');
      await untilTold(page, /One filter matches: hold/);
      assert.equal(await look(page, `document.querySelector('#filter-text').value`), 'a cabbage');
      assert.equal(community.moderation.filters.list().length, 0);
      await clickOn(page, '#add-filter');
      await untilTold(page, /is on/);
      await untilDesk(
        page,
        'it in the list',
        `document.querySelector('[data-live^=filter-] code')?.textContent === 'c[aou]bbage'`,
      );
      assert.equal(await look(page, `document.querySelector('#pattern').value`), '');
    });

    it('people come and go in the list, and one is banned from it; the log fills by itself', async () => {
      await openDeskPage(page, server.url, 'people');
      await using other = await joinChat(server.url, { name: 'Other' });
      const row = `[data-live="person-${other.id}"]`;
      await untilDesk(page, 'who comes', `document.querySelector('${row}') !== null`);
      await clickOn(page, `[data-live="person-${guest.id}"] [type=checkbox]`);
      await typeInto(page, '[name=reason]', 'flooding');
      await clickOn(page, `[aria-label="Ban Other ${other.tag}"]`);
      await untilTold(page, /Other .* is banned for good/);
      await until('they are cut off', () => other.closed());
      await untilDesk(
        page,
        'the ban in its list',
        `document.querySelector('[data-live^="ban-"] .name')?.textContent.startsWith('Other') === true`,
      );
      assert.equal(community.bans.list()[0]?.reason, 'flooding');
      const kept = `document.querySelector('[name=reason]').value + document.querySelector('[data-live="person-${guest.id}"] [type=checkbox]').checked`;
      assert.equal(await look(page, kept), 'floodingtrue', 'the next one may be for the same reason');
      await clickOn(page, '#ticked-mute');
      await untilTold(page, /Guest .* is muted/);
      assert.equal(await look(page, kept), 'false');
      await openDeskPage(page, server.url, 'log');
      await community.moderation.commands.runLine('slow 9', { role: 'broadcaster', name: 'broadcaster' });
      const id = community.moderation.log.recent(1)[0]?.id;
      await clickOn(page, `#undo-${id}`);
      await untilTold(page, /Undone: slow/);
      assert.equal(community.modes.state.slowModeS, 0);
      await untilDesk(
        page,
        'its mark',
        `document.querySelector('[data-live="action-${id}"] .badge')?.textContent === 'undone'`,
      );
    });

    it('who is logged out keeps what was typed, and goes on after a new log-in in another tab', async () => {
      await openDeskPage(page, server.url, 'stream');
      await typeInto(page, '#announcement', 'a long text');
      const staff = community.people.list().chatting.find(({ role }) => role === 'broadcaster');
      community.moderation.accounts.logoutPerson(staff?.id ?? '');
      await untilTold(page, /Your log-in has ended/);
      await clickOn(page, '#announce');
      await untilTold(page, /Your log-in has ended/);
      assert.equal(community.room.recent().length, 0);
      await page.browser().deleteCookie(...(await page.browser().cookies()));
      const other = await page.browser().newPage();
      await logIn(other, server.url, server.running.broadcaster.password ?? '');
      await other.close();
      await untilTold(page, /^\s*$/);
      assert.equal(await look(page, `document.querySelector('#announcement').value`), 'a long text');
      await clickOn(page, '#announce');
      await untilTold(page, /Announced as message/);
      assert.equal(community.room.recent().at(-1)?.text, 'a long text');
    });

    it('one form is sent while another is half filled in', async () => {
      await openDeskPage(page, server.url, 'stream');
      await typeInto(page, '#description', 'a half-typed');
      await typeInto(page, '#title', 'Another title');
      await page.keyboard.press('Enter');
      await untilTold(page, /The title is “Another title”/);
      await community.moderation.commands.runLine('pin by somebody else', {
        role: 'broadcaster',
        name: 'broadcaster',
      });
      await untilDesk(page, 'it', `document.querySelector('#pin').value === 'by somebody else'`);
      const fields = `document.querySelector('#title').value + ', ' + document.querySelector('#description').value`;
      assert.equal(await look(page, fields), 'Another title, a half-typed');
      assert.equal(await look(page, `document.activeElement.id`), 'title');
    });

    it('what is written while a form is on its way stays, and goes when it was sent itself', async () => {
      const { commands } = community.moderation;
      let answers = Promise.withResolvers<void>();
      const slow =
        <A extends unknown[], R>(act: (...sent: A) => Promise<R>) =>
        async (...sent: A): Promise<R> => {
          await answers.promise;
          return act(...sent);
        };
      mock.method(commands, 'run', slow(commands.run.bind(commands)));
      mock.method(commands, 'runLine', slow(commands.runLine.bind(commands)));
      for (const [path, field, button, told] of [
        ['', '#line', '', /Announced/],
        ['stream', '#title', '', /The title is/],
        ['stream', '#announcement', '#announce', /Announced/],
      ] as const) {
        answers = Promise.withResolvers();
        await openDeskPage(page, server.url, path);
        const value = `document.querySelector('${field}').value`;
        const send = (): Promise<void> =>
          button === '' ? page.keyboard.press('Enter') : clickOn(page, button);
        await typeInto(page, field, 'announce first');
        await send();
        await typeInto(page, field, 'announce second');
        answers.resolve();
        await untilTold(page, told);
        assert.equal(await look(page, value), 'announce second', field);
        await page.focus(field);
        await send();
        await untilTold(page, field === '#title' ? /second/ : /Announced as message [24]/);
        const left = field === '#title' ? 'announce second' : '';
        assert.equal(await look(page, value), left, field);
      }
    });

    it('no row moves away under the mouse', async () => {
      await openDeskPage(page, server.url, 'people');
      const guests = `document.querySelector('[data-live="person-${guest.id}"]')`;
      const [x, y] = z
        .tuple([z.number(), z.number()])
        .parse(await page.evaluate(`(box => [box.x + 5, box.y + 5])(${guests}.getBoundingClientRect())`));
      await page.mouse.move(x, y);
      await using other = await joinChat(server.url, { name: 'Other' });
      const count = `document.querySelector('[data-live=here-count]').textContent.includes('3 more')`;
      await untilDesk(page, 'who comes, in the count', count);
      const isThere = `document.querySelector('[data-live="person-${other.id}"]') !== null`;
      assert.equal(await look(page, isThere), false);
      await page.mouse.move(2, 2);
      await untilDesk(page, 'who comes, in the list', isThere);
    });

    it('everything can be read and pressed on a small window and on a phone', async () => {
      for (const [width, height] of [
        [1000, 700],
        [360, 740],
      ] as const) {
        await page.setViewport({ width, height });
        for (const path of ['', 'people', 'stream', 'moderators']) {
          await openDeskPage(page, server.url, path);
          assert.deepEqual(await faultsOf(page), [], `/${path} at ${width}`);
        }
      }
      await page.setViewport({ width: 1000, height: 700 });
    });
  });
}
