/** Staff in the chat without JavaScript: their endless page, and the presses in it. */

import { type FrameReader, readFrame } from './frame-reader.ts';
import type { TestServer } from './server.ts';
import { logIn } from './staff.ts';
import { openTextBrowser, type TextBrowser, unescapeHtml } from './text-browser.ts';
import { until } from './until.ts';

/** Logs in: as the broadcaster, or as the moderator of this name. */
export async function openStaff(server: TestServer, moderator?: string, options = {}) {
  const browser = await openTextBrowser(server.url, options);
  const cookie = browser.headers.cookie ?? cookieInQuery(browser.query);
  await logIn(server, cookie, moderator);
  const column = await readFrame(`${server.url}chat/live${browser.query}`, browser.headers);
  await until('the column', () => column.html().includes('log-lines'));
  const opening = column.html();
  const action = unescapeHtml(
    /<form class="moderate" method="post" action="([^"]+)"/.exec(opening)?.[1] ?? '',
  );
  const csrf = /name="csrf" value="([^"]+)"/.exec(opening)?.[1] ?? '';

  async function post(fields: readonly [string, string][], path = action): Promise<Response> {
    const body = new URLSearchParams([...fields]);
    const { headers } = browser;
    return fetch(new URL(path, server.url), { method: 'POST', headers, body, redirect: 'manual' });
  }

  /** Presses a button with these messages ticked; the page that answers. */
  async function press(value: string, ticked: readonly number[] = []): Promise<string> {
    const response = await post([
      ['csrf', csrf],
      ...ticked.map((number): [string, string] => ['n', String(number)]),
      ['do', value],
    ]);
    if (response.status !== 303) return response.text();
    return (await browser.get(new URL(response.headers.get('location') ?? '', server.url).pathname)).html;
  }

  return { browser, cookie, column, csrf, post, press, [Symbol.asyncDispose]: () => column.close() };
}

function cookieInQuery(query: string): string {
  return `visitor=${encodeURIComponent(`s:${new URLSearchParams(query).get('t')}`)}`;
}

/** The last thing that the page says of whether a message is hidden; as it came if nothing. */
export function isVeiled(html: string, number: number): boolean {
  const rules = [...html.matchAll(/<style[^>]*>((?:#r\d+,?)+)\{--struck:(none|line-through)/g)];
  const last = rules.findLast(([, selectors = '']) => selectors.split(',').includes(`#r${number}`));
  return last ? last[2] === 'line-through' : html.includes(`class="row veiled" id="r${number}"`);
}

export async function readColumn(server: TestServer, browser?: TextBrowser): Promise<FrameReader> {
  const reader = await readFrame(`${server.url}chat/live`, browser?.headers ?? {});
  await until('the column', () => reader.html().includes('class="people"'));
  return reader;
}
