/** What a viewer with JavaScript pays for it, over Tor by the kilobyte. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { before, describe, it } from 'node:test';
import { startTestServer } from '../kit/server.ts';

// Over plain HTTP, as at an onion address, browsers take gzip but not Brotli.
const sizeOf = (url: string): Promise<{ bytes: number; text: string }> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, response => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', async () => resolve({ bytes, text: await (await fetch(url)).text() }));
    }).on('error', reject);
  });

describe('The scripts of the watch page', () => {
  /** Address → bytes, of what is fetched without anybody doing anything. */
  const fetched = new Map<string, number>();
  let page = '';

  before(async () => {
    await using server = await startTestServer();
    page = await (await fetch(server.url)).text();
    const begin = /<script type="module" src="(\/assets\/watch-[^"]+)"/.exec(page)?.[1] ?? '';
    const playerModules = /data-player-modules="([^"]*)"/.exec(page)?.[1]?.split(' ') ?? [];
    const style = /data-player-style="([^"]*)"/.exec(page)?.[1] ?? '';
    const todo = [begin, style, ...playerModules];
    for (let path = todo.pop(); path; path = todo.pop()) {
      if (fetched.has(path)) continue;
      const { bytes, text } = await sizeOf(new URL(path, server.url).href);
      fetched.set(path, bytes);
      for (const [, name = ''] of text.matchAll(/(?:from|import)"\.\/([\w.-]+)"/g))
        todo.push(`/assets/${name}`);
      const player = /import\("\.\/(chunk-player-[\w.-]+)"\)/.exec(text)?.[1];
      if (player) todo.push(`/assets/${player}`);
    }
  });

  it('are with video.js no more than 220 kB', () => {
    const total = [...fetched.values()].reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(fetched.size >= 4, `${[...fetched.keys()]}`);
    assert.ok(total > 50_000 && total <= 220_000, `${total} bytes: ${JSON.stringify([...fetched])}`);
  });

  it('come without the engine for HLS', () => {
    assert.equal(
      [...fetched.keys()].some(name => name.includes('http-streaming')),
      false,
    );
    assert.ok(
      [...fetched.values()].every(bytes => bytes < 90_000),
      `${[...fetched]}`,
    );
  });

  it('are all named by the page, so that none waits for another', () => {
    const named = (path: string): boolean => page.includes(path);
    const unnamed = [...fetched.keys()].filter(path => !named(path) && !path.includes('chunk-player-'));
    assert.deepEqual(unnamed, []);
  });
});
