/** Somebody who chats as a text browser does: by forms and links, without script, and without cookies if told so. */
import assert from 'node:assert/strict';

export type Page = { status: number; headers: Headers; html: string };
type Fields = Readonly<Record<string, string>>;

export type TextBrowser = {
  /** What every request carries. */
  headers: Record<string, string>;
  /** `?t=…` of somebody without cookies, else empty. */
  query: string;
  get(path: string, headers?: Record<string, string>): Promise<Page>;
  /** Posts the form that stands on the page of `path`, with these fields changed; redirects are not followed. */
  send(path: string, fields: Fields): Promise<Page>;
  /** Posts the form on a page that was loaded before. */
  submit(page: Page, fields: Fields): Promise<Page>;
  /** The message form; throws unless the message was accepted. */
  say(text: string): Promise<void>;
  /** Name, colour, password of the tripcode; throws unless they were accepted. */
  become(identity: Fields): Promise<void>;
};

/** Comes by the start page. */
export async function openTextBrowser(
  url: string,
  { cookies = true, path = '/' }: { cookies?: boolean; path?: string } = {},
): Promise<TextBrowser> {
  const headers: Record<string, string> = { accept: 'text/html' };
  const first = await fetch(new URL(path, url), { headers, redirect: 'manual' });
  const html = await first.text();
  if (cookies)
    headers.cookie = first.headers
      .getSetCookie()
      .map(each => each.split(';')[0])
      .join('; ');
  const query = cookies ? '' : (/\?t=[\w%.-]+/.exec(html)?.[0] ?? '');

  const withQuery = (target: string): URL => {
    const address = new URL(target, url);
    for (const [name, value] of new URLSearchParams(query)) address.searchParams.set(name, value);
    return address;
  };

  async function load(address: URL, init: RequestInit = {}): Promise<Page> {
    const response = await fetch(address, {
      redirect: 'manual',
      ...init,
      headers: { ...headers, ...init.headers },
    });
    return { status: response.status, headers: response.headers, html: await response.text() };
  }

  const get = (target: string, more: Record<string, string> = {}): Promise<Page> =>
    load(withQuery(target), { headers: more });

  async function submit(page: Page, fields: Fields): Promise<Page> {
    const action = /<form [^>]*action="([^"]+)"/.exec(page.html)?.[1];
    assert.ok(action, `a form, not ${page.status} ${page.html.slice(0, 2000)}`);
    const hidden = page.html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
    const body = new URLSearchParams();
    for (const [, name = '', value = ''] of hidden) body.set(name, value);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return load(new URL(unescapeHtml(action), url), { method: 'POST', body });
  }

  const send = async (target: string, fields: Fields): Promise<Page> => submit(await get(target), fields);

  async function accepted(target: string, fields: Fields): Promise<void> {
    const answer = await send(target, fields);
    if (answer.status !== 303) throw new Error(`${target}: ${answer.status} ${noticeIn(answer.html)}`);
  }

  return {
    headers,
    query,
    get,
    send,
    submit,
    say: text => accepted('/chat/form', { text }),
    become: identity => accepted('/chat/me', identity),
  };
}

/** What a form says about what was sent. */
export function noticeIn(html: string): string {
  return unescapeHtml(/class="?notice"?[^>]*>([^<]*)</.exec(html)?.[1] ?? '');
}

export function unescapeHtml(html: string): string {
  const characters: Fields = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replace(/&(amp|lt|gt|quot|#39);/g, (entity, name: string) => characters[name] ?? entity);
}
