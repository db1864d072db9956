/** The player's controls, as a person uses them: going back in time and forth again, statistics, what it can't play. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { untilMoving } from '../kit/browser/pixels.ts';
import { behindS, edgeS, look, openPlayer, press, statsOf, untilLive } from '../kit/player.ts';
import type { TestServer } from '../kit/server.ts';
import { startStream } from '../kit/stream-clients.ts';
import { until } from '../kit/until.ts';
import { pictureRegion, watchPage } from '../kit/watch-page.ts';

const boxIn = (json: string) =>
  z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }).parse(JSON.parse(json));

/** What an expression gives in the page. */
const inPage = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);

async function untilBehind(page: Page, server: TestServer, fromS: number, toS: number): Promise<void> {
  const { channel } = server.running;
  let seenS = 0;
  await until(
    `it is ${fromS} to ${toS} s behind`,
    async () => {
      seenS = await behindS(page, channel);
      return seenS >= fromS && seenS <= toS;
    },
    10_000,
  ).catch(error => {
    throw new Error(`${error.message}: ${seenS}`);
  });
  // It plays there.
  const { timeS } = await look(page);
  await until('it plays', async () => (await look(page)).timeS > timeS + 0.5, 5000);
}

describe('The controls of the player', () => {
  let stream: Awaited<ReturnType<typeof startStream>>;
  let server: TestServer;

  before(async () => {
    stream = await startStream();
    server = stream.server;
    await until('half a minute has been', () => edgeS(server.running.channel) > 25, 30_000);
  });
  after(() => stream?.[Symbol.asyncDispose]());

  for (const kind of ['firefox', 'chromium'] as const)
    describe(`in ${kind}`, () => {
      let browser: OpenBrowser;
      let page: Page;

      before(async () => {
        browser = await openBrowser({ browser: kind, javascript: true, width: 1000, height: 700 });
        page = browser.page;
        await openPlayer(page, server.url, server.running.channel);
        await until('it knows how far back one may go', () =>
          inPage(page, `!document.querySelector('.time-bar').hidden`).then(seen => seen === true),
        );
      });
      after(() => browser?.close());

      it('go ten seconds back and forth with the arrow keys, and to the live edge with a key', async () => {
        await page.keyboard.press('ArrowLeft');
        await untilBehind(page, server, 9, 13);
        const seen = await look(page);
        assert.equal(seen.isLive, false);
        assert.match(seen.live, /−0:1\d · Go live/);
        await page.keyboard.press('ArrowLeft');
        await untilBehind(page, server, 18, 24);
        await page.keyboard.press('ArrowRight');
        await untilBehind(page, server, 9, 14);
        await page.keyboard.press('l');
        await untilLive(page, server.running.channel);
      });

      it('go to the start of what is kept, and to the live edge with the button', async () => {
        await press(page, '.to-start');
        await until('the start', async () => (await look(page)).timeS < 8, 10_000);
        await untilBehind(page, server, 15, 200);
        await press(page, '.live-badge');
        await untilLive(page, server.running.channel);
        assert.match((await look(page)).live, /^Live$/);
      });

      it('go anywhere with the bar, also by its keys, and say where that is', async () => {
        const box = await (await page.$('.time-bar input'))?.boundingBox();
        assert.ok(box);
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        await untilBehind(page, server, 8, 60);
        const told = await inPage(
          page,
          `document.querySelector('.time-bar input').getAttribute('aria-valuetext')`,
        );
        assert.match(String(told), /seconds? behind live$/);
        await page.focus('.time-bar input');
        await page.keyboard.press('End');
        await untilLive(page, server.running.channel);
        await until(
          'the bar is at its end',
          async () => (await inPage(page, `document.querySelector('.time-bar input').value`)) === '0',
        );
      });

      it('go on with the bar when its thumb was let go where it was taken', async () => {
        await page.mouse.move(5, 5);
        const box = await (await page.$('.time-bar input'))?.boundingBox();
        assert.ok(box);
        const [x, y] = [box.x + box.width - 8, box.y + box.height / 2];
        const isHeld = (): Promise<unknown> =>
          inPage(page, `document.querySelector('.time-bar').dataset.held`);
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.move(x - 200, y);
        await until('it is held', async () => (await isHeld()) === 'yes');
        await page.mouse.move(x, y);
        await page.mouse.up();
        await until('it is let go', async () => (await isHeld()) === 'no');
      });

      it('keep playing what was shown then, not what is live, while time passes', async () => {
        await page.keyboard.press('ArrowLeft');
        await untilBehind(page, server, 9, 13);
        const { timeS } = await look(page);
        await until('five seconds', async () => (await look(page)).timeS > timeS + 5, 10_000);
        await untilBehind(page, server, 9, 13);
        await page.keyboard.press('l');
        await untilLive(page, server.running.channel);
      });

      it('show statistics by button and by key, true ones, and hide them again', async () => {
        const isShown = (): Promise<unknown> =>
          inPage(page, `document.querySelector('.stats').checkVisibility()`);
        assert.equal(await isShown(), false);
        await press(page, '.to-stats');
        await until('they are shown', async () => (await isShown()) === true);
        assert.equal(
          await inPage(page, `document.querySelector('.to-stats').getAttribute('aria-expanded')`),
          'true',
        );
        const stats = await until('all is known', async () => {
          const rows = await statsOf(page);
          return /kbit\/s/.test(rows.Arriving ?? '') ? rows : undefined;
        });
        const told = Number(/^([\d.]+) s ± ([\d.]+) s$/.exec(stats['Behind the server'] ?? '')?.[1]);
        const seen = await behindS(page, server.running.channel);
        assert.ok(Math.abs(told - seen) < 0.8, `${told} s are told, ${seen} s are seen`);
        assert.match(stats.Quality ?? '', /320×180, H\.264 \+ AAC/);
        assert.match(stats.Buffer ?? '', /^[\d.]+ s, aims at [\d.]+ s$/);
        assert.match(stats['Stalls, reconnects'] ?? '', /^\d+, \d+$/);
        await page.keyboard.press('Escape');
        await until('they are hidden', async () => (await isShown()) === false);
        await page.keyboard.press('i');
        await until('they are shown', async () => (await isShown()) === true);
        await page.keyboard.press('i');
        await until('they are hidden', async () => (await isShown()) === false);
      });

      it('leave the keys to who writes', async () => {
        await until(
          'the chat',
          async () => (await page.$('.live-column textarea, .live-column input')) !== null,
        );
        await page.focus('.live-column textarea, .live-column [name=text]');
        await page.keyboard.type('ilk');
        await page.keyboard.press('ArrowLeft');
        assert.equal(await inPage(page, `document.querySelector('.stats').checkVisibility()`), false);
        assert.equal((await look(page)).isLive, true);
        assert.equal((await look(page)).paused, false);
      });

      it('all fit into a narrow page', async () => {
        await page.setViewport({ width: 360, height: 740 });
        await page.keyboard.press('Tab');
        const outside = await inPage(
          page,
          `JSON.stringify([...document.querySelectorAll('.vjs-control-bar > *')].filter(each => {
          const { left, right, width } = each.getBoundingClientRect();
          return each.checkVisibility() && width > 0 && (left < 0 || right > 360);
        }).map(each => each.className))`,
        );
        assert.equal(outside, '[]');
        await page.setViewport({ width: 1000, height: 700 });
      });

      it('say what to do where the browser can not play the stream', async () => {
        const { identifier } = await page.evaluateOnNewDocument(`MediaSource.isTypeSupported = () => false`);
        try {
          await page.goto(server.url, { waitUntil: 'domcontentloaded' });
          const { notice } = await until(
            'the notice',
            async () => {
              const seen = await look(page);
              return seen.notice === '' ? undefined : seen;
            },
            20_000,
          );
          assert.match(notice, /can’t play .*H\.264.*Install .* codecs .*Other players/);
        } finally {
          await page.removeScriptToEvaluateOnNewDocument(identifier);
        }
      });
    });
});

