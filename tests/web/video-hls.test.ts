/** HLS over HTTP: one server, one real encoder, and what clients make of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decode } from '../kit/decode.ts';
import { checkReload, type Playlist } from '../kit/hls.ts';
import { rawExchange } from '../kit/raw-http.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openStream, playlistOf, startStream } from '../kit/stream-clients.ts';
import { until } from '../kit/until.ts';
import { listen, visit } from '../kit/visitor.ts';

describe('A stream as HLS', { concurrency: true }, () => {
  let stream: Awaited<ReturnType<typeof startStream>>;
  let server: TestServer;
  let url: string;

  before(async () => {
    stream = await startStream();
    server = stream.server;
    url = server.url;
  });
  after(async () => {
    await stream[Symbol.asyncDispose]();
  });

  it('plays as HLS, in real time', async () => {
    const { frames, complaints, ms } = await decode({ url: `${url}stream.m3u8` }, { seconds: 6 });
    assert.equal(complaints, '');
    assert.ok(frames >= 145, `${frames} pictures`);
    assert.ok(ms > 1500 && ms < 9000, `6 s of it took ${ms} ms`);
  });

  it('is valid HLS at every reload, and all that it lists is there', async () => {
    let last = await playlistOf(url);
    for (let reloads = 0; reloads < 8; reloads += 1) {
      const sequence = (last.segments.at(-1)?.sequence ?? 0) + 1;
      const next = await playlistOf(url, `?_HLS_msn=${sequence}&_HLS_part=${last.trailing.length}`);
      checkReload(last, next);
      last = next;
    }
    const media = last.segments.flatMap(({ map, uri, parts }) => [map, uri, ...parts.map(part => part.uri)]);
    for (const uri of [...new Set(media), ...last.trailing.map(part => part.uri)]) {
      const response = await fetch(url + uri);
      assert.equal(response.status, 200, uri);
      assert.equal(response.headers.get('content-type'), 'video/mp4');
      assert.equal((await response.bytes()).length, Number(response.headers.get('content-length')));
    }
  });

  it('counts whoever asks for it as a viewer until no question has come for a while', async () => {
    let skewMs = 0;
    await using own = await startTestServer({
      streamsDir: server.streamsDir,
      overrides: { now: () => Date.now() + skewMs },
    });
    await using socket = await listen(own.url);
    const [ann, bob] = await Promise.all([visit(own.url), visit(own.url)]);
    const ask = async (headers: Record<string, string> = {}): Promise<void> => {
      assert.equal((await fetch(`${own.url}stream.m3u8`, { headers })).status, 200);
    };
    assert.equal((await fetch(`${own.url}stream.m3u8`, { method: 'HEAD' })).status, 200);
    await Promise.all([ask(), ask(), ask(ann.headers), ask(ann.headers), ask(bob.headers)]);
    await until('one unknown, and two who came by the page', () => socket.last().viewers === 3);
    // One who watches the endless response beside it is no other viewer.
    const endless = await openStream(own.url, ann.headers);
    skewMs = 8000;
    await ask(bob.headers);
    skewMs = 15_000;
    await until('the unknown one has gone', () => socket.last().viewers === 2);
    await endless.stop();
    await until('ann has, too', () => socket.last().viewers === 1);
    skewMs = 25_000;
    await until('nobody is left', () => socket.last().viewers === 0);
  });

  it('holds a reload back until the part comes, and not longer', async () => {
    const { segments, trailing } = await playlistOf(url);
    const sequence = (segments.at(-1)?.sequence ?? 0) + 1;
    const { channel } = server.running;
    const wanted = (channel.window.newest?.number ?? 0) + 3;
    const came = Promise.withResolvers<number>();
    const unsubscribe = channel.events.subscribe(event => {
      if (event.type === 'part' && event.part.number === wanted) came.resolve(performance.now());
    });
    const hint = `hls/part${wanted}.m4s`;
    const uri = (playlist: Playlist): string[] =>
      [...playlist.segments.flatMap(({ parts }) => parts), ...playlist.trailing].map(part => part.uri);
    const asked = playlistOf(url, `?_HLS_msn=${sequence}&_HLS_part=${trailing.length + 2}`);
    const answered = asked.then(playlist => ({ playlist, atMs: performance.now() }));
    const cameMs = await came.promise;
    unsubscribe();
    const { playlist, atMs } = await answered;
    assert.ok(uri(playlist).includes(hint));
    assert.ok(atMs > cameMs && atMs - cameMs < 1000, `answered ${atMs - cameMs} ms after the part came`);
  });

  it('holds the hinted part back until it comes', async () => {
    const { hint = '' } = await playlistOf(url);
    const response = await fetch(url + hint);
    assert.equal(response.status, 200);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.toString('latin1', 4, 8), 'moof');
    const number = Number(/\d+/.exec(hint.replace('hls/', ''))?.[0]);
    assert.ok(server.running.channel.window.part(number)?.bytes.equals(bytes));
  });

  it('refuses reloads that make no sense', async () => {
    const newest = server.running.channel.window.segments.at(-1)?.sequence ?? 0;
    for (const query of [
      `_HLS_msn=${newest + 50}`,
      '_HLS_msn=-1',
      '_HLS_msn=x',
      '_HLS_msn=1.5',
      '_HLS_part=1',
      '_HLS_msn=1&_HLS_part=-1',
      '_HLS_msn=1&_HLS_msn=2',
      '_HLS_msn[]=1',
      '_HLS_msn=99999999999999999999',
    ]) {
      const { status } = await fetch(`${url}stream.m3u8?${query}`);
      // `_HLS_msn[]` is another name, and names that we don't know are passed over.
      assert.equal(status, query.includes('[]') ? 200 : 400, query);
    }
  });

  it('has no pieces but those of its window', async () => {
    for (const name of [
      ...[
        'part99999999.m4s',
        'segment99999999.m4s',
        'init-0000000000000000.mp4',
        'init.mp4',
        'stream0.m4s',
        'stream.m3u8',
      ],
      ...[
        '..%2f..%2fpackage.json',
        '..%2flive%2fstream.m3u8',
        '%2e%2e%2fpid.txt',
        'part1.m4s%00',
        '',
        'part-1.m4s',
      ],
      ...['....//package.json', '..\\..\\package.json', '%ff', 'part1.m4s/../../package.json'],
    ]) {
      const request = `GET /hls/${name} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n\r\n`;
      const answer = await rawExchange(url, request);
      assert.match(answer, /^HTTP\/1\.1 (404|400) /, name);
      assert.doesNotMatch(answer, /"devDependencies"|#EXTM3U/);
    }
  });
});
