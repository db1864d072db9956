/** People talk: one in Firefox, one in Chromium, with JavaScript. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { siteAuthor } from '../../app/chat/message.ts';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { said, somePerson } from '../kit/chat.ts';
import {
  focused,
  isShown,
  openChat,
  textIn,
  texts,
  type,
  typed,
  untilSeen,
  untilTexts,
} from '../kit/chat-page.ts';
import { joinChat } from '../kit/chatter.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';

const withoutCaptcha = { beforeFirstMessage: false, afterFlood: false };

describe('Two people with JavaScript', () => {
  let server: TestServer;
  let room: TestServer['running']['community']['room'];
  let nowMs: number | undefined;
  const browsers: OpenBrowser[] = [];
  let firefox: Page;
  let chromium: Page;

  const both = async (check: (page: Page) => Promise<void>): Promise<void> => {
    await Promise.all([firefox, chromium].map(check));
  };

  before(async () => {
    const flood = { messages: 100, lines: 2000 };
    server = await startTestServer({
      title: 'A radio',
      config: { chat: { captcha: withoutCaptcha, flood } },
      overrides: { now: () => nowMs ?? Date.now() },
    });
    room = server.running.community.room;
    for (const browser of ['firefox', 'chromium'] as const) {
      const opened = await openBrowser({ browser, javascript: true, width: 1000, height: 700 });
      browsers.push(opened);
      await openChat(opened.page, server.url);
    }
    [firefox, chromium] = browsers.map(browser => browser.page) as [Page, Page];
  });
  after(async () => {
    await Promise.all(browsers.map(browser => browser.close()));
    await server.close();
  });

  it('read each other, in the order of what was said', async () => {
    await type(firefox, 'good evening', 'Enter');
    await both(page => untilTexts(page, ['good evening']));
    await type(chromium, 'hello to you', 'Enter');
    await both(page => untilTexts(page, ['good evening', 'hello to you']));
    assert.equal(await typed(firefox), '');
    assert.equal(await isShown(firefox, '.pending'), false);
    assert.equal(await firefox.$eval('.m.own', own => own.id), 'm1');
    assert.equal(await chromium.$eval('.m.own', own => own.id), 'm2');
  });

  it('see text as text, line for line, with its quotes and its links to copy', async () => {
    const markup = '<b>bold</b> <img src=x onerror=alert(1)> &amp; "quoted"';
    await type(chromium, markup);
    await chromium.keyboard.down('Shift');
    await chromium.keyboard.press('Enter');
    await chromium.keyboard.up('Shift');
    await type(chromium, '>a quote', 'Enter');
    await type(firefox, 'see http://example.com/a?b=1&c=<2>', 'Enter');
    await both(async page => {
      await untilSeen('both messages', () => page.$('#m4').then(Boolean));
      assert.equal(await textIn(page, '#m3 .text'), `${markup}>a quote`);
      assert.equal(await page.$$eval('#m3 .text *', all => all.map(each => each.tagName).join()), 'BR,SPAN');
      assert.equal(await textIn(page, '#m3 .quote'), '>a quote');
      assert.equal(await textIn(page, '#m4 .url'), 'http://example.com/a?b=1&c=');
      assert.equal(await page.$('.log a[href*="example"]'), null);
    });
  });

  it('have a name, a colour and a tripcode from the panel, and what they say next shows them', async () => {
    await type(firefox, 'half a sentence');
    await firefox.click('.composer-links .link');
    const frame = await firefox.waitForSelector('.identity-panel iframe');
    const panel = await frame?.contentFrame();
    await panel?.waitForSelector('[name="name"]');
    await panel?.type('[name="name"]', 'Ada Lovelace');
    await panel?.$eval('[name="colour"]', input => input.setAttribute('value', '#ff7f50'));
    await panel?.type('[name="password"]', 'a long enough password');
    await panel?.click('[value="save"]');
    await untilSeen('the new name', async () => (await textIn(firefox, '.me')) === 'Ada Lovelace');
    await untilSeen('the panel closes', async () => !(await isShown(firefox, '.identity-panel')));
    assert.equal(await typed(firefox), 'half a sentence');
    await firefox.focus('textarea');
    await firefox.keyboard.press('Enter');
    await both(async page => {
      await untilSeen('the message', () => page.$('#m5').then(Boolean));
      assert.equal(await textIn(page, '#m5 .name'), 'Ada Lovelace');
      assert.equal(
        await page.$eval('#m5 .name', name => name.getAttribute('style')),
        'color: rgb(255, 127, 80);',
      );
      assert.match((await textIn(page, '#m5 .trip')) ?? '', /^\S{8,}$/);
    });
  });

  it('stay in the panel when the server does not take the name, and leave it with Escape', async () => {
    await chromium.click('.composer-links .link');
    const frame = await chromium.waitForSelector('.identity-panel iframe');
    const panel = await frame?.contentFrame();
    await panel?.waitForSelector('[name="name"]');
    await panel?.type('[name="name"]', 'no#signs');
    await panel?.click('[value="save"]');
    await panel?.waitForSelector('.notice');
    assert.ok(await isShown(chromium, '.identity-panel'));
    await panel?.focus('[name="name"]');
    await chromium.keyboard.press('Escape');
    assert.equal(await isShown(chromium, '.identity-panel'), false);
    assert.equal(await focused(chromium), 'TEXTAREA');
  });

  it('answer each other: the link leads to the message, and who is answered sees it marked', async () => {
    await chromium.click('#m1 .time');
    assert.match((await textIn(chromium, '.replying')) ?? '', /^Reply to >>1 Anonymous#\w+ Not a reply$/);
    await type(chromium, 'likewise', 'Enter');
    await untilSeen('the answer', () => firefox.$('#m6').then(Boolean));
    assert.equal(await isShown(chromium, '.replying'), false);
    assert.ok(await firefox.$('#m6.to-me'));
    assert.equal(await chromium.$('#m6.to-me'), null);
    await firefox.click('#m6 a.reply');
    assert.ok(await firefox.$('#m1.flash'));
    assert.equal(await focused(firefox), 'm1');
    assert.equal(new URL(firefox.url()).hash, '');
  });

  it('call each other: Tab completes a name, again brings the next, and who is meant sees it marked', async () => {
    await using someone = await joinChat(server.url, { name: 'Adam' });
    await someone.say('I am here too');
    await untilSeen('him', () => chromium.$('#m7').then(Boolean));
    await type(chromium, 'hey @ad', 'Tab');
    assert.equal(await typed(chromium), 'hey @Adam ');
    await chromium.keyboard.press('Tab');
    assert.equal(await typed(chromium), 'hey @Ada_Lovelace ');
    await chromium.keyboard.press('Escape');
    assert.equal(await typed(chromium), 'hey @ad');
    await chromium.keyboard.press('Tab');
    await chromium.keyboard.press('Tab');
    await type(chromium, 'and all', 'Enter');
    await untilSeen('the message', () => firefox.$('#m8').then(Boolean));
    assert.equal(await textIn(firefox, '#m8.to-me .mention.me'), '@Ada_Lovelace');
    assert.equal(await chromium.$('#m8.to-me'), null);
    await chromium.keyboard.press('Tab');
    assert.notEqual(await focused(chromium), 'TEXTAREA');
  });

  it('see who is here, as the people are told apart', async () => {
    await using someone = await joinChat(server.url, { name: 'Eve' });
    await both(async page => {
      await page.click('button.stream-viewers');
      await page.waitForSelector('.stream-viewers[aria-expanded="true"]');
      const people = await untilSeen('Eve', async () => {
        const text = await textIn(page, '.people');
        return text?.includes('Eve') ? text : undefined;
      });
      assert.match(people, /Ada Lovelace/);
      assert.match(people, /Anonymous#\w+/);
      await page.keyboard.press('Escape');
      assert.equal(await isShown(page, '.people'), false);
      assert.equal(await focused(page), 'BUTTON');
    });
    await someone.close();
  });

  it('see what a moderator hides no more, and at its place when it comes back', async () => {
    const before = await texts(firefox);
    room.hide([2, 6]);
    await both(page =>
      untilTexts(
        page,
        before.filter((_, index) => index !== 1 && index !== 5),
      ),
    );
    await chromium.click('#m1 .time');
    await chromium.keyboard.press('Escape');
    assert.equal(await isShown(chromium, '.replying'), false);
    room.unhide([2, 6]);
    await both(page => untilTexts(page, before));
    assert.equal(await firefox.$eval('#m2', message => message.nextElementSibling?.id), 'm3');
  });

  it('see announcements, the date of each day once, and nothing of what was cleared', async () => {
    room.clear();
    await both(page => untilTexts(page, []));
    assert.equal(await firefox.$('.day'), null);
    nowMs = Date.UTC(2030, 2, 9, 23, 59);
    room.append(said('late', somePerson()));
    nowMs += 120_000;
    room.append(said('early', somePerson()));
    room.notice('Part two begins', siteAuthor);
    await both(async page => {
      await untilSeen('the notice', () => page.$('.m.notice').then(Boolean));
      const lines = await page.$$eval('.log-lines > *', all =>
        all.map(each => each.textContent?.replace(/Reply$/, '')),
      );
      assert.deepEqual(lines, [
        '9 March 2030',
        '23:59 Ada: late',
        '10 March 2030',
        '00:01 Ada: early',
        '00:01 Part two begins',
      ]);
    });
  });
});
