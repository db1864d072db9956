/** The chat as a page that ends, and real text browsers that read and write by it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTerminal } from '../kit/terminal.ts';
import { openTextBrowser, type TextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const chat = { captcha: { beforeFirstMessage: false }, flood: { messages: 100, lines: 2000 } };

describe('The plain page', () => {
  let server: TestServer;
  let ada: TextBrowser;
  const lastText = (): string | undefined => server.running.community.room.recent().at(-1)?.text;

  before(async () => {
    server = await startTestServer({ title: 'A plain title', config: { chat } });
    ada = await openTextBrowser(server.url);
    await ada.become({ name: 'Ada', password: 'x' });
    await ada.say('the first');
    await ada.say('the second');
  });
  after(() => server.close());

  it('is complete: title, people and messages, the newest first', async () => {
    const page = await until('the list of people', async () => {
      const answer = await ada.get('/chat/plain');
      return answer.html.includes('In chat (1)') && answer;
    });
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('refresh'), '10');
    assert.match(page.html, /<h1[^>]*>A plain title<\/h1>/);
    assert.ok(page.html.indexOf('the second') < page.html.indexOf('the first'));
    assert.match(page.html, /<\/html>\n$/);
    assert.doesNotMatch(page.html, /<noscript|<script|nonce/);
  });

  it('has what is pinned above the chat, as written', async () => {
    const { commands } = server.running.community.moderation;
    const broadcaster = { role: 'broadcaster', name: 'broadcaster' } as const;
    assert.doesNotMatch((await ada.get('/chat/plain')).html, /stream-pinned/);
    await commands.run('pin', { text: 'Be <kind>\nto all' }, broadcaster);
    assert.match(
      (await ada.get('/chat/plain')).html,
      /<p class="stream-pinned"[^>]*>Be &lt;kind&gt;\nto all</,
    );
    await commands.run('unpin', {}, broadcaster);
    assert.doesNotMatch((await ada.get('/chat/plain')).html, /stream-pinned/);
  });

  it('is the same, and empty to fetch again, until something has happened', async () => {
    // Who is here is told by and by: until nothing more comes.
    let [last, sinceMs] = ['', 0];
    const first = await until('a page that stays', async () => {
      const page = await ada.get('/chat/plain');
      if (page.html !== last) [last, sinceMs] = [page.html, performance.now()];
      return performance.now() - sinceMs > 700 && page;
    });
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^W\/"[\w+/=]+"$/);
    assert.equal(first.headers.get('cache-control'), 'private, no-cache');
    // fetch would else say that it wants no answer out of a cache.
    const known = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    const same = await ada.get('/chat/plain', known);
    assert.equal(same.status, 304);
    assert.equal(same.html, '');
    assert.equal(same.headers.get('refresh'), '10');
    // The browser keeps the page, but takes the policy of the newest answer: both must go together.
    const styles = /<style>([^<]*)<\/style>/.exec(first.html)?.[1] ?? '';
    const hash = createHash('sha256').update(styles).digest('base64');
    for (const { headers } of [first, same]) {
      assert.ok(headers.get('content-security-policy')?.includes(`style-src 'sha256-${hash}' 'self'`));
    }
    const { number } = server.running.community.room.notice('news', {
      ...{ personId: 'site', tag: '', name: undefined, colour: '#ffffff', tripcode: undefined },
      role: 'broadcaster',
    });
    const changed = await ada.get('/chat/plain', known);
    assert.equal(changed.status, 200);
    assert.ok(changed.html.includes('news'));
    server.running.community.room.hide([number]);
    assert.equal((await ada.get('/chat/plain', known)).status, 304);
  });

  it('keeps to its length', async () => {
    const { room } = server.running.community;
    const author = room.recent().at(-1)?.author;
    assert.ok(author);
    for (let n = 0; n < 100; n++)
      room.append({ author, text: `line ${n}`, replyTo: undefined, nonce: undefined });
    const { html } = await ada.get('/chat/plain');
    assert.equal(html.split('<p class="m ').length - 1, 60);
    assert.ok(html.includes('line 99<') && !html.includes('line 39<'));
  });

  it('is linked from the start page, also where no frame is shown', async () => {
    const { stdout } = await promisify(execFile)('lynx', ['-dump', '-listonly', server.url]);
    assert.match(stdout, /\/chat\/plain\?t=/);
  });

  it('is read and written by w3m without cookies', async () => {
    await using w3m = await openTerminal(`w3m -no-cookie -o confirm_qq=0 ${server.url}chat/plain`);
    await w3m.type(/A plain title[\s\S]*line 9/, '\t');
    await w3m.type(/./, '\r');
    await w3m.type(/More lines/, '\t');
    await w3m.type(/./, '\r');
    await w3m.type(/TEXT:/, 'typed in w3m\r');
    await w3m.type(/typed in w3m[\s\S]*Viewing/, '\t');
    await w3m.type(/./, '\r');
    await until('the message', () => lastText() === 'typed in w3m');
    // The form has come back empty; the chat is one link away.
    await w3m.type(/Viewing[^<]*<Write a message>/, '/Plain chat\r');
    await w3m.type(/./, '\r');
    await until('the message is shown', () => /Anonymous#\w{4}: typed in w3m/.test(w3m.shown()));
  });

  it('is read and written by lynx without cookies', async () => {
    await using lynx = await openTerminal(`lynx -cookies=off ${server.url}chat/plain`);
    await lynx.type(/A plain title[\s\S]*line 9/, '\r');
    await lynx.type(/Write a message[\s\S]*More lines/, 'typed in lynx');
    await lynx.type(/t.*y.*p.*e.*d/s, '\t');
    await lynx.type(/Form submit button/, '\r');
    await until('the message', () => lastText() === 'typed in lynx');
  });
});
