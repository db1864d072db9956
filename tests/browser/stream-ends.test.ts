/** The player while there is no stream yet, or no room, and when there is none any more. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { startEncoder } from '../kit/encoder.ts';
import { layLine } from '../kit/line.ts';
import { look, openPlayer, untilLive } from '../kit/player.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openStream } from '../kit/stream-clients.ts';
import { until } from '../kit/until.ts';

for (const kind of ['firefox', 'chromium'] as const) {
  describe(`A stream that begins and ends, in ${kind}`, () => {
    let server: TestServer;
    let browser: OpenBrowser;

    before(async () => {
      server = await startTestServer({ config: { live: { endAfterStallS: 8 } } });
      browser = await openBrowser({ browser: kind, javascript: true, width: 800, height: 600 });
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });

    it('is waited for over HLS, and not asked for while it is off', async () => {
      const { page } = browser;
      await using line = await layLine(server.url);
      const way = Promise.withResolvers<void>();
      line.holdSockets(way.promise);
      const asked: string[] = [];
      page.on('request', request => asked.push(new URL(request.url()).pathname));
      await page.goto(`${line.url}?player=hls`, { waitUntil: 'domcontentloaded' });
      await page.waitForSelector('.video-js video');
      way.resolve();
      await page.waitForSelector('.badge[data-state="offline"]');
      assert.deepEqual(
        asked.filter(path => path.endsWith('.m3u8')),
        [],
      );
      await using _encoder = await startEncoder(server.channelDir, { announced: true });
      await until('a picture', async () => (await look(page)).width > 0, 30_000);
      assert.equal((await look(page)).notice, '');
      await page.goto('about:blank');
    });

    it('is said to be full at once where it is, and plays when there is room', async () => {
      const { page } = browser;
      await using full = await startTestServer({ config: { delivery: { maxViews: 1 } } });
      await using _encoder = await startEncoder(full.channelDir, { announced: true });
      await until('it is live', () => full.running.channel.state === 'live', 20_000);
      const other = await openStream(full.url);
      await page.goto(full.url, { waitUntil: 'domcontentloaded' });
      const isSeen = `document.querySelector('.stage-error')?.checkVisibility({ visibilityProperty: true })`;
      await until('why it is not shown', async () => (await page.evaluate(isSeen)) === true, 20_000);
      assert.match((await look(page)).notice, /full.*places are taken.* It is being tried again/s);
      await other.stop();
      await page.click('.stage-error button');
      await untilLive(page, full.running.channel);
      assert.equal((await look(page)).notice, '');
      await page.goto('about:blank');
    });

    it('ends when its encoder dies, and nobody’s connection is said to be lost', async () => {
      const { page } = browser;
      await using encoder = await startEncoder(server.channelDir, { announced: true });
      await until('it is live', () => server.running.channel.state === 'live', 20_000);
      await openPlayer(page, server.url, server.running.channel);
      await page.evaluate(`window.told = [];
        new MutationObserver(() => {
          const notice = document.querySelector('.stage-error');
          if (!notice.hidden) window.told.push(notice.textContent);
        }).observe(document.querySelector('.stage-error'), { attributes: true, childList: true })`);
      encoder.signal('SIGKILL');
      await page.waitForSelector('.badge[data-state="ended"]');
      assert.equal(await page.evaluate(`window.told.join()`), '');
      await until(
        'the player gives way to that',
        async () => (await page.$('.stage[data-playing]')) === null,
      );
      const isSpinning = `document.querySelector('.vjs-loading-spinner').checkVisibility({ visibilityProperty: true })`;
      assert.equal(await page.evaluate(isSpinning), false);
    });
  });
}
