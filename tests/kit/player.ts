/** The player of the watch page in a real browser: what it shows, and how far that is behind the server. */
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import type { LiveChannel } from '../../app/live/channel.ts';
import { startMsOf } from '../../app/live/channel.ts';
import { until } from './until.ts';

const seen = z.object({
  /** Seconds on the stream's timeline. */
  timeS: z.number(),
  /** Width of the picture; 0 while there is none. */
  width: z.number(),
  paused: z.boolean(),
  /** Until then the bare frame is in its place, and a press on the player's controls meets that. */
  isShown: z.boolean(),
  live: z.string(),
  isLive: z.boolean(),
  /** What the notice says; empty while there is none. */
  notice: z.string(),
  quality: z.string(),
  hidden: z.boolean(),
});
export type Seen = z.infer<typeof seen>;

export async function look(page: Page): Promise<Seen> {
  return seen.parse(
    JSON.parse(
      String(
        await page.evaluate(`JSON.stringify((() => {
          const video = document.querySelector('.video-js video');
          const badge = document.querySelector('.live-badge');
          const notice = document.querySelector('.stage-error');
          return {
            timeS: video?.currentTime ?? 0,
            width: video?.videoWidth ?? 0,
            paused: video?.paused ?? true,
            isShown: document.querySelector('.video-js')?.checkVisibility({ visibilityProperty: true }) ?? false,
            live: badge?.textContent ?? '',
            isLive: badge?.dataset.edge === 'yes',
            notice: notice && !notice.hidden ? notice.querySelector('p').textContent : '',
            quality: document.querySelector('.to-quality')?.textContent ?? '',
            hidden: document.hidden,
          };
        })())`),
      ),
    ),
  );
}

/** The end of what the server has, in seconds on the stream's timeline. */
export function edgeS(channel: LiveChannel): number {
  const { newest } = channel.window;
  return newest ? (startMsOf(newest, newest.init) + newest.durationMs) / 1000 : 0;
}

/** Seconds between what the server has and what the page shows. */
export async function behindS(page: Page, channel: LiveChannel): Promise<number> {
  const { timeS } = await look(page);
  return edgeS(channel) - timeS;
}

/** Opens the page, and resolves when the player has taken over and plays at the live edge. */
export async function openPlayer(page: Page, url: string, channel: LiveChannel): Promise<void> {
  await page.goto('about:blank');
  await page.goto(url, { waitUntil: 'domcontentloaded', timeout: 60_000 });
  await untilLive(page, channel, 30_000);
}

export async function untilLive(
  page: Page,
  channel: LiveChannel,
  withinMs = 20_000,
  atMostS = 2,
): Promise<void> {
  await until(
    `the player is live, at most ${atMostS} s behind`,
    async () => {
      const { isLive, width, timeS } = await look(page);
      return isLive && width > 0 && Math.abs(edgeS(channel) - timeS) < atMostS;
    },
    withinMs,
  );
}

/** The rows of the statistics, which must be open. */
export async function statsOf(page: Page): Promise<Record<string, string>> {
  const told = await page.evaluate(
    `JSON.stringify([...document.querySelectorAll('.stats dt')].map(dt => [dt.textContent, dt.nextElementSibling.textContent]))`,
  );
  return Object.fromEntries(z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(String(told))));
}

/** The shape of it when the page runs: seconds out of `0.4 s, aims at 0.2 s`. */
export function aimS(stats: Record<string, string>): number {
  return Number(/aims at ([\d.]+) s/.exec(stats.Buffer ?? '')?.[1] ?? Number.NaN);
}

/** Clicks one of the player's controls, as a person does: moves there first, which makes them appear. */
export async function press(page: Page, selector: string): Promise<void> {
  await page.mouse.move(5, 5);
  await page.hover(selector);
  await until(
    'the controls appear',
    async () => (await page.$('.video-js.vjs-user-inactive')) === null,
    5000,
  );
  await page.click(selector);
}
