import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LivePart, Window } from '../../app/live/window.ts';
import type { CompletePart } from '../../app/segments/channel-folder.ts';
import type { InitSegment } from '../../app/segments/init-segment.ts';

const init: InitSegment = {
  id: '0123456789abcdef',
  bytes: Buffer.alloc(0),
  tracks: [],
};

function part(independent: boolean, durationMs = 200): CompletePart {
  const bytes = Buffer.alloc(10);
  return { bytes, fragments: [], durationMs, independent, selfContained: independent, completedAtMs: 0 };
}

/** Pushes parts of 200 ms with a keyframe in each `keyframeEvery`th. */
function fill(window: Window, count: number, keyframeEvery: number): LivePart[] {
  return Array.from({ length: count }, (_, index) =>
    window.push(part(index % keyframeEvery === 0), init, window.newest === undefined),
  );
}

const numbersOf = (parts: readonly LivePart[] | undefined): number[] | undefined =>
  parts?.map(({ number }) => number);

describe('The window', () => {
  it('begins a segment at the first keyframe after the wanted length', () => {
    const window = new Window({ windowMs: 30_000, segmentMs: 1000 });
    fill(window, 18, 3);
    assert.deepEqual(
      window.segments.map(({ sequence, parts, complete, durationMs }) => [
        sequence,
        numbersOf(parts),
        complete,
        durationMs,
      ]),
      [
        [0, [0, 1, 2, 3, 4, 5], true, 1200],
        [1, [6, 7, 8, 9, 10, 11], true, 1200],
        [2, [12, 13, 14, 15, 16, 17], false, 1200],
      ],
    );
  });

  it('forgets whole segments from the front, and keeps at least its length', () => {
    const window = new Window({ windowMs: 4000, segmentMs: 1000 });
    fill(window, 103, 5);
    assert.equal(window.segments[0]?.sequence, 16);
    assert.deepEqual(
      numbersOf(window.segments.flatMap(({ parts }) => parts)),
      Array.from({ length: 23 }, (_, i) => 80 + i),
    );
    assert.equal(window.part(79), undefined);
    assert.equal(window.part(80)?.number, 80);
    assert.equal(window.part(102)?.number, 102);
    assert.equal(window.part(103), undefined);
    assert.equal(window.segment(15), undefined);
    assert.equal(window.segment(16)?.sequence, 16);
    assert.equal(window.segment(20)?.sequence, 20);
    assert.equal(window.segment(21), undefined);
    assert.equal(window.segment(-1), undefined);
  });

  it('stays bounded when no keyframe ever comes', () => {
    const window = new Window({ windowMs: 4000, segmentMs: 1000 });
    fill(window, 1000, 100_000);
    const kept = window.segments.flatMap(({ parts }) => parts).length;
    assert.ok(kept <= 60, `${kept} parts are kept`);
    assert.deepEqual(window.sinceNewestKeyframe(), []);
  });

  it('gives the newest keyframe and what follows to one who joins, also from the segment before', () => {
    const window = new Window({ windowMs: 4000, segmentMs: 1000 });
    assert.deepEqual(window.sinceNewestKeyframe(), []);
    fill(window, 5, 3);
    assert.deepEqual(numbersOf(window.sinceNewestKeyframe()), [3, 4]);
  });

  it('gives what came since, all of it or nothing', () => {
    const window = new Window({ windowMs: 2000, segmentMs: 1000 });
    assert.deepEqual(window.partsFrom(0), []);
    fill(window, 23, 5);
    assert.deepEqual(numbersOf(window.partsFrom(21)), [21, 22]);
    assert.deepEqual(window.partsFrom(23), []);
    assert.equal(window.partsFrom(window.segments[0]?.parts[0]?.number ?? 0)?.length, 13);
    assert.equal(window.partsFrom((window.segments[0]?.parts[0]?.number ?? 0) - 1), undefined);
  });

  it('never mixes two encoder runs in a segment, and counts the breaks that it forgets', () => {
    const window = new Window({ windowMs: 2000, segmentMs: 1000 });
    fill(window, 2, 5);
    const first = window.push(part(true), init, true);
    assert.equal(first.discontinuity, true);
    assert.deepEqual(
      window.segments.map(({ parts, complete }) => [numbersOf(parts), complete]),
      [
        [[0, 1], true],
        [[2], false],
      ],
    );
    assert.equal(window.push(part(false), init, false).discontinuity, false);
    assert.equal(window.discontinuitySequence, 0);
    for (let index = 0; index < 20; index += 1) window.push(part(index % 5 === 0), init, false);
    assert.equal(window.discontinuitySequence, 1);
  });

  it('remembers the longest part and segment after they are gone', () => {
    const window = new Window({ windowMs: 1000, segmentMs: 1000 });
    window.push(part(true, 3000), init, true);
    for (let index = 0; index < 50; index += 1) window.push(part(index % 5 === 0), init, false);
    assert.deepEqual(window.longest, { segmentMs: 3000, partMs: 3000 });
  });

  it('that is cleared begins anew but for its numbers, and counts the breaks that it forgets and the one to come', () => {
    const window = new Window({ windowMs: 4000, segmentMs: 1000 });
    window.clear();
    assert.equal(window.discontinuitySequence, 0);
    window.push(part(true, 3000), init, true);
    window.push(part(true), init, true);
    fill(window, 3, 5);
    window.clear();
    assert.deepEqual([window.newest, window.longest], [undefined, { segmentMs: 0, partMs: 0 }]);
    assert.deepEqual([window.newestSequence, window.nextNumber, window.discontinuitySequence], [1, 5, 2]);
    const [first] = fill(window, 23, 5);
    assert.deepEqual([first?.number, first?.discontinuity], [5, false]);
    assert.equal(window.segments[0]?.sequence, 2);
    assert.deepEqual(window.longest, { segmentMs: 1000, partMs: 200 });
    assert.equal(window.discontinuitySequence, 2);
    assert.equal(window.segments.length, 5, 'its length is counted anew');
  });
});
