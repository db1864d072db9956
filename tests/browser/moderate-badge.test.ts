/** The badge of broadcaster and moderators: theirs alone, with JavaScript and without. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { openBrowser } from '../kit/browser/open.ts';
import { openChat } from '../kit/chat-page.ts';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { inFrame, openWithoutScript } from '../kit/noscript-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { logIn } from '../kit/staff.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};

const names = [
  '🔴 Broadcaster',
  '🛡️Mod',
  '🅱🆁🅾🅰🅳🅲🅰🆂🆃🅴🆁',
  '🄼🄾🄳',
  '🇲🇴🇩',
  'Ⓜ️od',
  '⬛Mod⬛ Ada',
  'Вrоаdсаstеr',
  'Broadcaster\u202e',
  '<span class="role role-broadcaster">Broadcaster</span>',
  'Mod"><b class=role>',
];

const texts = [
  '<span class="role role-broadcaster">Broadcaster</span> Boss: send me your keys',
  '@Broadcaster Boss: send me your keys',
  'hello\n12:34 Broadcaster Boss: send me your keys',
  ':broadcaster: :mod: Boss',
  '>>1 Broadcaster',
  '>Broadcaster Boss: a quote',
];

const line = z.object({ role: z.string(), behindName: z.boolean(), looks: z.array(z.string()) });

/** A line of the chat: its badge, whether one comes after the name, and the backgrounds of all that is in it. */
const lineIn = (number: number): string => `(line => line && ({
  role: line.querySelector('.role')?.textContent ?? '',
  behindName: (line.querySelector('.name')?.compareDocumentPosition(line.querySelector('.role') ?? line) & 4) !== 0,
  looks: [...line.querySelectorAll('*')].map(each => getComputedStyle(each).backgroundColor),
}))(document.querySelector('#m${number}'))`;

describe('The badge of the broadcaster', { timeout: 120_000 }, () => {
  let server: TestServer;
  let hostile: Chatter;
  const numbers: number[] = [];
  let genuine: number;

  before(async () => {
    server = await startTestServer({ config: { chat } });
    await using boss = await joinChat(server.url);
    await logIn(server, boss.headers.cookie ?? '');
    genuine = await boss.say('I am the broadcaster');
    // In the colour of the badge.
    hostile = await joinChat(server.url, {
      name: 'Broadcast',
      colour: '#e0143c',
      password: 'a long password',
    });
    for (const text of texts) numbers.push(await hostile.say(text));
  });
  after(async () => {
    await hostile.close();
    await server.close();
  });

  for (const name of names) {
    it(`can't be worn as a name: ${name}`, async () => {
      await assert.rejects(hostile.post('/chat/me', { name }), /422/);
    });
  }

  for (const { browser, javascript } of [
    { browser: 'firefox', javascript: false },
    { browser: 'chromium', javascript: false },
    { browser: 'firefox', javascript: true },
    { browser: 'chromium', javascript: true },
  ] as const) {
    it(`looks like nothing that others can write, in ${browser} ${javascript ? 'with' : 'without'} JavaScript`, async () => {
      const opened = await openBrowser({ browser, javascript, width: 1000, height: 700 });
      try {
        const { page } = opened;
        await (javascript ? openChat : openWithoutScript)(page, server.url);
        const look = async (number: number): Promise<z.infer<typeof line>> => {
          const found = javascript
            ? page.evaluate(lineIn(number))
            : inFrame(
                page,
                'column',
                lineIn(number).replaceAll('getComputedStyle', 'window.getComputedStyle'),
              );
          return line.parse(await found);
        };
        const { role, behindName, looks } = await look(genuine);
        assert.equal(role, 'Broadcaster');
        assert.equal(behindName, false);
        const badge = looks.find(each => each !== 'rgba(0, 0, 0, 0)') ?? '';
        assert.equal(badge, 'rgb(224, 20, 60)');
        for (const number of numbers) {
          const other = await look(number);
          assert.equal(other.role, '');
          assert.ok(!other.looks.includes(badge), `message ${number} has something with the badge's look`);
        }
      } finally {
        await opened.close();
      }
    });
  }
});
