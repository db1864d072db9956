/** Without JavaScript people choose a quality by a link under the picture, and see and hear what they chose. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { untilMoving } from '../kit/browser/pixels.ts';
import { listen, toneShare } from '../kit/browser/sound.ts';
import { type Pulse, startPulse } from '../kit/desktop.ts';
import { StreamsDir } from '../kit/launcher.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { pictureRegion, shownBy, watchPage } from '../kit/watch-page.ts';

const size = { width: 1000, height: 700 };
const renditions = [
  { name: '240p', height: 240, videoBitrateKbps: 150 },
  { name: 'small-vp9', height: 180, videoBitrateKbps: 120, codec: 'vp9' },
  { name: 'small-av1', height: 180, videoBitrateKbps: 100, codec: 'av1' },
  { name: 'audio', video: false },
  { name: 'slides', everyS: 1, height: 240 },
];
const toneHz = 660;
const box = z.object({ x: z.number(), y: z.number(), height: z.number() });

/** What an expression gives in the picture's frame, `document`. */
function inPicture(page: Page, expression: string): Promise<unknown> {
  // In the page's own world: where JavaScript is off, those of frames are not always there.
  return page.evaluate(
    `(document => document && (${expression}))(window.document.querySelector('#picture').contentDocument)`,
  );
}

/** Where the frame of the picture lies on the page. */
async function pictureBox(page: Page): Promise<z.infer<typeof box>> {
  const look = `JSON.stringify(document.querySelector('#picture').getBoundingClientRect())`;
  return box.parse(JSON.parse(String(await page.evaluate(look))));
}

/** Presses the link under the picture, as with a mouse, and resolves when its document is there. */
async function choose(page: Page, name: string): Promise<void> {
  const link = `[...document.querySelectorAll('.player-bar a')].find(a => a.search.includes('quality=${name}'))`;
  const look = `(a => a && JSON.stringify(a.getBoundingClientRect()))(${link})`;
  const inside = await until(
    `the link to ${name}`,
    async () => {
      const told = await inPicture(page, look);
      return typeof told === 'string' && box.parse(JSON.parse(told));
    },
    10_000,
  );
  const outer = await pictureBox(page);
  await page.mouse.click(outer.x + inside.x + 5, outer.y + inside.y + inside.height / 2);
  const isShown = `document.querySelector('.player-bar a[aria-current]')?.search.includes('quality=${name}')`;
  await until(`${name} is shown`, async () => (await inPicture(page, isShown)) === true, 10_000);
}

