/** The stream over HTTP: one server, one real encoder that hides nothing, and what clients make of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { boxesIn } from '../../app/segments/boxes.ts';
import { decode } from '../kit/decode.ts';
import { type Encoder, startEncoder } from '../kit/encoder.ts';
import { checkReload, type Playlist, readPlaylist } from '../kit/hls.ts';
import { type ServerOptions, startTestServer, type TestServer } from '../kit/server.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';
import { listen } from '../kit/visitor.ts';

/** A GET of the endless response that is read until `stop`. */
async function openStream(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${url}stream.mp4`, { headers, signal: abort.signal });
  const chunks: Uint8Array[] = [];
  let lastAtMs = performance.now();
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      lastAtMs = performance.now();
    }
  })().then(
    () => {
      isOver = true;
    },
    () => {},
  );
  return {
    response,
    bytes: (): Buffer => Buffer.concat(chunks),
    silentMs: (): number => performance.now() - lastAtMs,
    /** The server has ended it. */
    over: (): boolean => isOver,
    async stop(): Promise<void> {
      abort.abort();
      await reading;
    },
  };
}

async function watchFor(url: string, seconds: number): Promise<Buffer> {
  const stream = await openStream(url);
  await delay(seconds * 1000);
  await stream.stop();
  return stream.bytes();
}

/** Whole boxes only: a stream that is cut off ends anywhere. */
function wholeBoxes(bytes: Buffer): Buffer {
  let end = 0;
  while (end + 8 <= bytes.length && end + bytes.readUInt32BE(end) <= bytes.length)
    end += bytes.readUInt32BE(end);
  return bytes.subarray(0, end);
}

/** As wholeBoxes, but no moof without its mdat. */
function wholeParts(bytes: Buffer): Buffer {
  const whole = wholeBoxes(bytes);
  const last = [...boxesIn(whole)].at(-1);
  return last?.type === 'moof' ? whole.subarray(0, last.start) : whole;
}

async function playlistOf(url: string, query = ''): Promise<Playlist> {
  const response = await fetch(`${url}stream.m3u8${query}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/vnd\.apple\.mpegurl/);
  return readPlaylist(await response.text());
}

