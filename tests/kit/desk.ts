/** Somebody at the desk without script: reads its pages, and presses the buttons that stand on them. */
import assert from 'node:assert/strict';
import { openTextBrowser, unescapeHtml } from './text-browser.ts';

export type DeskPage = {
  status: number;
  headers: Headers;
  html: string;
  /** What the line at the top says, with all that is below it. */
  answer: string;
  isError: boolean;
};

export type Press = {
  /** The id, or else the whole text or label, of the button. */
  button: string;
  /** What is typed, chosen or ticked; several for checkboxes. */
  fields?: Readonly<Record<string, string | readonly string[]>>;
};

export type Desk = {
  headers: Record<string, string>;
  get(path?: string): Promise<DeskPage>;
  /** Loads the page of `path`, presses, and follows where that leads, as a browser does. */
  press(path: string, press: Press): Promise<DeskPage>;
  /** Only posts: the answer as it is, without following. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response>;
  /** The command line. */
  give(line: string): Promise<DeskPage>;
  login(username: string, password: string): Promise<void>;
};

type Sent = { action: string; body: URLSearchParams };

const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescapeHtml(value);
};
const textOf = (html: string): string =>
  unescapeHtml(html.replace(/<[^>]+>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();

/** What a browser would send. Throws when the page has no such button. */
export function pressed(html: string, { button, fields = {} }: Press): Sent {
  for (const [whole, opening = '', inner = ''] of html.matchAll(/(<form [^>]*>)([\s\S]*?)<\/form>/g)) {
    const found = [...inner.matchAll(/(<button[^>]*>)([\s\S]*?)<\/button>/g)].find(
      ([, tag = '', label = '']) =>
        [attribute(tag, 'id'), attribute(tag, 'aria-label'), textOf(label)].includes(button),
    );
    if (!found || !whole) continue;
    const tag = found[1] ?? '';
    const body = new URLSearchParams();
    const typed = (name: string): readonly string[] | undefined =>
      fields[name] === undefined ? undefined : [fields[name]].flat();
    const add = (name: string | undefined, value: string): void => {
      if (name === undefined) return;
      for (const each of typed(name) ?? [value]) body.append(name, each);
    };
    for (const [input] of inner.matchAll(/<input[^>]*>/g)) {
      const name = attribute(input, 'name') ?? '';
      if (attribute(input, 'type') !== 'checkbox') add(name, attribute(input, 'value') ?? '');
      else {
        const value = attribute(input, 'value') ?? '';
        const isTicked = typed(name)?.includes(value) ?? /\schecked/.test(input);
        if (isTicked) body.append(name, value);
      }
    }
    for (const [, area = '', text = ''] of inner.matchAll(/(<textarea[^>]*>)([\s\S]*?)<\/textarea>/g)) {
      add(attribute(area, 'name'), unescapeHtml(text));
    }
    for (const [, select = '', options = ''] of inner.matchAll(/(<select[^>]*>)([\s\S]*?)<\/select>/g)) {
      const all = [...options.matchAll(/<option[^>]*>/g)].map(([option]) => option);
      const chosen = all.find(option => / selected/.test(option)) ?? all[0] ?? '';
      add(attribute(select, 'name'), attribute(chosen, 'value') ?? '');
    }
    const name = attribute(tag, 'name');
    if (name !== undefined) body.append(name, attribute(tag, 'value') ?? '');
    return { action: attribute(tag, 'formaction') ?? attribute(opening, 'action') ?? '', body };
  }
  throw new Error(`There is no button “${button}” on the page.`);
}

async function pageOf(response: Response): Promise<DeskPage> {
  const html = await response.text();
  const told = /<div class="desk-answer( failed)?"[^>]*>([\s\S]*?)<\/div><\/div>/.exec(html);
  return {
    status: response.status,
    headers: response.headers,
    html,
    answer: textOf(told?.[2] ?? ''),
    isError: told?.[1] !== undefined,
  };
}

/** Comes by the start page; nobody is logged in yet. */
export async function openDesk(url: string): Promise<Desk> {
  const { headers } = await openTextBrowser(url);
  const load = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, url), { redirect: 'manual', headers, ...init });
  const get = async (path = ''): Promise<DeskPage> =>
    pageOf(await load(path === '' ? '/broadcaster' : `/broadcaster/${path}`));

  async function press(path: string, what: Press): Promise<DeskPage> {
    const { html } = await get(path);
    const { action, body } = pressed(html, what);
    const response = await load(action, { method: 'POST', body });
    const location = response.headers.get('location');
    if (location === null) return pageOf(response);
    assert.equal(response.status, 303);
    await response.text();
    return pageOf(await load(location));
  }

  async function post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return load(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  return {
    headers,
    get,
    press,
    post,
    give: line => press('', { button: 'Do it', fields: { line } }),
    async login(username, password) {
      const { status } = await press('', { button: 'Log in', fields: { username, password } });
      assert.equal(status, 200);
    },
  };
}