describe('The links to other qualities', () => {
  let home: string;
  let streams: StreamsDir;
  let server: TestServer;
  let pulse: Pulse;
  let browser: OpenBrowser;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'qualities-'));
    const film = join(home, 'film.mkv');
    execFileSync('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30'],
      ...['-f', 'lavfi', '-i', `sine=f=${toneHz}:r=48000`, '-t', '20'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'flac', film],
    ]);
    const config = join(home, 'config.json');
    await writeFile(config, JSON.stringify({ capture: { renditions } }));
    pulse = await startPulse();
    streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', `file:${film}`, '--config', config]);
    await streams.untilPart(launcher, 10);
    server = await startTestServer({ streamsDir: streams.dir });
    browser = await openBrowser({ browser: 'firefox', javascript: false, ...size, env: pulse.env });
    await watchPage(browser.page, server.url);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await streams?.[Symbol.asyncDispose]();
    await pulse?.close();
    await rm(home, { recursive: true, force: true });
  });

  for (const name of ['240p', 'small-vp9', 'small-av1']) {
    it(`show ${name} moving in Firefox`, async () => {
      const { page } = browser;
      await choose(page, name);
      await untilMoving(page, await pictureRegion(page), { changes: 5 });
      const height = Number(await inPicture(page, `document.querySelector('video').videoHeight`));
      assert.equal(height, name === '240p' ? 240 : 180);
    });
  }

  it('show slides in Firefox, each when it is new', async () => {
    const { page } = browser;
    await choose(page, 'slides');
    await untilMoving(page, await pictureRegion(page), { changes: 4, share: 0.01 });
  });

  it('go on in Firefox when the encoder is started again', async () => {
    const { page } = browser;
    const loadedAt = 'document.defaultView.performance.timeOrigin';
    const pid = async (): Promise<number> => Number(await streams.read('pid.txt'));
    for (const name of ['240p', 'slides']) {
      await choose(page, name);
      await untilMoving(page, await pictureRegion(page));
      const loaded = await inPicture(page, loadedAt);
      const before = await pid();
      process.kill(before, 'SIGKILL');
      await until('another encoder', async () => ![0, before].includes(await pid()), 10_000);
      await untilMoving(page, await pictureRegion(page), { changes: 5, share: 0.01 });
      assert.equal(await inPicture(page, loadedAt), loaded, 'nothing was reloaded');
    }
  });

  it('show slides in Chromium, each when it is new', async () => {
    const chromium = await openBrowser({ browser: 'chromium', javascript: false, ...size });
    try {
      // A page with an image that never ends does not finish loading.
      await chromium.page.goto(`${server.url}player?quality=slides`, { waitUntil: 'domcontentloaded' });
      const picture = { x: 200, y: 150, width: 600, height: 300 };
      await untilMoving(chromium.page, picture, { changes: 4, share: 0.01 });
    } finally {
      await chromium.close();
    }
  });

  for (const javascript of [false, true]) {
    const how = javascript ? 'with JavaScript' : 'without JavaScript';
    it(`need not be pressed in a Firefox that lacks H.264: it takes VP9 by itself ${how}`, async () => {
      const options = { browser: 'firefox', javascript, systemCodecs: false, ...size } as const;
      const other = await openBrowser(options);
      try {
        await watchPage(other.page, server.url, { changes: 5 });
        if (javascript) {
          await until('the player plays', async () => (await shownBy(other.page)) === 'player', 30_000);
          await untilMoving(other.page, await pictureRegion(other.page), { changes: 5 });
        } else {
          const source = await inPicture(other.page, `document.querySelector('video').currentSrc`);
          assert.match(String(source), /[?&]quality=small-vp9$/);
        }
        const video = javascript ? 'document' : `document.querySelector('#picture').contentDocument`;
        const height = await other.page.evaluate(`${video}.querySelector('video').videoHeight`);
        assert.equal(height, 180);
      } finally {
        await other.close();
      }
    });
  }

  it('keep the sound that the viewer asked for, in Firefox', async () => {
    const { page } = browser;
    await page.goto(`${server.url}player?quality=240p&sound=1`, { waitUntil: 'domcontentloaded' });
    await until(
      'the tone',
      async () => {
        await page.mouse.click(size.width / 2, size.height / 2);
        return toneShare(await listen(pulse.env), toneHz) > 0.9;
      },
      30_000,
    );
    assert.ok(toneShare(await listen(pulse.env, { seconds: 5 }), toneHz) > 0.9, 'without a break');
    const height = await page.evaluate(`document.querySelector('video').videoHeight`);
    assert.equal(height, 240);
    await watchPage(page, server.url);
  });

  it('play the sound alone in Firefox once the viewer presses play', async () => {
    const { page } = browser;
    await choose(page, 'audio');
    const place = `JSON.stringify(document.querySelector('audio').getBoundingClientRect())`;
    const inside = box.parse(JSON.parse(String(await inPicture(page, place))));
    const outer = await pictureBox(page);
    await page.mouse.click(outer.x + inside.x + 20, outer.y + inside.y + inside.height / 2);
    await until('the tone', async () => toneShare(await listen(pulse.env), toneHz) > 0.9, 20_000);
    // It does not run dry: the next seconds are the tone and nothing else.
    assert.ok(toneShare(await listen(pulse.env, { seconds: 5 }), toneHz) > 0.9);
    assert.equal(await inPicture(page, `document.querySelector('video')`), null);
  });
});
