/** The endless response over HTTP: one server, one real encoder, and what clients make of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { boxesIn } from '../../app/segments/boxes.ts';
import { decode } from '../kit/decode.ts';
import { startEncoder } from '../kit/encoder.ts';
import { readPlaylist } from '../kit/hls.ts';
import { type ServerOptions, startTestServer, type TestServer } from '../kit/server.ts';
import { openStream, playlistOf, startStream, wholeParts } from '../kit/stream-clients.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';
import { listen } from '../kit/visitor.ts';

describe('The endless response', () => {
  let stream: Awaited<ReturnType<typeof startStream>>;
  let server: TestServer;
  let url: string;

  /** A second server on the same streams, with another configuration. */
  const beside = (options: ServerOptions) => startTestServer({ ...options, streamsDir: server.streamsDir });

  before(async () => {
    stream = await startStream();
    server = stream.server;
    url = server.url;
  });
  after(async () => {
    await stream[Symbol.asyncDispose]();
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
    // Of the other one those who ask for playlists are viewers for a while.
    await using own = await beside({});
    await using socket = await listen(own.url);
    const { url } = own;
    const head = request(`${url}stream.mp4`, { method: 'HEAD', agent: false }).end();
    const [response] = await once(head, 'response');
    assert.equal(response.statusCode, 200);
    assert.match(response.headers['content-type'], /^video\/mp4/);
    let length = 0;
    for await (const chunk of response) length += chunk.length;
    assert.equal(length, 0);
    assert.equal(socket.last().viewers, 0);
    for (const path of ['stream.m3u8', `${(await playlistOf(url)).segments[0]?.map}`]) {
      const other = await fetch(url + path, { method: 'HEAD' });
      assert.equal(other.status, 200, path);
      assert.equal((await other.bytes()).length, 0);
    }
  });

  it('counts its viewers up and down', async () => {
    await using own = await beside({});
    await using socket = await listen(own.url);
    const { url } = own;
    const before = own.running.channel.events.size;
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
    assert.equal(own.running.channel.events.size, before, 'no view is left behind');
  });

  it('has no places for questions that don’t wait for an answer', async () => {
    await using own = await beside({});
    await using socket = await listen(own.url);
    const client = connect({ port: Number(new URL(own.url).port), host: '127.0.0.1' });
    client.resume();
    const closed = once(client, 'close');
    client.write(`GET /stream.mp4 HTTP/1.1\r\nHost: ${new URL(own.url).host}\r\n\r\n`.repeat(50));
    await closed;
    await until('nobody', () => socket.last().viewers === 0);
  });

  it('lets go of who sends what is no HTTP, and keeps his end open', async () => {
    const client = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    let isGone = false;
    client.on('data', chunk => {
      answer += String(chunk);
    });
    client.on('error', () => {
      isGone = true;
    });
    client.write('GARBAGE\r\n\r\n');
    await once(client, 'end');
    assert.match(answer, /^HTTP\/1\.1 400 /);
    await until('nobody takes what he writes', () => {
      client.write('more');
      return isGone;
    });
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
    for (const path of ['', 'player?sound=1']) {
      const frame = (await (await fetch(full.url + path)).text()).replaceAll('&quot;', '"');
      assert.match(frame, /The stream is full[\s\S]*It is tried again here by itself/);
      assert.match(frame, /http-equiv="refresh" content="20;url=\/player/);
      assert.doesNotMatch(frame, /stream\.mp4\?n=/);
    }
    await stream.stop();
    await until('his place is free', async () => {
      const next = await openStream(full.url);
      await next.stop();
      return next.response.status === 200;
    });
    await until('the page shows it again', async () =>
      (await (await fetch(`${full.url}player`)).text()).includes('/stream.mp4?n='),
    );
  });
});

describe('The endless response, for a while', { concurrency: true }, () => {
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

  it('comes as one endless response, in real time, from a keyframe on', async () => {
    const begunMs = performance.now();
    const stream = await openStream(url);
    await until('the first picture', () => wholeParts(stream.bytes()).includes('moof'), 2000);
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

  it('comes to Firefox, muted and with sound, as something that decodes as well', async () => {
    const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0' };
    const streams = [await openStream(url, firefox), await openStream(url, firefox, '?sound=1')];
    await delay(3000);
    for (const stream of streams) {
      await stream.stop();
      const bytes = wholeParts(stream.bytes());
      const { frames, complaints } = await decode({ bytes });
      // Pictures of the past come in a rush: only the times of that are odd.
      const others = complaints
        .split('\n')
        .filter(line => !/non monotonically|Last message repeated/.test(line));
      assert.deepEqual(
        others.filter(line => line !== ''),
        [],
      );
      assert.ok(frames >= 50, `${frames} pictures`);
      assert.deepEqual(tellingIn(bytes), []);
    }
  });

  it('is decoded by ffmpeg from its address, as long as it likes', async () => {
    const { frames, complaints, ms } = await decode({ url: `${url}stream.mp4` }, { seconds: 5 });
    assert.equal(complaints, '');
    assert.ok(frames >= 120, `${frames} pictures`);
    assert.ok(ms > 3500, `5 s of it took ${ms} ms`);
  });

  it('closes the connection of one who takes nothing, and forgets him', async () => {
    // Loopback's buffers take megabytes: a stream that comes in large pieces fills them.
    await using own = await startTestServer({ config: { delivery: { deadAfterS: 2 } } });
    const before = own.running.channel.events.size;
    const noise = ['-filter:v', 'noise=alls=100:allf=t', '-qp', '4'];
    await using _large = await startEncoder(own.channelDir, { size: '854x480', gopFrames: 5, extra: noise });
    await until('it is live', () => own.running.channel.state === 'live', 15_000);
    const idle = connect({ port: Number(new URL(own.url).port), host: '127.0.0.1' });
    idle.write(`GET /stream.mp4 HTTP/1.1\r\nHost: ${new URL(own.url).host}\r\n\r\n`);
    idle.pause();
    await using told = await listen(own.url);
    await until('one viewer', () => told.last().viewers === 1);
    await until('nobody', () => told.last().viewers === 0, 20_000);
    assert.equal(own.running.channel.events.size, before);
    idle.destroy();
  });
});
