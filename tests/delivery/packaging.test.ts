import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { audibleGeckoPackaging } from '../../app/delivery/packaging/audible-gecko.ts';
import { GeckoParts, geckoInit, geckoPart } from '../../app/delivery/packaging/gecko-part.ts';
import { mutedGeckoPackaging } from '../../app/delivery/packaging/muted-gecko.ts';
import { plainPackaging } from '../../app/delivery/packaging/packaging.ts';
import { soundPackaging } from '../../app/delivery/packaging/sound.ts';
import type { LivePart } from '../../app/live/window.ts';
import type { CompletePart } from '../../app/segments/channel-folder.ts';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { durationTicksOf, type ParsedPart, parsePart, type Run } from '../../app/segments/part.ts';
import { decode } from '../kit/decode.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';

/** ffmpeg's complaints but for those about pictures that follow each other within a millisecond. */
function others(complaints: string): string[] {
  const isOther = (line: string) => !/non monotonically|Last message repeated/.test(line);
  return complaints.split('\n').filter(line => line !== '' && isOther(line));
}

/** The runs of one kind in chunks of fragments, with times in ms. */
function runsOf(chunks: readonly Buffer[], init: InitSegment, kind: 'video' | 'audio') {
  const track = init.tracks.find(candidate => candidate.kind === kind);
  assert.ok(track);
  const ms = (ticks: number): number => (ticks / track.timescale) * 1000;
  return parsePart(Buffer.concat(chunks), init)
    .fragments.flatMap(fragment => fragment.runs)
    .filter(run => run.trackId === track.id)
    .map((run: Run) => ({
      ...run,
      startMs: ms(run.decodeTime),
      endMs: ms(run.decodeTime + durationTicksOf(run)),
    }));
}

/** Bytes, duration and kind of each sample of a track. */
function contentOf(part: ParsedPart, trackId: number) {
  return part.fragments
    .flatMap(({ runs }) => runs)
    .filter(run => run.trackId === trackId)
    .flatMap(run => run.samples)
    .map(({ offset, sizeBytes, durationTicks, sync }) => ({
      bytes: part.bytes.toString('base64', offset, offset + sizeBytes),
      durationTicks,
      sync,
    }));
}

