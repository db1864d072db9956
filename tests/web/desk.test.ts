import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser, type TextBrowser, unescapeHtml } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const credentials = z.object({ username: z.string(), password: z.string() });

describe('The desk, with forms only', () => {
  let server: TestServer;
  let desk: TextBrowser;
  let guest: Chatter;
  let username: string;
  let password: string;

  before(async () => {
    server = await startTestServer({
      title: 'A title',
      config: { chat: { captcha: { beforeFirstMessage: false } } },
    });
    ({ username, password } = credentials.parse(server.running.broadcaster));
    desk = await openTextBrowser(server.url);
    guest = await joinChat(server.url, { name: 'Guest' });
  });
  after(async () => {
    await guest.close();
    await server.close();
  });

  /** The answer to a command given on the desk. */
  async function give(line: string): Promise<{ status: number; answer: string }> {
    const page = await desk.get('/broadcaster');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const body = new URLSearchParams({ csrf, line });
    const response = await fetch(new URL('/broadcaster', server.url), {
      method: 'POST',
      headers: desk.headers,
      body,
    });
    const html = await response.text();
    const answer = /<section class="desk-told"[^>]*>([\s\S]*?)<\/section>/.exec(html)?.[1] ?? '';
    return { status: response.status, answer: unescapeHtml(answer.replace(/<[^>]+>/g, ' ')).trim() };
  }

  it('asks for the password, and refuses a wrong one in words', async () => {
    assert.match((await desk.get('/broadcaster')).html, /name="password"/);
    const refused = await desk.send('/broadcaster', { username, password: 'wrong' });
    assert.equal(refused.status, 403);
    assert.match(refused.html, /role="alert">[^<]+</);
    assert.ok(refused.html.includes(`value="${username}"`));
    assert.ok(!refused.html.includes('value="wrong"'));
  });

  it('takes name and password in the header too, for programs, and refuses a wrong one', async () => {
    const url = new URL('/broadcaster', server.url);
    const get = (secret: string) => {
      const authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
      return fetch(url, { headers: { authorization, accept: 'text/html' } });
    };
    assert.match(await (await get(password)).text(), /<h1>Desk<\/h1>/);
    const refused = await get('wrong');
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('www-authenticate'), null);
  });

  it('gives nothing to a form without the session’s own mark', async () => {
    const body = new URLSearchParams({ username, password, csrf: 'not-ours' });
    const url = new URL('/broadcaster/login', server.url);
    const response = await fetch(url, { method: 'POST', headers: desk.headers, body, redirect: 'manual' });
    assert.equal(response.status, 422);
    assert.match((await desk.get('/broadcaster')).html, /name="password"/);
  });

  it('lets the broadcaster in with the password, for this session only', async () => {
    const answer = await desk.send('/broadcaster', { username, password });
    assert.equal(answer.status, 303);
    assert.match((await desk.get('/broadcaster')).html, /<h1>Desk<\/h1>/);
    const other = await openTextBrowser(server.url);
    assert.doesNotMatch((await other.get('/broadcaster')).html, /<h1>Desk<\/h1>/);
  });

  it('gives the broadcaster a badge in the chat that no viewer has', async () => {
    await desk.say('welcome');
    await guest.say('hello');
    const { html } = await desk.get('/chat/plain');
    assert.match(html, /role-broadcaster[\s\S]{0,300}welcome/);
    assert.doesNotMatch(html, /role-broadcaster[^\n]*hello/);
  });

  it('hides a message, for everybody', async () => {
    const number = await guest.say('something unpleasant');
    assert.equal((await give(`hide ${number}`)).status, 200);
    assert.doesNotMatch((await desk.get('/chat/plain')).html, /something unpleasant/);
  });

  it('answers a command that it does not know, and one with wrong arguments, in words', async () => {
    const unknown = await give('dance');
    assert.equal(unknown.status, 422);
    assert.match(unknown.answer, /no command/);
    assert.equal((await give('ban nobody-of-this-name')).status, 422);
  });

  it('shows the description and the pinned text to viewers', async () => {
    await give('description A walk by <night>');
    await give('pin We start at nine');
    const { html } = await desk.get('/');
    assert.match(html, /<p class="description">A walk by &lt;night&gt;<\/p>/);
    await until('the pinned text in the column', async () =>
      unescapeHtml((await desk.get('/')).html).includes('.stream-pinned::after{content:"We start at nine"}'),
    );
  });

  it('bans somebody, who is cut off at once and told why', async () => {
    assert.match((await give('ban Guest 2h flooding')).answer, /banned for 2h/);
    await until('the socket is closed', () => guest.closed());
    const response = await fetch(server.url, { headers: { ...guest.headers, accept: 'text/html' } });
    assert.equal(response.status, 403);
    assert.match(await response.text(), /banned/);
    assert.match((await desk.get('/broadcaster')).html, /<td>ban<\/td>/);
  });

  it('makes a moderator by a link that works once', async () => {
    const { answer } = await give('mods invite');
    const path = /\/broadcaster\/join\?invite=[\w-]+/.exec(answer)?.[0];
    assert.ok(path, answer);
    const helper = await openTextBrowser(server.url);
    const joined = await helper.send(path, { username: 'helper', password: 'a long enough password' });
    assert.equal(joined.status, 303, unescapeHtml(joined.html));
    assert.match((await helper.get('/broadcaster')).html, /Log out helper/);
    const late = await openTextBrowser(server.url);
    assert.equal(
      (await late.send(path, { username: 'late', password: 'another long password' })).status,
      422,
    );
  });

  it('ends with the log-out', async () => {
    const page = await desk.get('/broadcaster');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const body = new URLSearchParams({ csrf });
    const url = new URL('/broadcaster/logout', server.url);
    await fetch(url, { method: 'POST', headers: desk.headers, body, redirect: 'manual' });
    assert.match((await desk.get('/broadcaster')).html, /name="password"/);
  });
});
