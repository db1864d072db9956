/** The broadcaster at the desk without JavaScript: in Firefox as in Tor Browser at its Safest level. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { said, somePerson } from '../kit/chat.ts';
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
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};
const pages = ['', 'people', 'filters', 'stream', 'moderators', 'club', 'log', 'commands'];

describe('At the desk without JavaScript', { timeout: 300_000 }, () => {
  let server: TestServer;
  let community: TestServer['running']['community'];
  let opened: OpenBrowser;
  let page: Page;
  let guest: Chatter;

  before(async () => {
    server = await startTestServer({ title: 'A radio', config: { chat } });
    community = server.running.community;
    guest = await joinChat(server.url, { name: 'Guest' });
    opened = await openBrowser({
      browser: 'firefox',
      javascript: false,
      width: 1000,
      height: 700,
      likeTorBrowser: true,
    });
    page = opened.page;
  });
  after(async () => {
    await opened?.close();
    await guest?.close();
    await server?.close();
  });

  it('the broadcaster logs in, and the page is complete, chat and figures included', async () => {
    community.room.append(said('said before', somePerson()));
    await logIn(page, server.url, server.running.broadcaster.password ?? '');
    await untilDesk(page, 'a complete page', `document.readyState === 'complete'`);
    const facts = `document.querySelector('.facts-frame').contentDocument.querySelector('dl')?.textContent.includes('Watching') === true`;
    await untilDesk(page, 'the figures', facts);
    assert.equal(await look(page, `document.querySelector('.facts').checkVisibility()`), false);
    const column = `document.querySelector('[name=column]').contentDocument.querySelector('.text')?.textContent`;
    await until('the chat', async () => (await look(page, column)) === 'said before');
  });

  it('raid mode is one press away, and its state is seen', async () => {
    await clickOn(page, '#on-raid');
    await untilTold(page, /Raid mode is on/);
    assert.equal(community.moderation.raid.isOn, true);
    const pressed = `document.querySelector('#on-raid').getAttribute('aria-pressed') + document.querySelector('[data-live=switch-raid] .switch-state').textContent`;
    assert.equal(await look(page, pressed), 'trueon');
    // The same page again, as somebody who is not sure presses the key for it.
    await clickOn(page, '#off-raid');
    await untilTold(page, /Raid mode is off/);
    await page.reload({ waitUntil: 'domcontentloaded' });
    await untilTold(page, /Raid mode is off/);
    const { action } = community.moderation.log.recent(1)[0] ?? {};
    assert.equal(action, 'raid');
    assert.equal(community.moderation.log.recent(10).length, 2);
  });

  it('what waits is told beside a half-typed line, which stays, and is approved', async () => {
    community.modes.set({ holdBack: 'everyone' });
    await openDeskPage(page, server.url);
    await typeInto(page, '#line', 'ban some');
    void guest.say('please let me in').catch(() => {});
    const told = `document.querySelector('.facts-frame').contentDocument?.body?.textContent.includes('A message waits') === true`;
    await untilDesk(page, 'the figures tell of it', told);
    assert.equal(await look(page, `document.querySelector('#line').value`), 'ban some');
    assert.equal(await look(page, `document.activeElement.id`), 'line');
    await openDeskPage(page, server.url);
    await clickOn(page, '[name=ids]');
    await clickOn(page, '#approve-ticked');
    await untilTold(page, /Approved as message/);
    assert.equal(community.room.recent().at(-1)?.text, 'please let me in');
    community.modes.set({ holdBack: 'off' });
  });

  it('a filter is tried and then saved, without typing it again', async () => {
    await openDeskPage(page, server.url, 'filters');
    await typeInto(page, '#pattern', 'cabbage');
    await typeInto(page, '#filter-text', 'no c-a-b-b-a-g-e please');
    await clickOn(page, '#try-filter');
    await untilTold(page, /One filter matches: hold/);
    assert.equal(community.moderation.filters.list().length, 0);
    assert.equal(await look(page, `document.querySelector('#pattern').value`), 'cabbage');
    await clickOn(page, '#add-filter');
    await untilTold(page, /is on/);
    assert.equal(community.moderation.filters.list()[0]?.pattern, 'cabbage');
  });

  it('somebody is banned from the list, and the log undoes it', async () => {
    await openDeskPage(page, server.url, 'people');
    await clickOn(page, `[aria-label="Ban Guest ${guest.tag}"]`);
    await untilTold(page, /banned for good/);
    await until('they are cut off', () => guest.closed());
    await openDeskPage(page, server.url, 'log');
    const id = community.moderation.log.recent(1)[0]?.id;
    await clickOn(page, `#undo-${id}`);
    await untilTold(page, /Undone: ban Guest/);
    assert.equal(community.bans.list().length, 0);
  });

  it('the chat is cleared behind a second press only', async () => {
    await openDeskPage(page, server.url, 'stream');
    assert.equal(await look(page, `document.querySelector('#clear-chat').checkVisibility()`), false);
    await clickOn(page, 'details:has(#clear-chat) summary');
    await clickOn(page, '#clear-chat');
    await untilTold(page, /The chat is empty/);
    assert.equal(community.room.recent().length, 0);
  });

  it('everything can be read and pressed on a small window and on a phone', async () => {
    for (const [width, height] of [
      [1000, 700],
      [360, 740],
    ] as const) {
      await page.setViewport({ width, height });
      for (const path of pages) {
        await openDeskPage(page, server.url, path);
        assert.deepEqual(await faultsOf(page), [], `/${path} at ${width}`);
      }
      await openDeskPage(page, server.url);
      const fits = `(root => root.scrollHeight <= root.clientHeight)(document.querySelector('.facts-frame').contentDocument.documentElement)`;
      await untilDesk(page, `the figures fit at ${width}`, fits);
    }
    await page.setViewport({ width: 1000, height: 700 });
    await openDeskPage(page, server.url);
    const inView = `['#on-raid', '#set-slow', '#on-closed', '#held-heading'].every(id => document.querySelector(id).getBoundingClientRect().bottom <= innerHeight)`;
    assert.equal(await look(page, inView), true, 'the first screen has what is pressed in an attack');
  });
});
