/** Who may come to the desk, and what they see of it there. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { type Desk, openDesk } from '../kit/desk.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { personIdOf } from '../kit/staff.ts';
import { openTextBrowser, unescapeHtml } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const credentials = z.object({ username: z.string(), password: z.string() });
const isDesk = /<h1>Desk<\/h1>/;
const isLogin = /name="password"/;
const pages = [
  '',
  'people',
  'filters',
  'stream',
  'moderators',
  'club',
  'log',
  'account',
  'commands',
] as const;

describe('The desk', () => {
  let server: TestServer;
  let desk: Desk;
  let guest: Chatter;
  let username: string;
  let password: string;

  before(async () => {
    server = await startTestServer({
      title: 'A title',
      config: { chat: { captcha: { beforeFirstMessage: false } } },
    });
    ({ username, password } = credentials.parse(server.running.broadcaster));
    desk = await openDesk(server.url);
    guest = await joinChat(server.url, { name: 'Guest' });
  });
  after(async () => {
    await guest.close();
    await server.close();
  });

  it('asks for the password on each of its pages, and refuses a wrong one in words', async () => {
    for (const page of pages) assert.match((await desk.get(page)).html, isLogin, page);
    const refused = await desk.press('', { button: 'Log in', fields: { username, password: 'wrong' } });
    assert.equal(refused.status, 403);
    assert.match(refused.html, /role="alert">[^<]+</);
    assert.ok(refused.html.includes(`value="${username}"`));
    assert.ok(!refused.html.includes('value="wrong"'));
  });

  it('tells nothing and does nothing for who is not logged in', async () => {
    const { headers } = desk;
    for (const path of ['facts', 'viewers', '?only=live']) {
      const response = await fetch(new URL(`/broadcaster/${path}`.replace('/?', '?'), server.url), {
        headers,
      });
      assert.equal(response.status, 403, path);
      assert.doesNotMatch(await response.text(), /kbit|IHDR|<h2/, path);
    }
    const { html } = await desk.get();
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const response = await desk.post('/broadcaster', { csrf, command: 'closed', value: 'on' });
    assert.equal(response.status, 403);
    assert.equal(server.running.community.modes.state.closed, false);
  });

  it('takes name and password in the header too, for programs, and refuses a wrong one', async () => {
    const get = (secret: string) => {
      const authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
      return fetch(new URL('/broadcaster', server.url), { headers: { authorization, accept: 'text/html' } });
    };
    assert.match(await (await get(password)).text(), isDesk);
    const refused = await get('wrong');
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('www-authenticate'), null);
  });

  it('gives nothing to a log-in without the session’s own mark', async () => {
    const response = await desk.post('/broadcaster/login', { username, password, csrf: 'not-ours' });
    assert.equal(response.status, 403);
    assert.match((await desk.get()).html, isLogin);
  });

  it('lets the broadcaster in with the password, for this session only', async () => {
    await desk.login(username, password);
    for (const page of pages) assert.match((await desk.get(page)).html, isDesk, page);
    assert.doesNotMatch((await (await openDesk(server.url)).get()).html, isDesk);
  });

  it('is never kept by a browser, whatever comes of it', async () => {
    for (const path of [...pages, 'facts', 'viewers', 'nothing', 'join']) {
      const response = await fetch(new URL(`/broadcaster/${path}`, server.url), { headers: desk.headers });
      assert.equal(response.headers.get('cache-control'), 'no-store', path);
      assert.equal(response.status, path === 'nothing' ? 404 : 200, path);
    }
    const stranger = await openDesk(server.url);
    assert.equal((await stranger.get()).headers.get('cache-control'), 'no-store');
    const login = await stranger.post('/broadcaster/login', { username, password: 'wrong' });
    assert.equal(login.headers.get('cache-control'), 'no-store');
    const form = await desk.post('/broadcaster', { line: 'stats' });
    assert.equal(form.headers.get('cache-control'), 'no-store');
  });

  it('does nothing for a form without the session’s own mark, and keeps who is logged in', async () => {
    for (const path of ['', '/people', '/stream']) {
      const response = await desk.post(`/broadcaster${path}`, { csrf: 'x', command: 'closed', value: 'on' });
      assert.equal(response.status, 403, path);
    }
    const bare = await desk.post('/broadcaster?command=closed&value=on', {});
    assert.equal(bare.status, 403);
    assert.equal(server.running.community.modes.state.closed, false);
    const logout = await desk.post('/broadcaster/logout', { csrf: 'x' });
    assert.equal(logout.status, 303);
    assert.match((await desk.get()).html, isDesk);
  });

  it('gives the broadcaster a badge in the chat that no viewer has', async () => {
    const broadcaster = await openTextBrowser(server.url);
    broadcaster.headers.cookie = desk.headers.cookie ?? '';
    await broadcaster.say('welcome');
    await guest.say('hello');
    const { html } = await broadcaster.get('/chat/plain');
    assert.match(html, /role-broadcaster[\s\S]{0,300}welcome/);
    assert.doesNotMatch(html, /role-broadcaster[^\n]*hello/);
  });

  it('answers a command that it does not know, and one with wrong arguments, in words, and keeps it typed', async () => {
    const unknown = await desk.give('dance & "sing"');
    assert.equal(unknown.status, 422);
    assert.match(unknown.answer, /no command/);
    assert.ok(unknown.html.includes('value="dance &amp; &quot;sing&quot;"'));
    assert.equal((await desk.give('ban nobody-of-this-name')).status, 422);
  });

  it('shows the description and the pinned text to viewers', async () => {
    await desk.give('description A walk by <night>');
    await desk.give('pin We start at nine');
    const viewer = await openTextBrowser(server.url);
    assert.match((await viewer.get('/')).html, /<p class="description">A walk by &lt;night&gt;<\/p>/);
    await until('the pinned text in the column', async () =>
      unescapeHtml((await viewer.get('/')).html).includes(
        '.stream-pinned::after{content:"We start at nine"}',
      ),
    );
  });

  it('bans somebody, who is cut off at once and told why', async () => {
    assert.match((await desk.give('ban Guest 2h flooding')).answer, /banned for 2h/);
    await until('the socket is closed', () => guest.closed());
    const response = await fetch(server.url, { headers: { ...guest.headers, accept: 'text/html' } });
    assert.equal(response.status, 403);
    assert.match(await response.text(), /banned/);
    assert.match((await desk.get('log')).html, /<code>ban<\/code> <bdi>Guest/);
  });

  it('makes a moderator by a link that works once, whom it shows only what they may do', async () => {
    const { answer } = await desk.press('moderators', {
      button: 'invite-moderator',
      fields: { note: 'Eve' },
    });
    const path = /\/broadcaster\/join\?invite=[\w-]+/.exec(answer)?.[0];
    assert.ok(path, answer);
    assert.ok(answer.includes(new URL(path, server.url).href), answer);
    const helper = await openDesk(server.url);
    const accept = { username: 'helper', password: 'a long enough password' };
    const joined = await helper.press(path.slice('/broadcaster/'.length), { button: 'Join', fields: accept });
    assert.match(joined.html, /Log out helper/);
    const late = await openTextBrowser(server.url);
    const second = await late.send(path, { username: 'late', password: 'another long password' });
    assert.equal(second.status, 422);

    for (const page of ['', 'people', 'filters', 'log', 'commands']) {
      const { status, html } = await helper.get(page);
      assert.equal(status, 200, page);
      for (const [, given] of html.matchAll(/name="command" value="([^"]+)"/g)) {
        const { moderation } = server.running.community;
        assert.ok(moderation.commands.mayRun({ role: 'moderator' }, given ?? ''), `${page}: ${given}`);
      }
      assert.doesNotMatch(html, /href="\/broadcaster\/(stream|moderators|club)"/, page);
      assert.doesNotMatch(html, /id="(on-raid|set-slow|add-filter)"/, page);
    }
    for (const page of ['stream', 'moderators', 'club']) {
      const refused = await helper.get(page);
      assert.equal(refused.status, 403, page);
      assert.match(refused.answer, /broadcaster only/, page);
    }
    const { html } = await helper.get();
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const forbidden = await helper.post('/broadcaster', { csrf, command: 'raid', value: 'on' });
    assert.equal(forbidden.status, 403);
    assert.equal(server.running.community.moderation.raid.isOn, false);
  });

  it('lets no moderator in who is banned, to lift it or for anything else', async () => {
    const { moderation, bans, people } = server.running.community;
    await moderation.accounts.addModerator({ name: 'Mo', password: 'a password for', by: 'broadcaster' });
    const mo = await openDesk(server.url);
    await mo.login('Mo', 'a password for');
    const { html } = await mo.get('people');
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const person = people.find(personIdOf(server, mo.headers.cookie ?? '')) ?? assert.fail();
    await desk.give(`ban ${person.id}`);
    const login = { button: 'Log in', fields: { username: 'Mo', password: 'a password for' } };
    const refused = await mo.press('', login);
    assert.equal(refused.status, 403);
    assert.match(refused.html, /role="alert">You have been banned from this stream/);
    for (const page of pages) assert.match((await mo.get(page)).html, isLogin, page);
    await mo.post('/broadcaster', { csrf, command: 'unban', person: person.id });
    assert.ok(bans.isBanned(person));
    await desk.give(`unban ${person.id}`);
    assert.match((await mo.press('', login)).html, isDesk);
  });

  it('works for a browser without cookies, which stays who it is by its addresses alone', async () => {
    const first = await fetch(new URL('/broadcaster', server.url), { headers: { accept: 'text/html' } });
    const html = await first.text();
    const action = unescapeHtml(/action="([^"]+login[^"]*)"/.exec(html)?.[1] ?? '');
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const login = await fetch(new URL(action, server.url), {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ csrf, username, password }),
    });
    const address = login.headers.get('location') ?? '';
    assert.match(address, /\?t=/);
    const page = await (await fetch(new URL(address, server.url))).text();
    assert.match(page, isDesk);
    const onDesk = [...page.matchAll(/(?:href|action|formaction)="(\/broadcaster[^"]*)"/g)];
    assert.ok(onDesk.length > 10);
    for (const [, link = ''] of onDesk) assert.match(link, /[?&](amp;)?t=/, link);
  });

  it('gives nothing to whoever made the address at which somebody else logs in', async () => {
    const t =
      /\?(t=[^"&]+)/.exec((await (await fetch(server.url)).text()).replaceAll('&amp;', '&'))?.[1] ?? '';
    const isIn = async (address: string): Promise<boolean> =>
      isDesk.test(await (await fetch(new URL(address, server.url))).text());
    const page = await (await fetch(new URL(`/broadcaster?${t}`, server.url))).text();
    const action = unescapeHtml(/action="([^"]+login[^"]*)"/.exec(page)?.[1] ?? '');
    assert.ok(action.includes(t), action);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = () => new URLSearchParams({ csrf, username, password });
    const login = await fetch(new URL(action, server.url), {
      method: 'POST',
      redirect: 'manual',
      body: body(),
    });
    assert.equal(login.status, 303);
    // A page from elsewhere can send such a form in anybody's browser, whose own session must not give way to it.
    assert.deepEqual(login.headers.getSetCookie(), []);
    assert.equal(await isIn(login.headers.get('location') ?? ''), true);
    assert.equal(await isIn(`/broadcaster?${t}`), false);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    await fetch(new URL(`/broadcaster?${t}`, server.url), { headers: { authorization } });
    assert.equal(await isIn(`/broadcaster?${t}`), false);
  });

  it('says what was sent when the log-in has ended meanwhile, so that it is not lost', async () => {
    const page = await desk.get('stream');
    await desk.press('', { button: 'Log out broadcaster' });
    assert.match((await desk.get()).html, isLogin);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const { lastNumber } = server.running.community.room;
    const late = { csrf, command: 'announce', text: 'typed <before>' };
    const response = await desk.post('/broadcaster/stream', late);
    assert.equal(response.status, 403);
    const html = await response.text();
    assert.match(html, isLogin);
    assert.ok(html.includes('typed &lt;before&gt;'));
    // It goes along with a password that is wrong, and stands in its form again after the right one.
    const unsent = unescapeHtml(/name="unsent" value="([^"]+)"/.exec(html)?.[1] ?? '');
    const wrong = await desk.post('/broadcaster/login', { csrf, unsent, username, password: 'wrong' });
    assert.ok((await wrong.text()).includes('typed &lt;before&gt;'));
    const right = await desk.post('/broadcaster/login', { csrf, unsent, username, password });
    const back = await desk.get((right.headers.get('location') ?? '').replace('/broadcaster/', ''));
    assert.match(back.answer, /was not done/);
    assert.match(back.html, /<textarea id="announcement"[^>]*>typed &lt;before&gt;/);
    assert.equal(server.running.community.room.lastNumber, lastNumber);
    await desk.press('', { button: 'Log out broadcaster' });
    // What another page sent is not shown as if it were the person's own.
    const forged = await desk.post('/broadcaster/stream', { ...late, csrf: 'x' });
    assert.ok(!(await forged.text()).includes('typed'));
  });
});
