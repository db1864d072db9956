/** Going back in time over HTTP: one server, one real encoder. */
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { boxesIn } from '../../app/segments/boxes.ts';
import { decode } from '../kit/decode.ts';
import { startEncoder } from '../kit/encoder.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openStream, startStream, wholeParts } from '../kit/stream-clients.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';
import { listen } from '../kit/visitor.ts';

const liveEdge = z.strictObject({
  edgeMs: z.number().min(0),
  ageMs: z.number().min(0),
  rewindS: z.number().min(0),
  qualities: z.string(),
});

const edgeOf = async (url: string): Promise<z.infer<typeof liveEdge>> =>
  liveEdge.parse(await (await fetch(`${url}live-edge`)).json());

describe('Going back in time', () => {
  let stream: Awaited<ReturnType<typeof startStream>>;
  let server: TestServer;
  let url: string;

  before(async () => {
    stream = await startStream();
    server = stream.server;
    url = server.url;
    await until('some seconds are kept', async () => (await edgeOf(url)).rewindS >= 8, 20_000);
  });
  after(() => stream[Symbol.asyncDispose]());

  it('is asked for in seconds, and goes on for ever', async () => {
    const past = await openStream(url, {}, '?plain=1&ago=6');
    assert.equal(past.response.status, 200);
    assert.match(past.response.headers.get('content-type') ?? '', /^video\/mp4; codecs="avc1/);
    assert.equal(past.response.headers.get('content-length'), null);
    const live = await openStream(url, {}, '?plain=1');
    await until('both have begun', () => past.bytes().length > 50_000 && live.bytes().length > 20_000);
    const before = past.bytes().length;
    await until('it goes on', () => past.bytes().length > before + 50_000, 15_000);
    await Promise.all([past.stop(), live.stop()]);
    const { frames, complaints } = await decode({ bytes: wholeParts(past.bytes()) });
    assert.equal(complaints, '');
    const seen = await decode({ bytes: wholeParts(live.bytes()) });
    assert.ok(frames >= seen.frames + 50, `${frames} pictures of the past, ${seen.frames} live ones`);
  });

  it('tells nothing of the machine', async () => {
    const past = await openStream(url, {}, '?ago=5');
    await until('some of it', () => past.bytes().length > 100_000);
    await past.stop();
    assert.deepEqual(tellingIn(past.bytes()), []);
  });

  it('takes whole seconds only, and as much as there is of many', async () => {
    for (const ago of ['-1', '1.5', 'a', '', '00', '1e3', '1234567', '60%20', '0x10']) {
      const { status } = await fetch(`${url}stream.mp4?ago=${ago}`);
      assert.equal(status, 400, ago);
    }
    assert.equal((await fetch(`${url}stream.mp4?ago=5&ago=6`)).status, 400);
    assert.equal((await fetch(`${url}player?ago=soon`)).status, 400);
    assert.equal((await fetch(`${url}stream.mp4?ago=5&quality=none`)).status, 404);
    for (const ago of ['999999', '0']) {
      const past = await openStream(url, {}, `?ago=${ago}`);
      assert.equal(past.response.status, 200);
      await until('something of it', () => past.bytes().length > 8);
      await past.stop();
    }
  });

  it('counts as watching', async () => {
    await using socket = await listen(url);
    await until('nobody watches', () => socket.last().viewers === 0);
    const past = await openStream(url, {}, '?ago=5');
    await until('one who watches', () => socket.last().viewers === 1);
    await past.stop();
    await until('nobody', () => socket.last().viewers === 0);
  });

  it('has no place for more than configured, and says so', async () => {
    const config = { delivery: { maxRewound: 1 } };
    await using beside = await startTestServer({ config, streamsDir: server.streamsDir });
    await until('something is kept', async () => (await edgeOf(beside.url)).rewindS >= 1, 10_000);
    const past = await openStream(beside.url, {}, '?ago=5');
    await until('bytes', () => past.bytes().length > 8);
    const refused = await fetch(`${beside.url}stream.mp4?ago=5`);
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /watch the past already/);
    assert.match(await (await fetch(`${beside.url}player?ago=5`)).text(), /Too many watch the past/);
    assert.match(await (await fetch(`${beside.url}player`)).text(), /<video/);
    const live = await openStream(beside.url);
    assert.equal(live.response.status, 200);
    await Promise.all([past.stop(), live.stop()]);
    await until('there is room again', async () => {
      const again = await openStream(beside.url, {}, '?ago=5');
      await again.stop();
      return again.response.status === 200;
    });
  });

  it('can be turned off', async () => {
    const config = { live: { dvrS: 0 } };
    await using beside = await startTestServer({ config, streamsDir: server.streamsDir });
    await until('the stream is on', async () => (await fetch(`${beside.url}live-edge`)).ok);
    assert.equal((await edgeOf(beside.url)).rewindS, 0);
    const refused = await fetch(`${beside.url}stream.mp4?ago=5`);
    assert.equal(refused.status, 404);
    assert.match(await refused.text(), /Nothing of this stream is kept/);
    assert.doesNotMatch(await (await fetch(beside.url)).text(), /ago=/);
  });

  it('is offered without a script, and leads to the picture of that time', async () => {
    const page = await (await fetch(url)).text();
    assert.match(page, /href="\/player\?[^"]*ago=60" target="picture">1 min ago</);
    assert.match(page, /href="\/player\?[^"]*ago=240" target="picture">From the start \(up to 4 min\)</);
    assert.match(page, /href="\/player[^"]*" target="picture">Back to live</);
    const frame = await (await fetch(`${url}player?ago=60`)).text();
    assert.match(frame, /<video[^>]* aria-label="Earlier part of the stream"/);
    assert.match(frame, / src="\/stream\.mp4\?[^"]*ago=60"/);
    assert.match(frame, /Not live<[^>]*> <a href="\/player">Back to live</);
    assert.doesNotMatch(await (await fetch(`${url}player`)).text(), /Not live/);
  });

  it('tells where the stream is, without a clock', async () => {
    const [one, other] = [await edgeOf(url), await edgeOf(url)];
    assert.ok(one.ageMs < 2000, `${one.ageMs}`);
    const progressMs = other.edgeMs + other.ageMs - one.edgeMs - one.ageMs;
    assert.ok(Math.abs(progressMs) < 500, `${progressMs} ms between two answers`);
    const { headers } = await fetch(`${url}live-edge`);
    assert.equal(headers.get('date'), null);
  });

  it('leaves nothing on the disk when the server ends', async () => {
    const dataDir = join(server.streamsDir, '..', 'data-beside');
    const beside = await startTestServer({ streamsDir: server.streamsDir, places: { dataDir } });
    const dir = join(dataDir, 'rewind');
    await until('something is kept', async () => (await edgeOf(beside.url)).rewindS >= 1, 10_000);
    assert.ok((await readdir(dir, { recursive: true })).some(name => name.endsWith('.m4s')));
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    const past = await openStream(beside.url, {}, '?ago=5');
    await until('bytes', () => past.bytes().length > 8);
    await beside.close();
    await until('its viewers are let go', () => past.over());
    await assert.rejects(stat(dir), { code: 'ENOENT' });
  });
});

describe('What was kept before a restart of the encoder', () => {
  it('is still to be had, and what follows on it', async () => {
    await using server = await startTestServer({});
    const first = await startEncoder(server.channelDir, { announced: true });
    await until(
      'something is kept',
      async () => {
        const answer = await fetch(`${server.url}live-edge`);
        return answer.ok && liveEdge.parse(await answer.json()).rewindS >= 3;
      },
      15_000,
    );
    await first.close();
    await using second = await startEncoder(server.channelDir, { announced: true, size: '480x270' });
    await second.listed(12);
    const past = await openStream(server.url, {}, '?ago=60');
    const parts = (): number =>
      [...boxesIn(wholeParts(past.bytes()))].filter(box => box.type === 'moof').length;
    await until('parts of both runs', () => parts() >= 25, 20_000);
    await past.stop();
    const { frames, complaints } = await decode({ bytes: wholeParts(past.bytes()) });
    assert.equal(complaints, '');
    assert.equal(frames, parts() * 5);
  });
});