describe('Going back in time without JavaScript', () => {
  for (const kind of ['firefox', 'chromium'] as const) {
    it(`shows the picture of that time, moving, in ${kind}; and what is live again`, async () => {
      await using stream = await startStream();
      const { url } = stream.server;
      const browser = await openBrowser({ browser: kind, javascript: false, width: 1000, height: 700 });
      const { page } = browser;
      try {
        await watchPage(page, url);
        const shown = (): Promise<unknown> =>
          inPage(
            page,
            `document.querySelector('#picture').contentDocument?.querySelector('video')?.currentSrc`,
          );
        for (const [label, address] of [
          ['From the start (up to 4 min)', 'ago=240'],
          ['Back to live', 'stream.mp4'],
        ] as const) {
          const at = await inPage(
            page,
            `JSON.stringify([...document.querySelectorAll('#rewind a')].find(each => each.textContent === ${JSON.stringify(label)}).getBoundingClientRect())`,
          );
          const box = boxIn(String(at));
          await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
          await until(
            label,
            async () => {
              const src = String(await shown());
              return src.includes(address) && src.includes('ago') === address.includes('ago');
            },
            15_000,
          );
          await untilMoving(page, await pictureRegion(page), { changes: 5 });
        }
      } finally {
        await browser.close();
      }
    });
  }
});