describe('A running stream', () => {
  let server: TestServer;
  let encoder: Encoder;
  let url: string;
  let socket: Awaited<ReturnType<typeof listen>>;

  /** A second server on the same streams, with another configuration. */
  const beside = (options: ServerOptions) => startTestServer({ ...options, streamsDir: server.streamsDir });

  before(async () => {
    server = await startTestServer({ title: 'A stream' });
    url = server.url;
    socket = await listen(url);
    encoder = await startEncoder(server.channelDir, { announced: true });
    await until(
      'two segments are complete',
      () => server.running.channel.window.segments[1]?.complete,
      20_000,
    );
  });
  after(async () => {
    await encoder.close();
    await socket.close();
    await server.close();
  });

  it('comes as one endless response, in real time, from a keyframe on', async () => {
    const begunMs = performance.now();
    const stream = await openStream(url);
    await until('the first picture', () => wholeParts(stream.bytes()).includes('moof'), 2000);
    const firstMs = performance.now() - begunMs;
    assert.ok(firstMs < 500, `the first picture takes ${firstMs} ms`);
    assert.equal(stream.response.status, 200);
    assert.match(
      stream.response.headers.get('content-type') ?? '',
      /^video\/mp4; codecs="avc1\.42c0.., mp4a\.40\.2"$/,
    );
    for (const absent of ['content-length', 'transfer-encoding', 'content-encoding', 'content-range']) {
      assert.equal(stream.response.headers.get(absent), null, absent);
    }
    await delay(3000);
    await stream.stop();
    const bytes = wholeParts(stream.bytes());
    assert.deepEqual(
      [...boxesIn(bytes)].slice(0, 4).map(({ type }) => type),
      ['ftyp', 'moov', 'moof', 'mdat'],
    );
    const { frames, complaints } = await decode({ bytes });
    assert.equal(complaints, '');
    // 25 a second, and up to a second that was there already.
    assert.ok(frames >= 65 && frames <= 115, `${frames} pictures in ${performance.now() - begunMs} ms`);
  });

  it('is decoded by ffmpeg from its address, as long as it likes', async () => {
    const { frames, complaints, ms } = await decode({ url: `${url}stream.mp4` }, { seconds: 5 });
    assert.equal(complaints, '');
    assert.ok(frames >= 120, `${frames} pictures`);
    assert.ok(ms > 3500, `5 s of it took ${ms} ms`);
  });

  it('answers Range with 200 and everything', async () => {
    for (const range of ['bytes=0-', 'bytes=0-1', 'bytes=1000-', 'bytes=-500', 'lines=3']) {
      const stream = await openStream(url, { range });
      assert.equal(stream.response.status, 200, range);
      assert.equal(stream.response.headers.get('content-length'), null);
      assert.equal(stream.response.headers.get('accept-ranges'), 'none');
      await until('bytes', () => stream.bytes().length > 8);
      assert.equal(stream.bytes().toString('latin1', 4, 8), 'ftyp');
      await stream.stop();
    }
  });

  it('is not compressed, whatever the client takes', async () => {
    const stream = await openStream(url, { 'accept-encoding': 'br, gzip' });
    assert.equal(stream.response.headers.get('content-encoding'), null);
    await stream.stop();
    const playlist = await fetch(`${url}stream.m3u8`, { headers: { 'accept-encoding': 'identity' } });
    readPlaylist(await playlist.text());
  });

  it('tells its type to HEAD, and nothing more', async () => {
    const { viewers } = socket.last();
    const head = request(`${url}stream.mp4`, { method: 'HEAD', agent: false }).end();
    const [response] = await once(head, 'response');
    assert.equal(response.statusCode, 200);
    assert.match(response.headers['content-type'], /^video\/mp4/);
    let length = 0;
    for await (const chunk of response) length += chunk.length;
    assert.equal(length, 0);
    assert.equal(socket.last().viewers, viewers);
    for (const path of ['stream.m3u8', `${(await playlistOf(url)).segments[0]?.map}`]) {
      const other = await fetch(url + path, { method: 'HEAD' });
      assert.equal(other.status, 200, path);
      assert.equal((await other.bytes()).length, 0);
    }
  });

  it('counts its viewers up and down', async () => {
    const before = server.running.channel.events.size;
    const streams = await Promise.all([openStream(url), openStream(url)]);
    await until('two viewers', () => socket.last().viewers === 2);
    await streams[0]?.stop();
    await until('one viewer', () => socket.last().viewers === 1);
    // One who leaves before he has got anything, and without a word.
    const rude = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
    rude.write(`GET /stream.mp4 HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
    await until('two viewers again', () => socket.last().viewers === 2);
    rude.resetAndDestroy();
    await streams[1]?.stop();
    await until('nobody', () => socket.last().viewers === 0);
    assert.equal(server.running.channel.events.size, before, 'no view is left behind');
  });

  it('says in words that it is full', async () => {
    await using full = await beside({ config: { delivery: { maxViews: 1 } } });
    const stream = await openStream(full.url);
    const page = await fetch(`${full.url}stream.mp4`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 503);
    assert.equal(page.headers.get('retry-after'), '60');
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(await page.text(), /The stream is full/);
    const plain = await fetch(`${full.url}stream.mp4`);
    assert.equal(plain.status, 503);
    assert.match(await plain.text(), /^The stream is full\./);
    await stream.stop();
    await until('his place is free', async () => {
      const next = await openStream(full.url);
      await next.stop();
      return next.response.status === 200;
    });
  });

  it('closes the connection of one who takes nothing, and forgets him', async () => {
    // Loopback's buffers take megabytes: a stream that comes in large pieces fills them.
    await using own = await startTestServer({ config: { delivery: { deadAfterS: 2 } } });
    const noise = ['-filter:v', 'noise=alls=100:allf=t', '-qp', '4'];
    await using _large = await startEncoder(own.channelDir, { size: '854x480', gopFrames: 5, extra: noise });
    await until('it is live', () => own.running.channel.state === 'live', 15_000);
    const idle = connect({ port: Number(new URL(own.url).port), host: '127.0.0.1' });
    idle.write(`GET /stream.mp4 HTTP/1.1\r\nHost: ${new URL(own.url).host}\r\n\r\n`);
    idle.pause();
    await using told = await listen(own.url);
    await until('one viewer', () => told.last().viewers === 1);
    await until('nobody', () => told.last().viewers === 0, 20_000);
    assert.equal(own.running.channel.events.size, 0);
    idle.destroy();
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
    assert.ok(atMs > cameMs && atMs - cameMs < 150, `answered ${atMs - cameMs} ms after the part came`);
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
      const { status, body } = await rawGet(url, `/hls/${name}`);
      assert.ok(status === 404 || status === 400, `${name}: ${status}`);
      assert.doesNotMatch(body, /"devDependencies"|#EXTM3U/);
    }
  });

  it('tells nothing of the encoder, its machine or its times, by any of its addresses', async () => {
    const served = [await watchFor(url, 6)];
    const playlist = await playlistOf(url);
    served.push(Buffer.from(await (await fetch(`${url}stream.m3u8`)).text()));
    for (const { uri, map, parts } of playlist.segments) {
      for (const address of [uri, map, ...parts.map(part => part.uri)]) {
        served.push(Buffer.from(await (await fetch(url + address)).arrayBuffer()));
      }
    }
    assert.ok(served.length > 10);
    for (const bytes of served) assert.deepEqual(tellingIn(bytes), []);
  });
});

/** A GET as it is written, since URLs are tidied up by every client. */
async function rawGet(url: string, path: string) {
  const { host, port } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let body = '';
  for await (const chunk of socket) body += String(chunk);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(body)?.[1]), body };
}

describe('A stream that comes and goes', () => {
  it('is waited for, goes on over restarts, and ends', { timeout: 60_000 }, async () => {
    await using server = await startTestServer({ config: { delivery: { gapS: 3 } } });
    const { url } = server;
    const off = await fetch(`${url}stream.m3u8`);
    assert.equal(off.status, 404);
    assert.match(await off.text(), /^The stream is off\./);

    const early = await openStream(url);
    assert.equal(early.response.headers.get('content-type'), 'video/mp4');
    await using first = await startEncoder(server.channelDir, { listSize: 50 });
    // Asked for while it starts: answered once there is a segment.
    const begun = await playlistOf(url, '').catch(() => undefined);
    if (begun) assert.ok(begun.segments.length > 0);
    await until('he who waited has a picture', () => early.bytes().includes('moof'), 5000);
    await delay(1500);
    await first.close();
    await using second = await startEncoder(server.channelDir, { size: '480x270', listSize: 50 });
    await until('the picture goes on', () => early.bytes().length > 0 && early.silentMs() < 100, 5000);
    await second.listed(10);
    await second.close();
    await using third = await startEncoder(server.channelDir, { size: '480x270', listSize: 50 });
    await third.listed(10);
    const live = await playlistOf(url);
    assert.deepEqual([...new Set(live.segments.map(({ discontinuities }) => discontinuities))], [0, 1, 2]);
    await third.stop();

    await until('the list ends', async () => (await playlistOf(url)).ended, 2000);
    const ended = await playlistOf(url);
    checkReload(live, ended);
    const { frames, complaints } = await decode({ url: `${url}stream.m3u8` });
    assert.equal(complaints, '');
    assert.ok(frames > 80, `${frames} pictures of an ended stream`);

    await until('the endless response ends', () => early.over(), 6000);
    const all = await decode({ bytes: early.bytes() });
    assert.equal(all.complaints, '');
    const parts = [...boxesIn(early.bytes())].filter(({ type }) => type === 'mdat').length;
    assert.ok(parts > 25, `${parts} parts`);
    assert.equal([...boxesIn(early.bytes())].filter(({ type }) => type === 'moov').length, 1);
    assert.ok(all.frames > parts * 4);
    assert.equal(server.running.channel.events.size, 0);
  });
});
