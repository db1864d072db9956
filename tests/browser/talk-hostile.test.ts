/** Names, messages and titles made to break out, as a real browser understands the pages they come in. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { cleanText } from '../../app/chat/text.ts';
import { parseTitle } from '../../app/live/title.ts';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { hostileText } from '../kit/hostile.ts';
import { seeded } from '../kit/seeded.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser, type TextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const limits = { maxLength: 512, maxLines: 20 };

/** The message as it was meant, or undefined when it is refused. */
function meant(text: string): string | undefined {
  try {
    return cleanText(text, limits);
  } catch {
    return undefined;
  }
}

const allowedElements =
  'HTML HEAD META TITLE LINK STYLE BODY HEADER H1 H2 P SPAN LABEL INPUT A DIV UL LI BDI B BR DETAILS SUMMARY MAIN';
const allowedAttributes =
  'lang charset name content rel href nonce class for id type accesskey aria-label title role tabindex target data-state';

/** Runs in the page: what it shows of each message, and all that should not be there. */
const lookAtMessages = `(() => {
  const textOf = node => (node.nodeName === 'BR' ? '\\n' : node.textContent);
  const all = [...document.querySelectorAll('*')];
  const elements = new Set('${allowedElements}'.split(' '));
  const attributes = new Set('${allowedAttributes}'.split(' '));
  return {
    messages: [...document.querySelectorAll('.m')].map(each => ({
      number: Number(each.id.slice(1)),
      name: each.querySelector('.name').textContent,
      text: [...each.querySelector('.text').childNodes].map(textOf).join(''),
    })),
    foreign: all.flatMap(each => [
      ...(elements.has(each.nodeName) ? [] : [each.nodeName]),
      ...[...each.attributes].filter(({ name }) => !attributes.has(name)).map(({ name }) => name),
      ...[...each.attributes]
        .filter(({ name, value }) => name === 'href' && !/^(\\/|#m\\d+$)/.test(value))
        .map(({ value }) => value),
    ]),
  };
})()`;

const looked = z.object({
  messages: z.array(z.object({ number: z.number(), name: z.string(), text: z.string() })),
  foreign: z.array(z.string()),
});

describe('Hostile text', { timeout: 120_000 }, () => {
  const random = seeded(20261120);
  let server: TestServer;
  let browser: OpenBrowser;
  let page: Page;
  const dialogs: string[] = [];

  before(async () => {
    const flood = { messages: 100, lines: 2000, duplicateWindowS: 0 };
    const captcha = { beforeFirstMessage: false, afterFlood: false, everyMessages: 0 };
    server = await startTestServer({ title: 'begin', config: { chat: { captcha, flood } } });
    // Whatever gets out and is a script would run.
    browser = await openBrowser({ browser: 'chromium', javascript: true, width: 600, height: 500 });
    page = browser.page;
    page.on('dialog', dialog => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens a page that may never end. */
  async function open(path: string, selector: string): Promise<void> {
    void page.goto(server.url + path).catch(() => {});
    await page.waitForFunction(
      `location.pathname === "/${path}" && document.querySelector(${JSON.stringify(selector)})`,
    );
  }

  it('is shown as it was typed, on every kind of page, and adds no element and no attribute', async () => {
    const { room } = server.running.community;
    for (let n = 0; n < 20; n++) {
      const person: TextBrowser = await openTextBrowser(server.url, { cookies: n % 2 === 0 });
      for (let i = 0; i < 5; i++) {
        const name = hostileText(random, 4);
        const { status } = await person.send('/chat/me', { name });
        assert.ok(status === 303 || status === 422, `${status} for ${JSON.stringify(name)}`);
      }
      for (let i = 0; i < 12; i++) {
        const text = hostileText(random, 12);
        const expected = meant(text);
        const { status } = await person.send('/chat/form', { text });
        assert.equal(status, expected === undefined ? 422 : 303, JSON.stringify(text));
        if (expected !== undefined) assert.equal(room.recent().at(-1)?.text, expected);
      }
    }
    const said = room.recent();
    assert.ok(said.length > 180, `${said.length} messages`);
    const names = new Set(said.map(({ author }) => author.name ?? ''));
    assert.ok([...names].filter(name => /[<>&"'\\]/.test(name)).length > 5, [...names].join(' | '));

    for (const [path, expected] of [
      ['chat/live', said],
      ['chat/plain', said.toReversed().slice(0, 60)],
    ] as const) {
      await open(path, `#m${said.at(-1)?.number}`);
      if (path === 'chat/live') await page.waitForSelector('.people li:nth-child(20)');
      const { messages, foreign } = looked.parse(await page.evaluate(lookAtMessages));
      assert.deepEqual(
        messages,
        expected.map(({ number, author, text }) => ({ number, name: author.name ?? 'Anonymous', text })),
      );
      assert.deepEqual(foreign, []);
    }
    assert.deepEqual(dialogs, []);
  });

  /** Fills the field in, presses the button, and says what stands in the field of the page that comes. */
  async function sendAndRead(selector: string, value: string, button: string): Promise<unknown> {
    const field = `document.querySelector(${JSON.stringify(selector)})`;
    await page.evaluate(`${field}.value = ${JSON.stringify(value)}`);
    await Promise.all([page.waitForNavigation(), page.click(button)]);
    return page.evaluate(`${field}.value`);
  }

  it('comes back in a form as it was typed', async () => {
    await open('chat/me', '[value=save]');
    for (let n = 0; n < 10; n++) {
      // A field of one line has no breaks, and no document has NUL.
      const name = `#${hostileText(random, 6)}`.replaceAll(/[\r\n\0]/g, '');
      assert.equal(await sendAndRead('[name=name]', name, '[value=save]'), name);
    }
    for (let n = 0; n < 10; n++) {
      const text = `.${hostileText(random, 6)}\n${'x'.repeat(600)}`
        .replaceAll(/\r\n?/g, '\n')
        .replaceAll('\0', '');
      await open('chat/form', '[value=lines]');
      await Promise.all([page.waitForNavigation(), page.click('[value=lines]')]);
      assert.equal(await sendAndRead('textarea', text, '.send'), text);
    }
    assert.deepEqual(dialogs, []);
  });

  it('is a title of the stream in a style rule, and breaks out of none', async () => {
    await open('chat/live', '.stream-title');
    for (let n = 0; n < 30; n++) {
      const title = `${n}|${hostileText(random, 10)}`;
      await writeFile(server.titlePath, title);
      const expected = parseTitle(Buffer.from(title));
      const content = `getComputedStyle(document.querySelector('.stream-title'), '::after').content`;
      const rule = await until('the title', async () => {
        const seen = String(await page.evaluate(content));
        return seen.startsWith(`"${n}|`) && seen;
      });
      // As CSSOM §2.1 serialises a string.
      const escaped = /\\(?:([0-9a-f]{1,6}) ?|(.))/gis;
      const text = rule
        .slice(1, -1)
        .replace(escaped, (_, hex, plain) => (hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : plain));
      assert.equal(text, expected);
      assert.equal(await page.evaluate(`getComputedStyle(document.body).display`), 'flex');
    }
    assert.deepEqual(dialogs, []);
  });
});