describe('Packaging', () => {
  let recorded: Recorded;

  const live = (part: CompletePart): LivePart => ({
    ...part,
    init: recorded.init,
    number: 0,
    discontinuity: false,
  });

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

  it('for Firefox changes nothing but what is a sync sample: the last picture of a part is one as well', () => {
    for (const part of recorded.parts) {
      const copy = parsePart(geckoPart(live(part), 'pictures and sound'), recorded.init);
      for (const { id, kind } of recorded.init.tracks) {
        const before = contentOf(part, id);
        const after = contentOf(copy, id);
        const last = before.length - 1;
        assert.deepEqual(
          after,
          before.map((sample, at) => ({ ...sample, sync: sample.sync || (kind === 'video' && at === last) })),
        );
      }
    }
  });

  it('for Firefox without sound leaves no trace of the sound', async () => {
    const { channel } = await channelAfter(8);
    const { newest } = channel.window;
    assert.ok(newest);
    const bytes = Buffer.concat([geckoInit(recorded.init, 'pictures'), geckoPart(newest, 'pictures')]);
    assert.deepEqual(
      parseInitSegment(bytes.subarray(0, recorded.init.bytes.length)).tracks.map(({ kind }) => kind),
      ['video'],
    );
    assert.ok(bytes.length < recorded.init.bytes.length + newest.bytes.length);
    const { fragments } = parsePart(geckoPart(newest, 'pictures'), recorded.init);
    assert.deepEqual(
      fragments.flatMap(({ runs }) => runs).map(({ trackId }) => trackId),
      [1],
    );
  });

  it('for Firefox without sound keeps the sound of a stream that has no pictures', () => {
    const init = { ...recorded.init, tracks: recorded.init.tracks.filter(({ kind }) => kind === 'audio') };
    assert.equal(parseInitSegment(geckoInit(init, 'pictures')).tracks[0]?.kind, 'audio');
  });

  it('for Firefox leaves reordered pictures in their places, without the sound', async () => {
    const reordered = await recordParts({ durationS: 2, extra: ['-bf', '2', '-tune', 'film'] });
    assert.ok(
      reordered.parts.some(({ fragments }) => fragments.some(({ runs }) => runs.some(run => run.reordered))),
    );
    const source = new RecordedChannel();
    source.beginRun(reordered);
    await source.feed(8);
    const packaging = mutedGeckoPackaging(new GeckoParts('pictures'), 'direct');
    const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(begun);
    const bytes = Buffer.concat([packaging.init(reordered.init), ...begun.chunks]);
    const { frames, complaints } = await decode({ bytes });
    assert.deepEqual(others(complaints), []);
    assert.equal(
      frames,
      begun.parts.reduce((sum, part) => sum + contentOf(part, 1).length, 0),
    );
  });

  it('for Firefox makes the copy of a part once for all viewers', async () => {
    const { channel } = await channelAfter(8);
    const copies = new GeckoParts('pictures');
    const { newest } = channel.window;
    assert.ok(newest);
    assert.equal(
      mutedGeckoPackaging(copies, 'direct').next(newest)[0],
      mutedGeckoPackaging(copies, 'tor').next(newest)[0],
    );
  });

  for (const parts of [21, 22, 24, 25]) {
    it(`for muted Firefox begins as far behind the live edge wherever one comes in (after part ${parts})`, async () => {
      const source = await channelAfter(parts);
      const { window } = source.channel;
      const { newest } = window;
      assert.ok(newest);
      for (const waitedMs of [0, 60, 190]) {
        const packaging = mutedGeckoPackaging(new GeckoParts('pictures'), 'direct');
        const begun = packaging.begin(window, undefined, {
          nowMs: newest.completedAtMs + waitedMs,
          unplayedMs: 0,
        });
        assert.ok(begun);
        const video = runsOf(begun.chunks, recorded.init, 'video');
        const frames = video.flatMap(run => run.samples);
        assert.ok(frames.length >= 12, `${frames.length} pictures`);
        for (const [index, run] of video.slice(1).entries())
          assert.ok(Math.abs(run.startMs - (video[index]?.endMs ?? 0)) < 1, 'without a hole');
        // The rush takes a millisecond a picture, what is newer its own time: 380 and a part less what has passed.
        const rushed = frames.filter(({ durationTicks }) => durationTicks < 100).length;
        const lengthMs = (video.at(-1)?.endMs ?? 0) - (video[0]?.startMs ?? 0) - rushed;
        const wantedMs = 380 + newest.durationMs - waitedMs;
        assert.ok(lengthMs >= wantedMs - 1 && lengthMs <= wantedMs + 45, `${lengthMs} ms, not ${wantedMs}`);
        const liveMs = runsOf(packaging.next(newest), recorded.init, 'video')[0]?.endMs ?? 0;
        assert.ok(Math.abs((video.at(-1)?.endMs ?? 0) - liveMs) < 1, 'up to where the live timeline goes on');
      }
    });
  }

  it('for muted Firefox begins with enough bytes for its autoplay to begin at once', async () => {
    const source = await channelAfter(21);
    const packaging = mutedGeckoPackaging(new GeckoParts('pictures'), 'tor');
    const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(begun);
    const bytes = Buffer.concat([packaging.init(recorded.init), ...begun.chunks]);
    assert.ok(bytes.length >= 57 * 1460, `${bytes.length} bytes`);
    assert.deepEqual(others((await decode({ bytes })).complaints), []);
  });

  it('for muted Firefox leaves the time of parts that were left out open, as its clock runs on', async () => {
    const source = await channelAfter(5);
    const packaging = mutedGeckoPackaging(new GeckoParts('pictures'), 'direct');
    const joined = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    const after = joined?.parts.at(-1);
    assert.ok(joined && after);
    await source.feed(12);
    const resumed = packaging.begin(source.channel.window, after, { nowMs: source.now(), unplayedMs: 0 });
    const [first] = resumed?.parts ?? [];
    assert.ok(resumed && first && first.number > after.number + 1);
    const end = runsOf(joined.chunks, recorded.init, 'video').at(-1)?.endMs ?? 0;
    const start = runsOf(resumed.chunks, recorded.init, 'video')[0]?.startMs ?? 0;
    const leftOutMs = (first.number - after.number - 1) * after.durationMs;
    assert.ok(Math.abs(start - end - leftOutMs) < 1, `${start - end} ms`);
    assert.equal(
      packaging.begin(source.channel.window, resumed.parts.at(-1), { nowMs: source.now(), unplayedMs: 0 }),
      undefined,
    );
  });

  it('for muted Firefox decodes without a complaint from the keyframe to the live parts', async () => {
    const source = await channelAfter(21);
    const packaging = mutedGeckoPackaging(new GeckoParts('pictures'), 'direct');
    const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(begun);
    const chunks = [...begun.chunks];
    source.channel.events.subscribe(event => {
      if (event.type === 'part') chunks.push(...packaging.next(event.part));
    });
    await source.feed(5);
    const video = runsOf(chunks, recorded.init, 'video');
    const frames = video.reduce((sum, run) => sum + run.samples.length, 0);
    const { frames: decoded, complaints } = await decode({
      bytes: Buffer.concat([packaging.init(recorded.init), ...chunks]),
    });
    assert.equal(decoded, frames);
    assert.deepEqual(others(complaints), []);
  });

  it('for Firefox with sound completes with the next part the second of sound its clock waits for, and a block', async () => {
    const source = await channelAfter(24);
    const packaging = audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct');
    const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(begun);
    const [sound] = runsOf(begun.chunks, recorded.init, 'audio');
    const pictures = runsOf(begun.chunks, recorded.init, 'video');
    assert.ok(sound && pictures[0]);
    assert.ok(sound.endMs - sound.startMs < 1000, `${sound.endMs - sound.startMs} ms of sound`);
    assert.ok(pictures.reduce((sum, run) => sum + run.samples.length, 0) >= 6);
    assert.ok(Math.abs(sound.startMs - pictures[0].startMs) < 100);
    assert.ok(Math.abs(sound.endMs - (pictures.at(-1)?.endMs ?? 0)) < 100);
    await source.feed(1);
    const { newest } = source.channel.window;
    assert.ok(newest);
    const next = packaging.next(newest);
    const [more] = runsOf(next, recorded.init, 'audio');
    const soundMs = (more?.endMs ?? 0) - sound.startMs;
    assert.ok(soundMs >= 1024, `${soundMs} ms of sound`);
    const bytes = [packaging.init(recorded.init), ...begun.chunks, ...next];
    assert.equal(bytes.reduce((sum, chunk) => sum + chunk.length, 0) % (32 * 1024), 0);
  });

  it('for Firefox with sound begins no moment before a part comes, which would find nothing decoded', async () => {
    const source = await channelAfter(24);
    const packaging = audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct');
    const { newest } = source.channel.window;
    assert.ok(newest);
    const begins = (sinceMs: number): boolean =>
      packaging.begin(source.channel.window, undefined, {
        nowMs: newest.completedAtMs + sinceMs,
        unplayedMs: 0,
      }) !== undefined;
    assert.equal(begins(newest.durationMs - 20), false);
    assert.equal(begins(newest.durationMs / 4), true);
    assert.equal(begins(newest.durationMs * 3), true, 'no part comes that one could wait for');
  });

  it('for Firefox with sound closes up the time of parts that were left out, in both tracks', async () => {
    const source = await channelAfter(5);
    const packaging = audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct');
    const joined = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    const after = joined?.parts.at(-1);
    assert.ok(joined && after);
    await source.feed(12);
    const resumed = packaging.begin(source.channel.window, after, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(resumed);
    for (const kind of ['video', 'audio'] as const) {
      const end = runsOf(joined.chunks, recorded.init, kind).at(-1)?.endMs ?? 0;
      const start = runsOf(resumed.chunks, recorded.init, kind)[0]?.startMs ?? 0;
      assert.ok(Math.abs(start - end) < 30, `${kind}: ${start - end} ms of a hole`);
    }
  });

  it('for Firefox with sound gives one whose line stood still what he lacks, and goes on where his timeline ends', async () => {
    for (const unplayedMs of [200, 700, 1040]) {
      const source = await channelAfter(7);
      const packaging = audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct');
      const joined = packaging.begin(source.channel.window, undefined, {
        nowMs: source.now(),
        unplayedMs: 0,
      });
      const after = joined?.parts.at(-1);
      assert.ok(joined && after);
      await source.feed(12);
      const resumed = packaging.begin(source.channel.window, after, { nowMs: source.now(), unplayedMs });
      const newest = resumed?.parts.at(-1);
      assert.ok(resumed && newest);
      assert.equal(newest, source.channel.window.newest, 'he need not wait for a keyframe');
      await source.feed(1);
      const next = source.channel.window.newest;
      assert.ok(next);
      const chunks = [...resumed.chunks, ...packaging.next(next)];
      for (const kind of ['video', 'audio'] as const) {
        const end = runsOf(joined.chunks, recorded.init, kind).at(-1)?.endMs ?? 0;
        const runs = runsOf(chunks, recorded.init, kind);
        const [start, last] = [runs[0]?.startMs ?? 0, runs.at(-1)?.endMs ?? 0];
        assert.ok(Math.abs(start - end) < 80, `${kind}: ${start - end} ms of a hole`);
        const lacked = resumed.lastsMs + newest.durationMs;
        assert.ok(Math.abs(last - end - lacked) < 100, `${kind} is ${last - end} ms longer, not ${lacked}`);
        for (const [index, run] of runs.entries())
          assert.ok(run.startMs >= (runs[index - 1]?.endMs ?? 0) - 1, `${kind} goes back in time`);
      }
      assert.ok(Math.abs(resumed.lastsMs - (1040 - unplayedMs)) <= 1, `${resumed.lastsMs}`);
    }
  });

  for (const [what, options] of [
    ['for Firefox with sound', {}],
    ['of sound alone', { video: 'none', audio: 'libopus' }],
  ] as const) {
    it(`${what} closes up the pause before another run of the encoder`, async () => {
      const run = await recordParts({ durationS: 4, ...options });
      const source = new RecordedChannel();
      source.beginRun(run);
      await source.feed(8);
      const packaging =
        'video' in options
          ? soundPackaging()
          : audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct');
      const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
      assert.ok(begun);
      const chunks = [...begun.chunks];
      source.channel.events.subscribe(event => {
        if (event.type === 'part') chunks.push(...packaging.next(event.part));
      });
      await source.feed(3);
      for (const pauseMs of [4300, 2000]) {
        source.beginRun(run, pauseMs);
        await source.feed(7);
      }
      assert.equal(source.channel.window.newest?.number, 8 + 3 + 14 - 1);
      for (const { kind } of run.init.tracks) {
        const runs = runsOf(chunks, run.init, kind);
        for (const [index, { startMs }] of runs.slice(1).entries()) {
          const holeMs = startMs - (runs[index]?.endMs ?? 0);
          assert.ok(Math.abs(holeMs) < 50, `${kind}: ${holeMs} ms of a hole`);
        }
      }
    });
  }

  it('gives one who joins nothing of another run of the encoder, also with the same init segment', async () => {
    const sound = await recordParts({ durationS: 4, video: 'none', audio: 'libopus' });
    for (const [run, packaging] of [
      [recorded, mutedGeckoPackaging(new GeckoParts('pictures'), 'direct')],
      [recorded, audibleGeckoPackaging(new GeckoParts('pictures and sound'), 'direct')],
      [sound, soundPackaging()],
    ] as const) {
      const source = new RecordedChannel();
      source.beginRun(run);
      await source.feed(12);
      source.beginRun(run, 3000);
      await source.feed(2);
      const begun = packaging.begin(source.channel.window, undefined, { nowMs: source.now(), unplayedMs: 0 });
      assert.deepEqual(
        begun?.parts.map(({ number }) => number),
        [12, 13],
      );
    }
  });

  it('leaves parts as they are for other players, and gives no keyframe twice', async () => {
    const source = await channelAfter(7);
    const { window } = source.channel;
    const begun = plainPackaging.begin(window, undefined, { nowMs: source.now(), unplayedMs: 0 });
    assert.ok(begun && window.newest);
    assert.deepEqual(
      begun.chunks,
      begun.parts.map(part => part.bytes),
    );
    assert.equal(
      plainPackaging.begin(window, window.newest, { nowMs: source.now(), unplayedMs: 0 }),
      undefined,
    );
  });
});
