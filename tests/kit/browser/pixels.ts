/**
 * What a screenshot shows, in numbers: so a test can say "a moving picture" also where no script runs in the page.
 * Regions are in pixels of the screenshot, from its top left corner.
 */
import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';

/** Rows of 3 bytes a pixel: red, green, blue. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
export type Region = { x: number; y: number; width: number; height: number };
export type Colour = { red: number; green: number; blue: number };

/** Decodes a PNG with ffmpeg; throws with ffmpeg's words when it can't. */
export async function decodePng(png: Uint8Array): Promise<Picture> {
  const bytes = Buffer.from(png);
  const args = ['-v', 'error', '-f', 'png_pipe', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const ffmpeg = spawn('ffmpeg', args, { stdio: 'pipe', timeout: 20_000 });
  ffmpeg.stdin.on('error', () => {}).end(bytes);
  const [rgb, problem] = await Promise.all([buffer(ffmpeg.stdout), text(ffmpeg.stderr)]);
  // IHDR is always the first chunk (PNG 11.2.1): width and height stand at bytes 16 and 20.
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (rgb.length !== width * height * 3) throw new Error(`ffmpeg could not decode the PNG: ${problem}`);
  return { width, height, rgb };
}

export async function screenshot(page: Page): Promise<Picture> {
  return decodePng(await page.screenshot());
}

export function meanColour(picture: Picture, region: Region = whole(picture)): Colour {
  const sum = { red: 0, green: 0, blue: 0 };
  eachPixel(picture, region, at => {
    sum.red += picture.rgb[at] ?? 0;
    sum.green += picture.rgb[at + 1] ?? 0;
    sum.blue += picture.rgb[at + 2] ?? 0;
  });
  const count = region.width * region.height;
  return { red: sum.red / count, green: sum.green / count, blue: sum.blue / count };
}

/** Whether no pixel is brighter than video black, encoding noise allowed. */
export function isBlack(picture: Picture, region: Region = whole(picture)): boolean {
  return shareOf(picture, region, at => brightest(picture.rgb, at) > 40) === 0;
}

/** The share (0 to 1) of the region's pixels that differ visibly, encoding noise left out. */
export function changedShare(before: Picture, after: Picture, region: Region = whole(before)): number {
  return shareOf(before, region, at => {
    for (let channel = at; channel < at + 3; channel++) {
      if (Math.abs((before.rgb[channel] ?? 0) - (after.rgb[channel] ?? 0)) > 24) return true;
    }
    return false;
  });
}

export type MovingOptions = {
  /** How many changes must be seen one after the other: one may be the first frame being painted. */
  changes?: number;
  /** The smallest change that counts, as a share of the region's pixels. */
  share?: number;
  deadlineMs?: number;
};

/**
 * Resolves with the newest picture once the region has changed `changes` times; throws at the deadline, naming what
 * was seen. What it proves is movement, not how smooth it is; a player's spinner and fading controls move too, so
 * leave them out of the region, or ask for a share larger than theirs.
 */
export async function untilMoving(
  page: Page,
  region: Region,
  { changes = 3, share = 0.002, deadlineMs = 20_000 }: MovingOptions = {},
): Promise<Picture> {
  let before: Picture | undefined;
  let seen = 0;
  return untilPicture(
    page,
    picture => {
      if (before && changedShare(before, picture, region) >= share && !isBlack(picture, region)) seen++;
      before = picture;
      return seen >= changes;
    },
    {
      deadlineMs,
      what: () =>
        `a moving picture (${seen} of ${changes} changes; ${before && isBlack(before, region) ? 'black' : 'not black'})`,
    },
  );
}

/** Takes screenshots until one is accepted; throws at the deadline saying that `what` was not seen. */
export async function untilPicture(
  page: Page,
  accept: (picture: Picture) => boolean,
  {
    deadlineMs = 20_000,
    what = () => 'the awaited picture',
  }: { deadlineMs?: number; what?: () => string } = {},
): Promise<Picture> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const picture = await screenshot(page);
    if (accept(picture)) return picture;
    if (performance.now() > deadline) throw new Error(`Not seen within ${deadlineMs} ms: ${what()}`);
    await delay(100);
  }
}

function whole({ width, height }: Picture): Region {
  return { x: 0, y: 0, width, height };
}

function brightest(rgb: Uint8Array, at: number): number {
  return Math.max(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
}

function shareOf(picture: Picture, region: Region, counts: (at: number) => boolean): number {
  let count = 0;
  eachPixel(picture, region, at => {
    if (counts(at)) count++;
  });
  return count / (region.width * region.height);
}

function eachPixel({ width, height }: Picture, region: Region, visit: (at: number) => void): void {
  if (region.x + region.width > width || region.y + region.height > height) {
    throw new Error(`The region ${JSON.stringify(region)} is not inside a picture of ${width}×${height}.`);
  }
  for (let y = region.y; y < region.y + region.height; y++) {
    const row = y * width;
    for (let x = region.x; x < region.x + region.width; x++) visit((row + x) * 3);
  }
}
