/** What a viewer on a slow circuit has to fetch, in bytes on the wire. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { rawRequest } from '../kit/raw-http.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';

const pageBudgetBytes = 25_000;
const answerMs = 5000;

describe('What the watch page costs', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ title: 'A title of a usual length' });
  });
  after(() => server.close());

  async function bytesOf(path: string): Promise<number> {
    const headers = { 'Accept-Encoding': 'gzip, deflate, br' };
    const { status, body } = await rawRequest(server.url, { path, headers }, answerMs);
    assert.equal(status, 200, path);
    assert.ok(body.length > 0, path);
    return body.length;
  }

  async function textOf(path: string): Promise<string> {
    return await (await fetch(new URL(path, server.url))).text();
  }

  const unescaped = (path: string): string => path.replaceAll('&amp;', '&');

  it('is, without JavaScript, three requests and 25 kB until the picture, which travels in the page', async () => {
    const page = await textOf('/');
    assert.match(page, /<iframe class="picture"[^>]* srcdoc="/);
    const withoutScripts = page.replace(/<script[\s\S]*?<\/script>/g, '');
    const tags = withoutScripts.match(/<(link|img|iframe|script|video|source)\b[^>]*>/g) ?? [];
    const asked = tags
      // Which a browser that runs no scripts does not load: bench/page shows it.
      .filter(tag => !tag.includes('rel="modulepreload"'))
      .flatMap(tag => /\b(?:src|href)="([^"]+)"/.exec(tag)?.[1] ?? [])
      .filter(path => !path.startsWith('data:'))
      .map(unescaped);
    assert.equal(asked.length, 2, asked.join('\n'));
    const sizes = await Promise.all(['/', ...asked].map(bytesOf));
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(total <= pageBudgetBytes, `${total} bytes: ${asked.join(' ')}`);
  });

  it('is, with JavaScript, the picture first and the player after it', async () => {
    const page = await textOf('/');
    const scripts = page.match(/<script\b[^>]*\bsrc="[^"]+"[^>]*>/g) ?? [];
    for (const script of scripts) {
      assert.match(script, /\btype="module"|\bdefer\b|\basync\b/, script);
      assert.doesNotMatch(script, /chunk-player/, 'the player is fetched when the rest stands');
    }
  });
});
