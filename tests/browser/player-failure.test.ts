/** What the player does when what comes can't be played: real browsers, whose Media Source Extensions are made to fail. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { type Encoder, startEncoder } from '../kit/encoder.ts';
import { look, untilLive } from '../kit/player.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

/** Opens the page with a script that runs before all others, in this page and no later one. */
async function openWith(page: Page, script: string, url: string): Promise<void> {
  await page.goto('about:blank');
  const { identifier } = await page.evaluateOnNewDocument(script);
  await page.goto(url, { waitUntil: 'domcontentloaded', timeout: 60_000 });
  await page.removeScriptToEvaluateOnNewDocument(identifier);
}

/** The first sources are fed a moov box without anything in it that makes sense; counts them. */
const failsToDecode = `window.sources = 0;
  window.broken = new Uint8Array([0, 0, 0, 16, 0x6d, 0x6f, 0x6f, 0x76, 7, 7, 7, 7, 7, 7, 7, 7]);
  const add = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    window.sources += 1;
    window.buffer = buffer;
    if (window.sources <= 2) {
      const append = buffer.appendBuffer;
      buffer.appendBuffer = () => append.call(buffer, window.broken);
    }
    return buffer;
  };`;

for (const kind of ['firefox', 'chromium'] as const)
  describe(`What can not be played in ${kind}`, () => {
    let server: TestServer;
    let encoder: Encoder;
    let browser: OpenBrowser;

    before(async () => {
      server = await startTestServer();
      encoder = await startEncoder(server.channelDir, { announced: true });
      browser = await openBrowser({ browser: kind, javascript: true, width: 800, height: 600 });
      await until('it is live', () => server.running.channel.window.segments[1]?.complete, 20_000);
    });
    after(async () => {
      await browser?.close();
      await encoder?.close();
      await server?.close();
    });

    it('is told, and not asked for again and again', async () => {
      const { page } = browser;
      await openWith(page, 'MediaSource.isTypeSupported = () => false', server.url);
      await until('the notice', async () => (await look(page)).notice !== '', 20_000);
      const asked: string[] = [];
      const note = (request: { url(): string }): unknown => asked.push(new URL(request.url()).pathname);
      const times = (path: string): number => asked.filter(each => each === path).length;
      page.on('request', note);
      await until('time has passed', () => times('/live-edge') >= 2, 30_000);
      page.off('request', note);
      // Once, when it has heard which qualities there are.
      assert.ok(times('/stream.mp4') <= 1, asked.join());
    });

    it('is tried again however soon it fails, and plays when it can', async () => {
      const { page } = browser;
      await openWith(page, failsToDecode, server.url);
      await untilLive(page, server.running.channel, 20_000);
      assert.equal(await page.evaluate('window.sources'), 3);
    });

    it('when the stream is over is forgotten when the next one begins', async () => {
      const { page } = browser;
      await openWith(page, failsToDecode.replace('<= 2', '<= 0'), server.url);
      await untilLive(page, server.running.channel, 20_000);
      await encoder.stop();
      await page.waitForSelector('.badge[data-state="ended"]');
      await page.evaluate('window.buffer.appendBuffer(window.broken)');
      await page.waitForFunction(`document.querySelector('.video-js video').error !== null`);
      encoder = await startEncoder(server.channelDir, { announced: true });
      await until('it is live', () => server.running.channel.state === 'live', 20_000);
      await untilLive(page, server.running.channel, 20_000);
    });
  });
