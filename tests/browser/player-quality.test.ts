/** Several qualities in the player: chosen by hand, by what the line carries, and by what the browser can play. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { type Encoder, startEncoder } from '../kit/encoder.ts';
import { behindS, look, openPlayer, press, untilLive } from '../kit/player.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { laySlowLine } from '../kit/slow-line.ts';
import { until } from '../kit/until.ts';

const offered = z.array(z.object({ name: z.string(), kbps: z.number() }));

/** As one ffmpeg of ours would write them: the main one, a smaller one, and one in VP9. */
async function startEncoders(channelDir: string): Promise<Encoder[]> {
  const rate = (kbps: number) => ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`];
  const shared = { frameRate: 15, gopFrames: 15 } as const;
  const main = await startEncoder(channelDir, {
    ...shared,
    size: '320x180',
    announced: true,
    extra: rate(500),
  });
  const low = await startEncoder(join(channelDir, 'low'), { ...shared, size: '160x90', extra: rate(90) });
  const vp9 = await startEncoder(join(channelDir, 'vp9'), {
    ...{ ...shared, size: '192x108', video: 'libvpx-vp9', audio: 'libopus', extra: rate(80) },
  });
  return [main, low, vp9];
}

describe('The qualities of the player', () => {
  let server: TestServer;
  let encoders: Encoder[] = [];

  before(async () => {
    server = await startTestServer({ title: 'Qualities' });
    encoders = await startEncoders(server.channelDir);
    await until(
      'all are there',
      async () => offered.parse(await (await fetch(`${server.url}qualities.json`)).json()).length === 3,
      20_000,
    );
  });
  after(async () => {
    for (const encoder of encoders) await encoder.close();
    await server?.close();
  });

  async function choose(page: Page, name: string): Promise<void> {
    await page.click(`.qualities input[value="${name}"]`);
  }

  for (const kind of ['firefox', 'chromium'] as const) {
    describe(`in ${kind}`, () => {
      let browser: OpenBrowser;
      let page: Page;

      before(async () => {
        browser = await openBrowser({ browser: kind, javascript: true, width: 1000, height: 700 });
        page = browser.page;
      });
      after(() => browser?.close());

      it('are chosen by hand without a break, also in another codec, and told with what they cost', async () => {
        const { channel } = server.running;
        await openPlayer(page, server.url, channel);
        await page.keyboard.press('q');
        const told = String(await page.evaluate(`document.querySelector('.qualities').innerText`));
        assert.match(
          told.replace(/\s+/g, ' '),
          /Automatic .* 180p \d+ kbit\/s, ≈ \d+ MB\/h .* 90p \d+ kbit\/s/,
        );
        const element = await page.evaluate(
          `(window.before = document.querySelector('.video-js video')).src`,
        );
        for (const [name, width] of [
          ['low', 160],
          ['vp9', 192],
          ['main', 320],
        ] as const) {
          await choose(page, name);
          await until(`a picture ${width} wide`, async () => (await look(page)).width === width, 8000);
          assert.ok((await behindS(page, channel)) < 2);
        }
        assert.equal(await page.evaluate(`document.querySelector('.video-js video').src`), element);
        await untilLive(page, channel);
        await page.keyboard.press('Escape');
        assert.equal(await page.evaluate(`document.querySelector('.qualities').checkVisibility()`), false);
      });

      it('are kept when one goes back in time', async () => {
        await openPlayer(page, server.url, server.running.channel);
        await page.keyboard.press('q');
        await choose(page, 'low');
        await until('the low one', async () => (await look(page)).width === 160, 8000);
        await until(
          'there is a way back',
          () => page.evaluate(`!document.querySelector('.time-bar').hidden`).then(Boolean),
          30_000,
        );
        await press(page, '.to-start');
        await until('the past', async () => (await behindS(page, server.running.channel)) > 8, 10_000);
        const { timeS, width } = await look(page);
        assert.equal(width, 160);
        await until('it plays', async () => (await look(page)).timeS > timeS + 1);
      });

      it('are chosen over HLS, too, by hand and by itself, and what plays is told', async () => {
        await page.goto('about:blank');
        await page.goto(`${server.url}?player=hls`, { waitUntil: 'domcontentloaded' });
        await until('the player is shown', async () => (await look(page)).isShown, 20_000);
        await page.keyboard.press('q');
        for (const [name, width, label] of [
          ['low', 160, '90p'],
          ['main', 320, '180p'],
        ] as const) {
          await choose(page, name);
          await until(`a picture ${width} wide`, async () => (await look(page)).width === width, 15_000);
          assert.equal((await look(page)).quality, label);
        }
        const [asked] = await Promise.all([
          page.waitForRequest(request => request.url().includes('/qualities.m3u8')),
          choose(page, 'auto'),
        ]);
        assert.match(asked.url(), /codecs=avc1/);
        const { timeS } = await look(page);
        await until('it plays', async () => (await look(page)).timeS > timeS + 1, 15_000);
        await until('what plays is told', async () => {
          const { quality, width } = await look(page);
          return quality === (width === 160 ? '90p' : '180p');
        });
      });

      it('follow what the browser can play', async () => {
        const { identifier } = await page.evaluateOnNewDocument(
          `{ const is = MediaSource.isTypeSupported; MediaSource.isTypeSupported = type => !/avc1/.test(type) && is(type) }`,
        );
        try {
          await page.goto('about:blank');
          await page.goto(server.url, { waitUntil: 'domcontentloaded' });
          await until('VP9', async () => (await look(page)).width === 192, 20_000);
          assert.equal((await look(page)).notice, '');
        } finally {
          await page.removeScriptToEvaluateOnNewDocument(identifier);
        }
      });
    });
  }

  it('follow what the line carries: down within seconds, and up again when it is good', async () => {
    await using line = await laySlowLine(server.url);
    const browser = await openBrowser({ browser: 'firefox', javascript: true, width: 800, height: 600 });
    const { page } = browser;
    const { channel } = server.running;
    try {
      await openPlayer(page, line.url, channel);
      assert.equal((await look(page)).width, 320);
      line.setRate(300_000 / 8);
      await until('a smaller one', async () => [160, 192].includes((await look(page)).width), 25_000);
      await untilLive(page, channel, 20_000, 3.5);
      line.setRate(Number.POSITIVE_INFINITY);
      await until('the best again', async () => (await look(page)).width === 320, 120_000);
      await untilLive(page, channel);
    } finally {
      await browser.close();
    }
  });
});
