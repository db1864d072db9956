/**
 * One viewer: a real browser in a real window, what it shows grabbed all the time, and the time in it. Owns the browser
 * and the grabbing; presses play where a viewer would have to.
 */
import type { Page } from 'puppeteer-core';
import { openBrowser } from '../../tests/kit/browser/open.ts';
import { until } from '../../tests/kit/until.ts';
import { findBarcode, type Place, readBarcode } from './barcode.ts';
import type { Sample } from './figures.ts';
import { startGrab } from './grab.ts';
import { untilIdle } from './idle.ts';

export type ViewerOptions = {
  url: string;
  browser: 'firefox' | 'chromium';
  javascript: boolean;
  /** The viewer presses play. */
  sound: boolean;
  /** A display of the size below, and the environment of a sound daemon. */
  display: string;
  env: Readonly<Record<string, string>>;
  socksPort?: number;
};

export type Viewer = {
  /** All so far, in order; grows. */
  samples: readonly Sample[];
  /** From opening the address, or with sound from pressing play, until the first picture was seen. */
  firstPictureMs: number;
  /** The same once more, with the way to the server open, and nothing of the page kept. */
  openAgain(): Promise<number>;
  close(): Promise<void>;
};

/** The page's size, one of those Tor Browser rounds windows to, and the display's, with room for toolbars. */
export const pageSize = { width: 1000, height: 600 };
export const displaySize = { width: 1000, height: 760 };

const grabsPerSecond = 25;
const firstPictureDeadlineMs = 60_000;
const playerDeadlineMs = 45_000;
const idleDeadlineMs = 8000;

export async function openViewer(options: ViewerOptions): Promise<Viewer> {
  const { url, browser, javascript, sound, display, env, socksPort } = options;
  const opened = await openBrowser({
    ...{ browser, javascript, display, env, ...pageSize },
    ...(socksPort === undefined ? {} : { socksPort, likeTorBrowser: true }),
  });
  const samples: Sample[] = [];
  let place: Place | undefined;
  const grab = startGrab(display, { ...displaySize, perSecond: grabsPerSecond }, image => {
    let shownMs = place && readBarcode(image, place, image.atMs);
    if (shownMs === undefined) {
      place = findBarcode(image) ?? place;
      shownMs = place && readBarcode(image, place, image.atMs);
    }
    samples.push({ atMs: image.atMs, shownMs });
  });
  const { page } = opened;
  // Not awaited to its load event: a picture may come before it, and an endless response holds it up.
  const load = async (): Promise<void> => {
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: firstPictureDeadlineMs });
  };
  const pictureSince = (sinceMs: number): Promise<Sample> =>
    Promise.race([
      grab.failed,
      until(
        'a picture in the window',
        () => samples.find(each => each.atMs > sinceMs && each.shownMs),
        firstPictureDeadlineMs,
      ),
    ]);
  const openAgain = async (): Promise<number> => {
    await page.setCacheEnabled(false);
    await page.goto('about:blank');
    await until('a window without a picture', () => samples.at(-1)?.shownMs === undefined, 10_000);
    const openedMs = Date.now();
    load().catch(() => {});
    return (await pictureSince(openedMs)).atMs - openedMs;
  };
  const close = async (): Promise<void> => {
    await grab.close();
    await opened.close();
  };
  try {
    await Promise.race([grab.failed, until('a picture of the screen', () => samples.length > 0, 15_000)]);
    // A viewer's browser has been open for a while: what it does at its start is not measured.
    await untilIdle(opened.pid, idleDeadlineMs);
    let openedMs = Date.now();
    const loading = load();
    loading.catch(() => {});
    if (sound) {
      await loading;
      await untilIdle(opened.pid, idleDeadlineMs);
      openedMs = Date.now();
      await pressPlay(page);
    }
    const first = await pictureSince(openedMs);
    if (javascript) await until('the player', () => runsPlayer(page), playerDeadlineMs);
    return { samples, firstPictureMs: first.atMs - openedMs, openAgain, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether video.js has taken over from the bare element. */
async function runsPlayer(page: Page): Promise<boolean> {
  return (await page.$('[data-playing="yes"] .video-js video')) !== null;
}

/** Clicks the middle of the picture, as a viewer would; also where no script runs in the page. */
async function pressPlay(page: Page): Promise<void> {
  const box = await until(
    'the place of the picture',
    async () => (await (await page.$('#picture, .video-js, video'))?.boundingBox()) ?? undefined,
    20_000,
  );
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}
