/** What every response says and does not say, and what the watch page asks of a browser. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { type RawResponse, rawExchange, rawRequest } from '../kit/raw-http.ts';
import type { TestServer } from '../kit/server.ts';
import { startTestServer } from '../kit/server.ts';
import { openStream, playlistOf, startStream } from '../kit/stream-clients.ts';
import { visit } from '../kit/visitor.ts';

/** Headers that would tell the clock, the programs or the files behind the server. */
const telling = [
  'date',
  'server',
  'x-powered-by',
  'last-modified',
  'etag',
  'expires',
  'via',
  'x-request-id',
  'alt-svc',
];

function assertSafe({ headers }: RawResponse, what: string): void {
  const csp = new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map(directive => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
  assert.equal(csp.get('default-src'), "'none'", what);
  assert.equal(csp.get('base-uri'), "'none'", what);
  for (const [name, values] of csp) {
    // A picture that travels in the page is asked of nobody, and runs nothing.
    const others = name === 'img-src' ? values.replace(' data:', '') : values;
    assert.doesNotMatch(others, /unsafe|https?:|\*|data:/, `${what}: ${name}`);
  }
  assert.equal(headers.get('x-content-type-options'), 'nosniff', what);
  assert.equal(headers.get('referrer-policy'), 'no-referrer', what);
  assert.match(headers.get('x-frame-options') ?? '', /^(SAMEORIGIN|DENY)$/, what);
  assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', what);
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', what);
  assert.ok(headers.has('cache-control'), what);
  for (const name of telling) assert.equal(headers.get(name), undefined, `${what}: ${name}`);
}

const nonceOf = ({ headers }: RawResponse): string =>
  /script-src[^;]*'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1] ?? '';

/** The document, and the documents that it carries in srcdoc attributes. */
function documentsIn(html: string): string[] {
  const nested = [...html.matchAll(/\ssrcdoc="([^"]*)"/g)].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&'),
  );
  return [html.replace(/\ssrcdoc="[^"]*"/g, ''), ...nested.flatMap(documentsIn)];
}

describe('Every response', () => {
  let stream: Awaited<ReturnType<typeof startStream>>;
  let server: TestServer;
  let url: string;

  before(async () => {
    stream = await startStream();
    server = stream.server;
    url = server.url;
  });
  after(() => stream[Symbol.asyncDispose]());

  it('carries the security headers and tells nothing of the machine', async () => {
    const { page, headers } = await visit(url);
    const { segments } = await playlistOf(url);
    const assets = [...new Set(page.match(/\/assets\/[\w.-]+/g))];
    assert.ok(
      ['.css', '.js'].every(type => assets.some(asset => asset.endsWith(type))),
      String(assets),
    );
    const expected: [
      path: string,
      status: number,
      more?: { method?: string; headers?: Record<string, string> },
    ][] = [
      ['/', 200],
      ['/?videojs=0', 200],
      ['/player', 200, { headers }],
      ['/chat/live', 200, { headers }],
      ['/chat/form', 200, { headers }],
      ['/stream.mp4', 200],
      ['/stream.mp4', 200, { method: 'HEAD' }],
      ['/stream.m3u8', 200],
      ['/stream.m3u8?_HLS_msn=x', 400],
      [`/${segments.at(-1)?.uri}`, 200],
      [`/${segments.at(-1)?.map}`, 200],
      ['/hls/part999999.m4s', 404],
      ...assets.map((asset): [string, number] => [asset, 200]),
      ['/assets/none-00000000.js', 404],
      ['/nothing', 404],
      ['/nothing', 404, { headers: { accept: 'text/html' } }],
      ['/', 404, { method: 'DELETE' }],
      ['/', 404, { method: 'POST' }],
      ['/%ff', 404],
      ['/hls/%ff', 400],
      ['/', 421, { headers: { host: 'example.com' } }],
      ['/stream.mp4', 421, { headers: { host: 'rebound.example.com:80' } }],
      [assets[0] ?? '', 421, { headers: { host: 'example.com' } }],
    ];
    for (const [path, status, more = {}] of expected) {
      const what = `${more.method ?? 'GET'} ${path} ${JSON.stringify(more.headers ?? {})}`;
      const response = await rawRequest(url, { path, ...more }, 100);
      assert.equal(response.status, status, `${what}: ${response.body.toString('utf8', 0, 200)}`);
      assertSafe(response, what);
      if (status >= 400)
        assert.doesNotMatch(response.body.toString('utf8'), /node_modules|\.ts:|at \w+ \(|\/app\//, what);
    }
  });

  it('that is an error is a page of ours for a browser, and a line for others', async () => {
    const page = await rawRequest(url, { path: '/nothing/here', headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.match(page.headers.get('content-type') ?? '', /^text\/html; charset=utf-8/);
    assert.match(page.body.toString(), /<h1>Nothing here<\/h1>/);
    assert.match(page.body.toString(), /href="\/assets\/style-/);
    const line = await rawRequest(url, { path: '/nothing/here', headers: { accept: '*/*' } });
    assert.match(line.headers.get('content-type') ?? '', /^text\/plain/);
    assert.equal(line.body.toString(), 'Nothing here. There is no page at this address.\n');
  });

  it('that is an error repeats nothing that a browser would run', async () => {
    const evil = '<script>alert(1)</script>';
    for (const [path, headers] of [
      [`/stream.m3u8?_HLS_msn=${evil}`, {}],
      [`/${encodeURIComponent(evil)}`, {}],
      ['/', { host: `${evil}.example` }],
    ] as const) {
      const response = await rawRequest(url, {
        path: encodeURI(path),
        headers: { accept: 'text/html', ...headers },
      });
      assert.ok(response.status >= 400);
      assert.ok(!response.body.toString().includes('<script>'), path);
    }
  });

  it('answers to the names of this machine and to onion addresses, and to no others', async () => {
    const onion = `${'a'.repeat(55)}d.onion`;
    for (const host of [
      '127.0.0.1',
      '127.0.0.1:8080',
      'localhost',
      'LOCALHOST:1',
      '[::1]:80',
      onion,
      `www.${onion}`,
    ]) {
      assert.equal((await rawRequest(url, { headers: { host } })).status, 200, host);
    }
    for (const host of [
      ...[
        'example.com',
        'localhost.example.com',
        '127.0.0.1.example.com',
        'x127.0.0.1',
        '10.0.0.1',
        'a.onion',
      ],
      ...[`${onion}.example.com`, `x${onion}`, '::1', ' ', 'localhost:80:80', 'localhost/'],
    ]) {
      assert.equal((await rawRequest(url, { headers: { host } })).status, 421, host);
    }
    assert.match(await rawExchange(url, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 421 /);
  });

  it('to what is no HTTP is short', async () => {
    const answer = await rawExchange(url, 'SSH-2.0-OpenSSH_9.2\r\n\r\n');
    assert.equal(answer, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    const long = await rawExchange(
      url,
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    );
    assert.match(long, /^HTTP\/1\.1 4\d\d /);
    assert.doesNotMatch(long, /^date:/im);
  });
});

describe('The watch page', () => {
  let server: TestServer;
  let url: string;

  before(async () => {
    server = await startTestServer({ title: '</title><script>alert(1)</script>"\'&' });
    url = server.url;
  });
  after(() => server.close());

  it('asks nobody else for anything, and runs nothing without its nonce', async () => {
    const response = await rawRequest(url);
    const html = response.body.toString();
    const nonce = nonceOf(response);
    assert.ok(nonce.length >= 22);
    const documents = documentsIn(html);
    assert.ok(documents.length > 1);
    for (const document of documents) {
      for (const [tag] of document.matchAll(/<(?:script|style)\b[^>]*>/g)) {
        assert.ok(tag.includes(`nonce="${nonce}"`), tag);
      }
      const addresses = [
        ...document.matchAll(/\s(?:src|href|action|poster|data|formaction|srcset)="([^"]*)"/g),
      ];
      for (const [, address = ''] of addresses)
        assert.match(address, /^(\/(?!\/)|\?|#|$|data:image\/png;base64,)/, address);
      assert.doesNotMatch(
        document,
        /\son[a-z]+\s*=|\sstyle\s*=|javascript:|@import|url\(["']?(?:https?:)?\/\//i,
      );
      assert.doesNotMatch(document, /<(object|embed|svg|base|applet)\b/i);
    }
    assert.doesNotMatch(html.replaceAll(new URL(url).host, ''), /(https?|wss?):\/\/(?!\/)[a-z]/i);
    assert.doesNotMatch(html, /<script>alert/);
  });

  it('has another nonce each time', async () => {
    const nonces = await Promise.all([1, 2, 3].map(async () => nonceOf(await rawRequest(url))));
    assert.equal(new Set(nonces).size, 3);
  });

  it('shows a muted video without JavaScript when the stream is on, and says so when it is off', async () => {
    const off = documentsIn((await visit(url)).page);
    assert.ok(off.some(document => document.includes('The stream is off')));
    await using stream = await startStream();
    const on = documentsIn((await visit(stream.server.url)).page);
    const video = on.flatMap(document => [...document.matchAll(/<video\b[^>]*>/g)].map(([tag]) => tag));
    assert.equal(video.length, 1);
    for (const attribute of ['autoplay', 'muted', 'controls', 'playsinline']) {
      assert.match(video[0] ?? '', new RegExp(`\\s${attribute}\\b`));
    }
    assert.match(video[0] ?? '', /src="\/stream\.mp4/);
  });

  it('comes compressed to those who take it', async () => {
    const plain = await rawRequest(url, { headers: { 'accept-encoding': 'identity' } });
    const packed = await rawRequest(url, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    assert.equal(packed.headers.get('content-encoding'), 'br');
    const page = brotliDecompressSync(packed.body).toString();
    assert.match(page, /<\/html>\s*$/);
    assert.ok(packed.body.length < plain.body.length);
    for (const asset of new Set(page.match(/\/assets\/[\w.-]+\.(?:css|js)/g))) {
      const { headers, body } = await rawRequest(
        url,
        { path: asset, headers: { 'accept-encoding': 'br' } },
        2000,
      );
      assert.equal(headers.get('content-encoding'), 'br', asset);
      assert.ok(brotliDecompressSync(body).length > body.length);
      assert.match(headers.get('cache-control') ?? '', /immutable/);
    }
  });

  it('sets a cookie that scripts and other sites do not get, and that tells no time', async () => {
    const { headers } = await rawRequest(url);
    const cookie = headers.get('set-cookie') ?? '';
    assert.match(cookie, /; HttpOnly/);
    assert.match(cookie, /; SameSite=(Lax|Strict)/);
    assert.doesNotMatch(cookie, /Expires|Max-Age|Domain/i);
  });
});

describe('The WebSocket', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  /** The first line of the answer to an upgrade. */
  async function upgrade(headers: Readonly<Record<string, string>>, path = '/socket'): Promise<string> {
    const lines = Object.entries({
      Host: new URL(server.url).host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`);
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
    socket.setTimeout(5000, () => socket.destroy());
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket) {
      answer += String(chunk);
      if (answer.includes('\r\n\r\n')) break;
    }
    socket.destroy();
    assert.doesNotMatch(answer, /^(date|server|x-powered-by):/im);
    return answer.split('\r\n')[0] ?? '';
  }

  it('opens for a page of ours', async () => {
    const { headers } = await visit(server.url);
    assert.match(await upgrade({ Origin: headers.origin ?? '', Cookie: headers.cookie ?? '' }), / 101 /);
  });

  it('refuses pages of others, wrong names and wrong addresses', async () => {
    const { headers } = await visit(server.url);
    const own = { Origin: headers.origin ?? '', Cookie: headers.cookie ?? '' };
    for (const [more, path] of [
      [{ Origin: 'http://example.com' }],
      [{ Origin: 'null' }],
      [{ Origin: '' }],
      [{ Origin: `${own.Origin}.example.com` }],
      [{ Host: 'example.com', Origin: 'http://example.com' }],
      [{}, '/other'],
      [{ 'Sec-WebSocket-Version': '7' }],
      [{ Upgrade: 'h2c' }],
    ] as [Record<string, string>, string?][]) {
      assert.match(await upgrade({ ...own, ...more }, path), / 4\d\d /, JSON.stringify([more, path]));
    }
    const { Origin: _origin, ...withoutOrigin } = own;
    assert.match(await upgrade(withoutOrigin), / 4\d\d /);
  });
});

describe('A server that closes', () => {
  it('waits for nobody', async () => {
    const stream = await startStream();
    const { server } = stream;
    const { headers } = await visit(server.url);
    const view = await openStream(server.url);
    const frame = await fetch(`${server.url}chat/live`, { headers });
    // A WebSocket that never answers the closing handshake.
    const { port, host } = new URL(server.url);
    const mute = connect({ port: Number(port), host: '127.0.0.1' });
    mute.write(
      `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: ${headers.origin}\r\nCookie: ${headers.cookie}\r\n\r\n`,
    );
    await new Promise(resolve => mute.once('data', resolve));
    mute.pause();
    await stream.encoder.close();
    const begunMs = performance.now();
    await server.close();
    const ms = performance.now() - begunMs;
    mute.destroy();
    await view.stop();
    await frame.body?.cancel().catch(() => {});
    assert.ok(ms < 2500, `it took ${ms} ms`);
  });
});
