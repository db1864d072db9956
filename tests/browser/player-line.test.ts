/** The player on lines that are slow, stand still, break, or come back after a sleep: real browsers. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { layLine } from '../kit/line.ts';
import { aimS, behindS, edgeS, look, openPlayer, statsOf, untilLive } from '../kit/player.ts';
import type { TestServer } from '../kit/server.ts';
import { laySlowLine } from '../kit/slow-line.ts';
import { startStream } from '../kit/stream-clients.ts';
import { until } from '../kit/until.ts';

// What is the same code in both is tried in one of them where it takes long.
const tried = {
  firefox: { stalls: true, slow: true, silence: false, anotherServer: true },
  chromium: { stalls: false, slow: false, silence: true, anotherServer: false },
} as const;

for (const kind of ['firefox', 'chromium'] as const) {
  const { stalls, slow, silence, anotherServer } = tried[kind];

  describe(`The player in ${kind}`, () => {
    let stream: Awaited<ReturnType<typeof startStream>>;
    let server: TestServer;
    let browser: OpenBrowser;

    before(async () => {
      stream = await startStream({ extra: ['-b:v', '400k', '-maxrate', '400k', '-bufsize', '200k'] });
      server = stream.server;
      browser = await openBrowser({ browser: kind, javascript: true, width: 800, height: 600 });
    });
    after(async () => {
      await browser?.close();
      await stream?.[Symbol.asyncDispose]();
    });

    if (stalls) {
      it('comes back to the live edge after the line stood still, and keeps more distance when it does so again', async () => {
        await using line = await laySlowLine(server.url);
        const { page } = browser;
        const { channel } = server.running;
        await openPlayer(page, line.url, channel);
        await page.keyboard.press('i');
        await until('the statistics', async () => aimS(await statsOf(page)) >= 0);
        const aimedS = aimS(await statsOf(page));
        for (let stall = 0; stall < 3; stall += 1) {
          line.setRate(0);
          await until('it has run dry', async () => (await behindS(page, channel)) > 2, 10_000);
          line.setRate(Number.POSITIVE_INFINITY);
          await untilLive(page, channel, 5000, 1.8);
        }
        await until('it keeps more distance', async () => aimS(await statsOf(page)) > aimedS + 0.3);
        // The panel tells of the last stall a little later than the picture shows it.
        let widest = 0;
        await until(
          'less of it when all is calm',
          async () => {
            const nowS = aimS(await statsOf(page));
            widest = Math.max(widest, nowS);
            return nowS < widest;
          },
          60_000,
        );
        await page.keyboard.press('i');
      });
    }

    if (stalls) {
      it('comes back to the live edge over HLS, too', async () => {
        await using line = await laySlowLine(server.url);
        const { page } = browser;
        const { channel } = server.running;
        await openPlayer(page, `${line.url}?player=hls`, channel);
        line.setRate(0);
        await until('it has run dry', async () => (await behindS(page, channel)) > 4, 15_000);
        line.setRate(Number.POSITIVE_INFINITY);
        await untilLive(page, channel, 10_000, 2);
      });
    }

    if (slow) {
      it('shows newest pictures on a line of half the bitrate, and does not fall behind for ever', async () => {
        await using line = await laySlowLine(server.url);
        const { page } = browser;
        const { channel } = server.running;
        await openPlayer(page, line.url, channel);
        const parts = channel.window.segments.flatMap(segment => segment.parts);
        const bytes = parts.reduce((sum, part) => sum + part.bytes.length, 0);
        const seconds = parts.reduce((sum, part) => sum + part.durationMs, 0) / 1000;
        line.setRate((bytes / seconds) * 0.5);
        const samples: number[] = [];
        for (let second = 0; second < 32; second += 1) {
          await delay(1000);
          samples.push(await behindS(page, channel));
        }
        const late = samples.slice(12);
        const worst = Math.max(...late);
        // Without it: half a second more each second, 16 s at the end.
        assert.ok(
          worst < 13,
          `at most ${worst.toFixed(1)} s behind: ${samples.map(each => each.toFixed(0))}`,
        );
        assert.ok(Math.min(...late) < 5, `newest pictures come: ${samples.map(each => each.toFixed(0))}`);
        line.setRate(Number.POSITIVE_INFINITY);
        await untilLive(page, channel, 20_000, 3.5);
      });
    }

    it('asks again when the line breaks, says so when that goes on, and plays when it is mended', async () => {
      await using line = await layLine(server.url);
      const { page } = browser;
      const { channel } = server.running;
      await openPlayer(page, line.url, channel);
      line.drop();
      await delay(1000);
      await untilLive(page, channel, 10_000);
      assert.equal((await look(page)).notice, '');
      await page.evaluate(`window.seeks = 0;
        document.querySelector('.video-js video').addEventListener('seeking', () => { window.seeks += 1; })`);
      line.cut();
      await until('it is told', async () => /connection .* lost/.test((await look(page)).notice), 20_000);
      assert.equal(
        await page.evaluate('window.seeks'),
        0,
        'the last moments are not shown again at each try',
      );
      line.mend();
      await untilLive(page, channel, 20_000);
      await until('the notice has gone', async () => (await look(page)).notice === '', 10_000);
    });

    if (silence) {
      it('asks again when data stays away on a line that seems open', async () => {
        await using line = await layLine(server.url);
        const { page } = browser;
        const { channel } = server.running;
        await openPlayer(page, line.url, channel);
        line.endSpare();
        line.deafen();
        await until('it stands', async () => (await behindS(page, channel)) > 3, 10_000);
        // What is tried first is an old one, too.
        await untilLive(page, channel, 40_000);
      });
    }

    if (anotherServer) {
      it('goes on with another server, whose time begins anew', async () => {
        await using line = await layLine(server.url);
        const { page } = browser;
        await openPlayer(page, line.url, server.running.channel);
        await using other = await startStream();
        assert.ok(edgeS(server.running.channel) > edgeS(other.server.running.channel) + 5);
        line.lead(other.server.url);
        line.drop();
        await untilLive(page, other.server.running.channel, 20_000);
        const { timeS } = await look(page);
        await until('it plays on', async () => (await look(page)).timeS > timeS + 1);
        const { isLive, live } = await look(page);
        assert.ok(isLive, `it is live, and told to be “${live}”`);
      });
    }

    it('is live within moments after the machine has slept', async () => {
      const { page, pid } = browser;
      const { channel } = server.running;
      await openPlayer(page, server.url, channel);
      // Puppeteer starts a browser in a process group of its own.
      process.kill(-pid, 'SIGSTOP');
      try {
        await delay(7000);
      } finally {
        process.kill(-pid, 'SIGCONT');
      }
      await untilLive(page, channel, 8000);
    });

    it('shows what is live when one comes back to its tab', async () => {
      const { page } = browser;
      const { channel } = server.running;
      await openPlayer(page, server.url, channel);
      const other = await page.browser().newPage();
      await other.bringToFront();
      try {
        await until('the tab is hidden', async () => (await look(page)).hidden, 5000);
        await delay(6000);
      } finally {
        await other.close();
      }
      await page.bringToFront();
      await until('the tab is seen', async () => !(await look(page)).hidden, 5000);
      await untilLive(page, channel, 4000);
    });
  });
}
