/** The chat of the watch page in a real browser without JavaScript, as a person uses it. */
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { until } from './until.ts';

// A browser on a busy machine.
const deadlineMs = 15_000;

/** What an expression gives in the document of a frame of the page, `document`; undefined while there is none. */
export function inFrame(page: Page, frame: 'column' | 'form', expression: string): Promise<unknown> {
  // In the page's own world and not in the frame's: drivers wait there for the end of a page that never ends.
  return page.evaluate(
    `(document => document && (${expression}))(window.document.querySelector('[name=${frame}]').contentDocument)`,
  );
}

/** Opens the page, and resolves once its column is the live one. */
export async function openWithoutScript(page: Page, url: string): Promise<void> {
  // The driver misses the load event of a page that follows one whose frames were still loading.
  await page.goto('about:blank');
  await page.goto(url);
  await untilLive(page);
}

/** Waits for the column to be the endless page, complete up to its surroundings. */
export async function untilLive(page: Page): Promise<void> {
  const look = `document.location.pathname === '/chat/live' && document.querySelector('.people') !== null`;
  await until('the live column', async () => (await inFrame(page, 'column', look)) === true, deadlineMs);
}

const shown = z.array(z.object({ name: z.string(), colour: z.string(), trip: z.string(), text: z.string() }));
export type Shown = z.infer<typeof shown>[number];

/** The messages that can be seen, in their order. */
export async function shownMessages(page: Page): Promise<Shown[]> {
  const look = `[...document.querySelectorAll('.m')].filter(each => each.checkVisibility()).map(each => ({
    name: each.querySelector('.name')?.textContent ?? '',
    colour: getComputedStyle(each.querySelector('.name') ?? each).color,
    trip: each.querySelector('.trip')?.textContent ?? '',
    text: each.querySelector('.text')?.textContent ?? each.textContent,
  }))`;
  return shown.parse((await inFrame(page, 'column', look)) ?? []);
}

export async function shownTexts(page: Page): Promise<string[]> {
  return (await shownMessages(page)).map(({ text }) => text);
}

export async function untilShown(page: Page, text: string, withinMs = deadlineMs): Promise<void> {
  await until(`“${text}” in the column`, async () => (await shownTexts(page)).includes(text), withinMs);
}

/** Resolves once the form of the page has this address and this in it. */
export async function untilForm(page: Page, selector: string): Promise<void> {
  const look = `document.readyState === 'complete' && document.querySelector(${JSON.stringify(selector)}) !== null`;
  await until(
    `${selector} in the form`,
    async () => (await inFrame(page, 'form', look)) === true,
    deadlineMs,
  );
}

const place = z.object({ x: z.number(), y: z.number() });

/** Clicks into the middle of an element of a frame, as with a mouse, once it is there. */
export async function click(page: Page, frame: 'column' | 'form', selector: string): Promise<void> {
  const look = `(element => {
    if (!element || document.readyState === 'loading' && document.location.pathname !== '/chat/live') return undefined;
    const box = element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  })(document.querySelector(${JSON.stringify(selector)}))`;
  const inside = await until(
    `${selector} in the ${frame}`,
    async () => place.safeParse(await inFrame(page, frame, look)).data,
    deadlineMs,
  );
  const outer = place.parse(
    await page.evaluate(
      `(({ x, y }) => ({ x, y }))(document.querySelector('[name=${frame}]').getBoundingClientRect())`,
    ),
  );
  await page.mouse.click(outer.x + inside.x, outer.y + inside.y);
}

/** Types a message and presses Enter; resolves as soon as the key is pressed. */
export async function say(page: Page, text: string): Promise<void> {
  await untilForm(page, '[name=text]');
  await click(page, 'form', '[name=text]');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}
