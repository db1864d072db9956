/** What a whole stream tells of its maker, and how it comes, breaks off, goes on and ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { boxesIn } from '../../app/segments/boxes.ts';
import { decode } from '../kit/decode.ts';
import { startEncoder } from '../kit/encoder.ts';
import { checkReload } from '../kit/hls.ts';
import { startTestServer } from '../kit/server.ts';
import { openStream, playlistOf, startStream, watchFor } from '../kit/stream-clients.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';

describe('A stream', { concurrency: true }, () => {
  it('tells nothing of the encoder, its machine or its times, by any of its addresses', async () => {
    await using stream = await startStream();
    const { url } = stream.server;
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

  it('is waited for, goes on over restarts, and ends', { timeout: 60_000 }, async () => {
    await using server = await startTestServer({ config: { delivery: { gapS: 3 } } });
    const { url } = server;
    const before = server.running.channel.events.size;
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
    assert.equal(server.running.channel.events.size, before);
  });
});
