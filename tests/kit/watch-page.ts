/** The watch page in a real browser, as a viewer sees it: where the picture is, and whether it moves. */
import type { Page } from 'puppeteer-core';
import { type MovingOptions, type Picture, type Region, untilMoving } from './browser/pixels.ts';

/** The middle of the picture, without the player's controls and the black bars around it. */
export async function pictureRegion(page: Page): Promise<Region> {
  const box = await page.$eval('#stage', stage => {
    const { x, y, width, height } = stage.getBoundingClientRect();
    return { x, y, width, height };
  });
  // Letterboxed: as wide as its place, or as high.
  const pictureHeight = Math.min(box.height, (box.width * 9) / 16);
  return {
    x: Math.round(box.x + box.width * 0.15),
    y: Math.round(box.y + (box.height - pictureHeight) / 2 + pictureHeight * 0.15),
    width: Math.round(box.width * 0.7),
    height: Math.round(pictureHeight * 0.5),
  };
}

/** Opens the page and resolves with what is seen once the picture moves; throws when it does not. */
export async function watchPage(page: Page, url: string, moving: MovingOptions = {}): Promise<Picture> {
  await page.goto(url, { waitUntil: 'domcontentloaded', timeout: 60_000 });
  return untilMoving(page, await pictureRegion(page), moving);
}

/** Whether video.js shows the picture, or the frame without JavaScript does. */
export async function shownBy(page: Page): Promise<'player' | 'frame' | 'neither'> {
  // As text: where JavaScript is off in Firefox, puppeteer's own helpers for lists never return.
  const count = async (selector: string): Promise<number> =>
    Number(await page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`));
  if ((await count('#picture')) > 0) return 'frame';
  return (await count('.video-js.vjs-has-started')) > 0 ? 'player' : 'neither';
}
