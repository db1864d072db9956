/** The chat of the watch page in a real browser with JavaScript, as a person uses it. */
import type { KeyInput, Page } from 'puppeteer-core';
import { until } from './until.ts';

// A browser on a busy machine.
const deadlineMs = 15_000;

/** Opens the page and waits until the chat is a part of it. */
export async function openChat(page: Page, url: string): Promise<void> {
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector('.side > .live-column', { timeout: deadlineMs });
}

export async function type(page: Page, text: string, ...keys: KeyInput[]): Promise<void> {
  await page.focus('textarea');
  await page.keyboard.type(text);
  for (const key of keys) await page.keyboard.press(key);
}

/** The texts of the messages, in their order on the page. */
export function texts(page: Page): Promise<string[]> {
  return page.$$eval('.m[id]', all => all.map(each => each.querySelector('.text')?.textContent ?? ''));
}

export function textIn(page: Page, selector: string): Promise<string | null> {
  return page.$eval(selector, found => found.textContent);
}

export function typed(page: Page): Promise<string> {
  return page.$eval('textarea', input => input.value);
}

export function isShown(page: Page, selector: string): Promise<boolean> {
  return page.$$eval(selector, all => all.some(each => each.checkVisibility()));
}

/**
 * The id of what has the focus, or else the name of its element. Asked so because Firefox without a window matches
 * `:focus` to nothing.
 */
export function focused(page: Page): Promise<string> {
  return page.$eval('body', ({ ownerDocument: { activeElement } }) =>
    activeElement ? activeElement.id || activeElement.tagName : '',
  );
}

/** Whether nothing that was typed is kept for after a reload. */
export function nothingKept(page: Page): Promise<boolean> {
  return page.$eval('body', body => body.ownerDocument.defaultView?.sessionStorage.length === 0);
}

/** Polls what a page shows. */
export async function untilSeen<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return until(what, look, deadlineMs);
}

export async function untilTexts(page: Page, expected: readonly string[]): Promise<void> {
  let seen: string[] = [];
  const same = async (): Promise<boolean> => {
    seen = await texts(page);
    return JSON.stringify(seen) === JSON.stringify(expected);
  };
  await until('the messages', same, deadlineMs).catch(() => {
    throw new Error(
      `Expected the messages ${JSON.stringify(expected)}, the page shows ${JSON.stringify(seen)}.`,
    );
  });
}
