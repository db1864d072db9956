import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { audibleGeckoPackaging } from '../../app/delivery/packaging/audible-gecko.ts';
import { mutedGeckoPackaging } from '../../app/delivery/packaging/muted-gecko.ts';
import { plainPackaging } from '../../app/delivery/packaging/packaging.ts';
import { silentAacFrame } from '../../app/delivery/packaging/silence.ts';
import { markSync, SyncedParts } from '../../app/delivery/packaging/sync.ts';
import type { InitSegment } from '../../app/segments/init-segment.ts';
import { durationTicksOf, parsePart, type Run } from '../../app/segments/part.ts';
import { decode } from '../kit/decode.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';

/** The runs of one kind in chunks of fragments, with times in ms. */
function runsOf(chunks: readonly Buffer[], init: InitSegment, kind: 'video' | 'audio') {
  const track = init.tracks.find(candidate => candidate.kind === kind);
  assert.ok(track);
  const ms = (ticks: number): number => (ticks / track.timescale) * 1000;
  return chunks
    .flatMap(chunk => parsePart(chunk, init).fragments)
    .flatMap(fragment => fragment.runs)
    .filter(run => run.trackId === track.id)
    .map((run: Run) => ({
      ...run,
      startMs: ms(run.decodeTime),
      endMs: ms(run.decodeTime + durationTicksOf(run)),
    }));
}

describe('Packaging', () => {
  let recorded: Recorded;

  before(async () => {
    recorded = await recordParts({ durationS: 6 });
  });

  /** A channel whose newest part is the third after a keyframe. */
  async function channelAfter(parts: number): Promise<RecordedChannel> {
    const source = new RecordedChannel();
    source.beginRun(recorded);
    await source.feed(parts);
    return source;
  }

  it('for Firefox marks every picture as a sync sample and changes nothing else', () => {
    for (const part of recorded.parts) {
      const marked = parsePart(markSync(part), recorded.init);
      const samples = (run: Run) => run.samples.map(sample => ({ ...sample, sync: true }));
      for (const [index, fragment] of part.fragments.entries()) {
        const runs = marked.fragments[index]?.runs ?? [];
        assert.deepEqual(
          runs.map(run => run.samples),
          fragment.runs.map(samples),
        );
      }
      assert.equal(marked.bytes.length, part.bytes.length);
    }
  });

  it('for Firefox makes the copy of a part once for all viewers', async () => {
    const { channel } = await channelAfter(8);
    const synced = new SyncedParts();
    const newest = channel.window.newest;
    assert.ok(newest);
    assert.equal(mutedGeckoPackaging(synced).next(newest), mutedGeckoPackaging(synced).next(newest));
  });

  it('for muted Firefox begins with a rush of at least twelve frames that ends where the live timeline goes on', async () => {
    const source = await channelAfter(21);
    const { window } = source.channel;
    const begun = mutedGeckoPackaging(new SyncedParts()).begin(window, undefined);
    assert.ok(begun && window.newest);
    const video = runsOf(begun.chunks, recorded.init, 'video');
    const frames = video.reduce((sum, run) => sum + run.samples.length, 0);
    assert.ok(frames >= 12, `${frames} frames`);
    assert.ok(video.every(run => run.samples.length <= 10 && run.samples.every(({ sync }) => sync)));
    const last = window.newest.fragments.at(-1)?.runs[0];
    assert.ok(last);
    const lastDurationTicks = durationTicksOf(last);
    const liveMs = ((last.decodeTime + lastDurationTicks) / (recorded.init.tracks[0]?.timescale ?? 1)) * 1000;
    const [first] = video;
    assert.ok(Math.abs((video.at(-1)?.endMs ?? 0) - liveMs) < 2);
    assert.ok(liveMs - (first?.startMs ?? 0) < 250, 'all of the past is shown within a quarter of a second');
    for (const [index, run] of video.slice(1).entries())
      assert.ok(Math.abs(run.startMs - (video[index]?.endMs ?? 0)) < 1);
  });

  it('for muted Firefox puts more than a second of silence right behind the first keyframe', async () => {
    const { channel } = await channelAfter(21);
    const begun = mutedGeckoPackaging(new SyncedParts()).begin(channel.window, undefined);
    assert.ok(begun);
    const [keyframe, quiet] = begun.chunks;
    assert.ok(keyframe && quiet);
    assert.equal(runsOf([keyframe], recorded.init, 'video')[0]?.samples.length, 1);
    const [run] = runsOf([quiet], recorded.init, 'audio');
    assert.ok(run && run.endMs - run.startMs >= 1300);
  });

  it('for muted Firefox decodes without a complaint from the keyframe to the live parts', async () => {
    const source = await channelAfter(21);
    const packaging = mutedGeckoPackaging(new SyncedParts());
    const begun = packaging.begin(source.channel.window, undefined);
    assert.ok(begun);
    const chunks = [...begun.chunks];
    source.channel.events.subscribe(event => {
      if (event.type === 'part') chunks.push(packaging.next(event.part));
    });
    await source.feed(5);
    const video = runsOf(chunks, recorded.init, 'video');
    const frames = video.reduce((sum, run) => sum + run.samples.length, 0);
    const pictures = chunks.filter(
      chunk => parsePart(chunk, recorded.init).fragments[0]?.runs[0]?.trackId === 1,
    );
    const { frames: decoded, complaints } = await decode({
      bytes: Buffer.concat([recorded.init.bytes, ...pictures]),
    });
    assert.equal(decoded, frames);
    assert.doesNotMatch(complaints, /invalid data|error while decoding/i);
  });

  it('for Firefox with sound closes up the time of parts that were left out, in both tracks', async () => {
    const source = await channelAfter(5);
    const packaging = audibleGeckoPackaging(new SyncedParts());
    const joined = packaging.begin(source.channel.window, undefined);
    const after = joined?.parts.at(-1);
    assert.ok(joined && after);
    await source.feed(12);
    const resumed = packaging.begin(source.channel.window, after);
    assert.ok(resumed);
    for (const kind of ['video', 'audio'] as const) {
      const end = runsOf(joined.chunks, recorded.init, kind).at(-1)?.endMs ?? 0;
      const start = runsOf(resumed.chunks, recorded.init, kind)[0]?.startMs ?? 0;
      assert.ok(Math.abs(start - end) < 30, `${kind}: ${start - end} ms of a hole`);
    }
  });

  it('leaves parts as they are for other players, and gives no keyframe twice', async () => {
    const source = await channelAfter(7);
    const { window } = source.channel;
    const begun = plainPackaging.begin(window, undefined);
    assert.ok(begun && window.newest);
    assert.deepEqual(
      begun.chunks,
      begun.parts.map(part => part.bytes),
    );
    assert.equal(plainPackaging.begin(window, window.newest), undefined);
  });
});

describe('A frame of silence', () => {
  for (const channels of [1, 2] as const) {
    it(`is decoded as silence by ffmpeg, ${channels} channel(s)`, async () => {
      const frame = silentAacFrame(channels);
      // ADTS (ISO/IEC 14496-3 §1.A.2.2): AAC-LC, 48 kHz.
      const length = frame.length + 7;
      const header = Buffer.from([
        0xff,
        0xf1,
        0x4c,
        channels << 6,
        length >> 3,
        ((length & 7) << 5) | 0x1f,
        0xfc,
      ]);
      const { complaints } = await decode({
        bytes: Buffer.concat(Array(20).fill(Buffer.concat([header, frame]))),
      });
      assert.equal(complaints, '');
    });
  }
});
