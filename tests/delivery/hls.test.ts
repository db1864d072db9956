/** The HLS playlist over the life of a stream, on recorded parts, and requests that are held back. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { holdFirstSegment, holdPart, holdReload } from '../../app/delivery/blocking.ts';
import { mediaOf, mediaPlaylist, parseMediaName } from '../../app/delivery/hls.ts';
import { codeOf } from '../../app/lib/failure.ts';
import { decode } from '../kit/decode.ts';
import { checkReload, type Playlist, readPlaylist } from '../kit/hls.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';

const baseName = (uri: string): string => uri.replace(/^hls\//, '');

function bytesOf(source: RecordedChannel, uri: string): Buffer {
  const name = parseMediaName(baseName(uri));
  const chunks = name && mediaOf(source.channel, name);
  assert.ok(chunks, `${uri} is there`);
  return Buffer.concat(chunks);
}

describe('The playlist', () => {
  let usual: Recorded;
  let other: Recorded;

  before(async () => {
    usual = await recordParts({ durationS: 45 });
    other = await recordParts({ durationS: 8, size: '480x270' });
  });

  it('keeps to RFC 8216 from the first segment to the end, over two restarts', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(5);
    let last: Playlist | undefined;
    const reload = (): Playlist => {
      const next = readPlaylist(mediaPlaylist(source.channel));
      if (last) checkReload(last, next);
      for (const part of [...next.segments.flatMap(({ parts }) => parts), ...next.trailing])
        bytesOf(source, part.uri);
      for (const { uri, map } of next.segments)
        assert.ok(bytesOf(source, uri).length + bytesOf(source, map).length > 0);
      last = next;
      return next;
    };
    const feed = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left -= 1) {
        await source.feed(1);
        const { hint, segments, trailing } = reload();
        const newest = trailing.at(-1) ?? segments.at(-1)?.parts.at(-1);
        assert.equal(newest?.uri, `hls/part${source.channel.window.newest?.number}.m4s`);
        assert.equal(hint, `hls/part${(source.channel.window.newest?.number ?? 0) + 1}.m4s`);
      }
    };
    await feed(200);
    assert.ok((last?.segments.length ?? 0) >= 29, 'the window is 30 s');
    assert.equal(last?.segments[0]?.discontinuities, 0);
    // Killed in the middle of a segment, and back with another picture, then with the same once more.
    await feed(3);
    source.beginRun(other, 900);
    await feed(38);
    source.beginRun(other, 2000);
    await feed(40);
    assert.deepEqual([...new Set(last?.segments.map(({ discontinuities }) => discontinuities))], [0, 1, 2]);
    source.beginRun(usual);
    await feed(225);
    assert.deepEqual([...new Set(last?.segments.map(({ discontinuities }) => discontinuities))], [3]);
    source.end();
    const end = reload();
    assert.equal(end.ended, true);
    assert.equal(end.segments.at(-1)?.sequence, source.channel.window.segments.at(-1)?.sequence);
  });

  it('says to who asks where to begin: in a part that needs no other, outside the hold-back, and no earlier', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(23);
    for (let fed = 0; fed < 6; fed += 1) {
      await source.feed(1);
      assert.equal(readPlaylist(mediaPlaylist(source.channel)).startS, undefined, 'nobody else is told');
      const text = mediaPlaylist(source.channel, { startsAtKeyframe: true });
      const { startS = 0, targetS } = readPlaylist(text);
      const parts = source.channel.window.segments.flatMap(segment => segment.parts);
      const endOf = (count: number): number =>
        parts.slice(0, count).reduce((sum, { durationMs }) => sum + durationMs / 1000, 0);
      const begun = parts.find((_, index) => endOf(index) < startS && startS < endOf(index + 1));
      assert.ok(begun?.independent, `${startS}`);
      const fromEndS = endOf(parts.length) - startS;
      const holdBackS = Number(/PART-HOLD-BACK=([\d.]+)/.exec(text)?.[1]);
      assert.ok(fromEndS >= holdBackS && fromEndS < holdBackS + targetS, `${fromEndS} s from the end`);
    }
    source.end();
    assert.ok(!mediaPlaylist(source.channel, { startsAtKeyframe: true }).includes('EXT-X-START'));
  });

  it('lists segments of sound alone, and of 2 s', async () => {
    for (const options of [{ video: 'none' }, { partS: 2, gopFrames: 50 }, { gopFrames: 15 }] as const) {
      const source = new RecordedChannel();
      const recorded = await recordParts({ ...options, durationS: 14 });
      source.beginRun(recorded);
      // The last one of a recording may be short.
      await source.feed(Math.min(12, recorded.parts.length - 2));
      let last = readPlaylist(mediaPlaylist(source.channel));
      for (let left = recorded.parts.length - 14; left > 0; left -= 1) {
        await source.feed(1);
        const next = readPlaylist(mediaPlaylist(source.channel));
        checkReload(last, next);
        last = next;
      }
      const { segments } = last;
      assert.ok(segments.length > 2);
      const [map, ...media] = [segments[0]?.map ?? '', ...segments.map(({ uri }) => uri)];
      const bytes = Buffer.concat([map, ...media].map(uri => bytesOf(source, uri)));
      assert.equal((await decode({ bytes })).complaints, '');
    }
  });

  it('names parts whose bytes are those of its segments', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(18);
    const { segments } = readPlaylist(mediaPlaylist(source.channel));
    const listed = segments.filter(({ parts }) => parts.length > 0);
    assert.equal(listed.length, 2, 'the parts of the last three seconds');
    for (const { uri, parts } of listed) {
      assert.ok(Buffer.concat(parts.map(part => bytesOf(source, part.uri))).equals(bytesOf(source, uri)));
    }
  });

  it('does not give out a segment before it is complete', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(13);
    assert.ok(mediaOf(source.channel, { kind: 'segment', number: 1 }));
    assert.equal(mediaOf(source.channel, { kind: 'segment', number: 2 }), undefined);
    source.end();
    const { segments } = readPlaylist(mediaPlaylist(source.channel));
    assert.equal(segments.length, 3);
    assert.ok(mediaOf(source.channel, { kind: 'segment', number: 2 }));
    // A stream that comes back does not change what was listed.
    const listed = bytesOf(source, segments[2]?.uri ?? '');
    source.beginRun(usual);
    await source.feed(10);
    assert.ok(bytesOf(source, segments[2]?.uri ?? '').equals(listed));
  });

  it('is refused while there is nothing to list', async () => {
    const source = new RecordedChannel();
    assert.throws(() => mediaPlaylist(source.channel), { code: 'stream-offline' });
  });

  it('shows the end of a stream for as long as the window is, and then nothing of it', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(33);
    const { segments } = readPlaylist(mediaPlaylist(source.channel));
    source.end();
    for (const passedMs of [15_000, 14_900]) {
      source.wait(passedMs);
      assert.equal(readPlaylist(mediaPlaylist(source.channel)).ended, true);
      assert.ok(bytesOf(source, segments[0]?.uri ?? ''));
    }
    source.wait(200);
    assert.throws(() => mediaPlaylist(source.channel), { code: 'stream-offline' });
    for (const { uri, map, parts } of segments)
      for (const gone of [uri, map, ...parts.map(part => part.uri)]) {
        const name = parseMediaName(baseName(gone));
        assert.ok(name && mediaOf(source.channel, name) === undefined, gone);
      }
  });

  it('keeps what a stream showed before it was interrupted for long', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(20);
    source.wait(50_000);
    assert.equal(source.channel.state, 'stalled');
    source.beginRun(usual);
    await source.feed(11);
    const { segments } = readPlaylist(mediaPlaylist(source.channel));
    assert.deepEqual(
      segments.map(({ discontinuities }) => discontinuities),
      [0, 0, 0, 0, 1, 1],
    );
  });

  for (const pauseMs of [12_000, 24 * 3600_000]) {
    it(`of another stream, ${pauseMs / 1000} s later, lists nothing of the one before and none of its lengths`, async () => {
      const source = new RecordedChannel();
      source.beginRun(await recordParts({ durationS: 8, partS: 2, gopFrames: 50 }));
      await source.feed(3);
      const before = readPlaylist(mediaPlaylist(source.channel));
      assert.deepEqual([before.targetS, before.partTargetS], [2, 2]);
      source.end();
      source.beginRun(usual, pauseMs);
      await source.feed(5);
      assert.equal(source.channel.window.segments[0]?.complete, false, 'its playlist is waited for');
      await source.feed(6);
      const text = mediaPlaylist(source.channel, { startsAtKeyframe: true });
      const { segments, targetS, partTargetS, hint } = readPlaylist(text);
      assert.deepEqual([targetS, partTargetS], [1, 0.2]);
      assert.deepEqual(
        segments.map(({ sequence, discontinuities }) => [sequence, discontinuities]),
        [
          [3, 1],
          [4, 1],
        ],
      );
      assert.equal(hint, 'hls/part14.m4s');
      const [map, ...media] = [segments[0]?.map ?? '', ...segments.map(({ uri }) => uri)];
      const bytes = Buffer.concat([map, ...media].map(uri => bytesOf(source, uri)));
      const { frames, complaints } = await decode({ bytes });
      assert.deepEqual([frames, complaints], [50, '']);
    });
  }

  it('of a stream that starts is waited for, whatever was shown before', async () => {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(13);
    source.end();
    source.wait(6000);
    const nothing = {
      startedAtMs: undefined,
      playlistChangedAtMs: 0,
      init: undefined,
      parts: [],
      problems: [],
    };
    source.channel.apply({ ...nothing, encoder: 'running', playlist: 'absent' }, source.now());
    assert.equal(source.channel.state, 'starting');
    assert.throws(() => mediaPlaylist(source.channel), { code: 'stream-offline' });
  });

  it('drops the claim of independent segments when there are none', async () => {
    const source = new RecordedChannel();
    const recorded = await recordParts({ durationS: 45, gopFrames: 5000 });
    source.beginRun(recorded);
    await source.feed(220);
    const text = mediaPlaylist(source.channel);
    readPlaylist(text);
    assert.ok(!text.includes('INDEPENDENT-SEGMENTS'));
    assert.ok(
      source.channel.window.segments.flatMap(({ parts }) => parts).length <= 310,
      'memory is bounded',
    );
  });

  it('knows its names, and no others', () => {
    assert.deepEqual(parseMediaName('part12.m4s'), { kind: 'part', number: 12 });
    assert.deepEqual(parseMediaName('segment0.m4s'), { kind: 'segment', number: 0 });
    assert.deepEqual(parseMediaName('init-0123456789abcdef.mp4'), { kind: 'init', id: '0123456789abcdef' });
    for (const name of [
      ...[
        '',
        'part.m4s',
        'part-1.m4s',
        'part1.mp4',
        'part1.m4s/',
        'xpart1.m4s',
        'part1.m4s\n',
        'PART1.m4s',
        'part1e3.m4s',
      ],
      ...[
        'part1234567890123456.m4s',
        'init-0123456789ABCDEF.mp4',
        'init-.mp4',
        'init.mp4',
        '../part1.m4s',
        'part٣.m4s',
      ],
    ]) {
      assert.equal(parseMediaName(name), undefined, JSON.stringify(name));
    }
  });
});

describe('A request that is held back', () => {
  let usual: Recorded;
  before(async () => {
    usual = await recordParts({ durationS: 8 });
  });

  /** Tells whether a promise has settled by now. */
  function watched(promise: Promise<unknown>): () => boolean {
    let settled = false;
    void promise.then(() => {
      settled = true;
    });
    return () => settled;
  }

  async function begun(parts: number): Promise<RecordedChannel> {
    const source = new RecordedChannel();
    source.beginRun(usual);
    await source.feed(parts);
    return source;
  }

  const { signal } = new AbortController();

  for (const [what, directive, settlesAfter] of [
    ['a part that is there', { sequence: 2, part: 1 }, 0],
    ['the next part', { sequence: 2, part: 3 }, 1],
    ['the part after that', { sequence: 2, part: 4 }, 2],
    ['a part after the last of its segment, which is the first of the next one', { sequence: 2, part: 7 }, 3],
    ['a segment that is complete', { sequence: 1, part: undefined }, 0],
    ['a whole segment', { sequence: 2, part: undefined }, 3],
    ['the first part of the next segment', { sequence: 3, part: 0 }, 3],
    ['the first part of the one after that', { sequence: 4, part: 0 }, 8],
  ] as const) {
    it(`for ${what} is answered after ${settlesAfter} parts`, async () => {
      const source = await begun(13);
      const settled = watched(holdReload(source.channel, directive, signal));
      await source.feed(0);
      await new Promise(setImmediate);
      for (let fed = 0; fed < settlesAfter; fed += 1) {
        assert.equal(settled(), false, `after ${fed} parts`);
        await source.feed(1);
      }
      assert.equal(settled(), true);
      assert.equal(source.channel.events.size, 0);
    });
  }

  it('for a segment too far ahead is refused', async () => {
    const source = await begun(13);
    await assert.rejects(holdReload(source.channel, { sequence: 5, part: 0 }, signal), {
      code: 'reload-too-far',
    });
    assert.equal(
      await holdReload(new RecordedChannel().channel, { sequence: 9, part: 0 }, signal).catch(codeOf),
      'reload-too-far',
    );
  });

  it('is answered when the stream ends, and forgotten when the client leaves', async () => {
    const source = await begun(13);
    const settled = watched(holdReload(source.channel, { sequence: 4, part: 0 }, signal));
    const leaving = new AbortController();
    const left = watched(holdReload(source.channel, { sequence: 4, part: 0 }, leaving.signal));
    await new Promise(setImmediate);
    leaving.abort();
    await new Promise(setImmediate);
    assert.deepEqual([settled(), left()], [false, true]);
    assert.equal(source.channel.events.size, 1);
    source.end();
    await new Promise(setImmediate);
    assert.equal(settled(), true);
    assert.equal(source.channel.events.size, 0);
    // Nothing more will come: at once.
    await holdReload(source.channel, { sequence: 4, part: 0 }, signal);
  });

  it('for what comes next is held back also when all before it was forgotten', async () => {
    const source = await begun(13);
    source.channel.window.clear();
    const [reload, hinted] = [
      watched(holdReload(source.channel, { sequence: 3, part: 0 }, signal)),
      watched(holdPart(source.channel, 13, signal)),
    ];
    await new Promise(setImmediate);
    assert.deepEqual([reload(), hinted()], [true, false]);
    await source.feed(1);
    assert.equal(hinted(), true);
  });

  it('for the hinted part is answered with it, and for any other at once', async () => {
    const source = await begun(13);
    const hinted = watched(holdPart(source.channel, 13, signal));
    await holdPart(source.channel, 12, signal);
    await holdPart(source.channel, 14, signal);
    await new Promise(setImmediate);
    assert.equal(hinted(), false);
    await source.feed(1);
    assert.equal(hinted(), true);
  });

  it('for the playlist of a stream that has just begun waits for the first segment', async () => {
    const source = await begun(1);
    const settled = watched(holdFirstSegment(source.channel, signal));
    await source.feed(4);
    assert.equal(settled(), false);
    await source.feed(1);
    assert.equal(settled(), true);
    // One that is off is told so at once.
    await holdFirstSegment(new RecordedChannel().channel, signal);
  });
});
