/** What the whole is for: somebody broadcasts, and people see and hear it, with JavaScript and without. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type BrowserOptions, type OpenBrowser, openBrowser } from '../kit/browser/open.ts';
import { untilMoving } from '../kit/browser/pixels.ts';
import { listen, toneShare } from '../kit/browser/sound.ts';
import { type Display, type Pulse, startDisplay, startPulse } from '../kit/desktop.ts';
import { StreamsDir } from '../kit/launcher.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { pictureRegion, shownBy, watchPage } from '../kit/watch-page.ts';

const size = { width: 1000, height: 700 };
const viewers = [
  { browser: 'firefox', javascript: false },
  { browser: 'firefox', javascript: true },
  { browser: 'chromium', javascript: false },
  { browser: 'chromium', javascript: true },
] as const satisfies readonly Partial<BrowserOptions>[];
type Viewer = (typeof viewers)[number];

/** One of each for all sources: to open them takes longer than to look. */
const opened = new Map<string, OpenBrowser>();

after(async () => {
  for (const browser of opened.values()) await browser.close();
});

async function pageOf(viewer: Viewer): Promise<Page> {
  const key = `${viewer.browser} ${viewer.javascript}`;
  const browser = opened.get(key) ?? (await openBrowser({ ...viewer, ...size }));
  opened.set(key, browser);
  return browser.page;
}

/** Leaves nothing running that the next one would have to wait for. */
async function watching(viewer: Viewer, look: (page: Page) => Promise<void>): Promise<void> {
  const page = await pageOf(viewer);
  try {
    await look(page);
  } finally {
    await page.goto('about:blank');
  }
}
const onOrOff = (on: boolean): string => (on ? 'with JavaScript' : 'without JavaScript');

/** Broadcasts with our launcher and serves it; both end with the test. */
async function broadcast(source: string, env: NodeJS.ProcessEnv = {}) {
  const streams = await StreamsDir.make();
  const launcher = streams.launch(['--source', source], env);
  await streams.untilPart(launcher, 10);
  const server = await startTestServer({ streamsDir: streams.dir, title: 'A title' });
  const close = async (): Promise<void> => {
    await server.close();
    await streams[Symbol.asyncDispose]();
  };
  return { server, close };
}

function seenByEveryone(served: () => TestServer): void {
  for (const viewer of viewers) {
    it(`is seen moving in ${viewer.browser} ${onOrOff(viewer.javascript)}`, () =>
      watching(viewer, async page => {
        await watchPage(page, served().url);
        const by = viewer.javascript ? 'player' : 'frame';
        await until(`the picture is shown by the ${by}`, async () => (await shownBy(page)) === by, 20_000);
        await untilMoving(page, await pictureRegion(page));
      }));
  }
}

describe('The test card', () => {
  let server: TestServer;
  let close: () => Promise<void>;

  before(async () => {
    ({ server, close } = await broadcast('test'));
  });
  after(() => close());

  seenByEveryone(() => server);

  it('is seen moving in Chromium over HLS, when that is asked for', () =>
    watching({ browser: 'chromium', javascript: true }, async page => {
      await watchPage(page, `${server.url}?player=hls`);
      await until('the player plays', async () => (await shownBy(page)) === 'player', 30_000);
      await untilMoving(page, await pictureRegion(page));
    }));

  it('is left to the bare element where video.js is turned off', () =>
    watching({ browser: 'chromium', javascript: true }, async page => {
      await watchPage(page, `${server.url}?videojs=0`);
      assert.equal(await shownBy(page), 'frame');
      assert.equal(await page.$('.video-js'), null);
    }));
});

describe('A video file', () => {
  let home: string;
  let server: TestServer;
  let pulse: Pulse;
  let close: () => Promise<void>;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'film-'));
    const film = join(home, 'film.mkv');
    const picture = 'mandelbrot=s=480x270:rate=25';
    execFileSync('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=f=660:r=44100'],
      ...['-t', '8', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'flac', film],
    ]);
    pulse = await startPulse();
    ({ server, close } = await broadcast(`file:${film}`));
  });
  after(async () => {
    await close();
    await pulse.close();
    await rm(home, { recursive: true, force: true });
  });

  seenByEveryone(() => server);

  it('is heard in Firefox without JavaScript once the viewer presses play', async () => {
    const browser = await openBrowser({ browser: 'firefox', javascript: false, ...size, env: pulse.env });
    try {
      await browser.page.goto(`${server.url}?sound=1`, { waitUntil: 'domcontentloaded' });
      const { x, y, width, height } = await pictureRegion(browser.page);
      await until(
        'the play button works',
        async () => {
          await browser.page.mouse.click(x + width / 2, y + (height / 0.5) * 0.35);
          return toneShare(await listen(pulse.env), 660) > 0.5;
        },
        30_000,
      );
    } finally {
      await browser.close();
    }
  });

  it('is heard in Chromium with JavaScript once the viewer asks for sound', async () => {
    const browser = await openBrowser({ browser: 'chromium', javascript: true, ...size, env: pulse.env });
    try {
      await watchPage(browser.page, server.url);
      await until('the player plays', async () => (await shownBy(browser.page)) === 'player', 20_000);
      await browser.page.click('#sound');
      await until('the tone', async () => toneShare(await listen(pulse.env), 660) > 0.5, 20_000);
    } finally {
      await browser.close();
    }
  });
});

describe('A screen with a window that moves and sound', () => {
  let display: Display;
  let pulse: Pulse;
  let server: TestServer;
  let close: () => Promise<void>;
  let stopPlayer: () => Promise<void>;

  before(async () => {
    [display, pulse] = await Promise.all([startDisplay({ width: 640, height: 360 }), startPulse()]);
    const env = { ...display.env, ...pulse.env };
    const source = 'testsrc2=s=640x360:r=30[out0];sine=f=520:r=48000,volume=3[out1]';
    const player = spawn('setpriv', ['--pdeathsig', 'KILL', 'ffplay', '-v', 'error', '-f', 'lavfi', source], {
      env: { ...process.env, ...env, SDL_AUDIODRIVER: 'pulseaudio' },
      stdio: 'ignore',
    });
    stopPlayer = async () => {
      player.kill('SIGKILL');
      await once(player, 'close');
    };
    await until('its sound', async () => toneShare(await listen(pulse.env), 520) > 0.5, 20_000);
    ({ server, close } = await broadcast('screen', env));
  });
  after(async () => {
    await close();
    await stopPlayer();
    await Promise.all([display.close(), pulse.close()]);
  });

  seenByEveryone(() => server);
});
