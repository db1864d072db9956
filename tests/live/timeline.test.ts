import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Timeline } from '../../app/live/timeline.ts';

const atMs = Date.UTC(2026, 0, 2);
/** A part of 200 ms of an encoder whose time was zero at `originMs`, and which needs `latencyMs`. */
const part = (originMs: number, startMs: number, latencyMs = 0) => ({
  startMs,
  durationMs: 200,
  completedAtMs: atMs + originMs + startMs + 200 + latencyMs,
});

describe('The timeline of a channel', () => {
  it('begins where the first encoder run does', () => {
    assert.equal(new Timeline().begin(part(0, 4000), undefined, 0).shiftMs, 0);
  });

  it('tells no clock that an encoder counts from', () => {
    const timeline = new Timeline();
    const main = timeline.begin(part(-atMs, atMs), undefined, 0);
    assert.ok(atMs + main.shiftMs < 60_000, `it begins at ${atMs + main.shiftMs}`);
    const small = timeline.begin(part(-atMs, atMs - 400), undefined, 0);
    assert.equal(small, main);
    assert.ok(atMs - 400 + small.shiftMs >= 0);
  });

  it('moves all renditions of one run by the same shift, whichever is seen first and whatever their codecs take', () => {
    const timeline = new Timeline();
    const main = timeline.begin(part(0, 0), undefined, 0);
    const small = timeline.begin(part(0, 20, 350), undefined, 0);
    assert.equal(small, main);
    timeline.advance(main, part(0, 9800));
    timeline.advance(small, part(0, 9820, 350));
    // The encoder is started again 12 s after its first start: the small rendition is read first.
    const smallAgain = timeline.begin(part(12_000, 20, 300), small, 10_020);
    timeline.advance(smallAgain, part(12_000, 20, 300));
    const mainAgain = timeline.begin(part(12_000, 0), main, 10_000);
    assert.equal(mainAgain.shiftMs, smallAgain.shiftMs);
    assert.ok(Math.abs(mainAgain.shiftMs - 12_000) < 400, `${mainAgain.shiftMs}`);
  });

  it('goes on by the clock, and never back', () => {
    const timeline = new Timeline();
    const first = timeline.begin(part(0, 0), undefined, 0);
    timeline.advance(first, part(0, 4800));
    // As if the clock had been set back by a minute.
    const second = timeline.begin(part(-60_000, 0), first, 5000);
    assert.equal(second.shiftMs, 5000);
  });

  it('takes a short run that follows at once for another one', () => {
    const timeline = new Timeline();
    const first = timeline.begin(part(0, 0), undefined, 0);
    timeline.advance(first, part(0, 0));
    const second = timeline.begin(part(700, 0), first, 200);
    assert.notEqual(second, first);
    assert.equal(second.shiftMs, 700);
  });

  it('puts a rendition of an encoder of its own where the clock says', () => {
    const timeline = new Timeline();
    const main = timeline.begin(part(0, 0), undefined, 0);
    timeline.advance(main, part(0, 60_000));
    const other = timeline.begin(part(55_000, 5000), undefined, 0);
    assert.equal(other.shiftMs, 55_000);
    timeline.advance(other, part(55_000, 5000));
    // A third one, which is the first encoder's, is found though another has begun since.
    assert.equal(timeline.begin(part(0, 60_200), undefined, 0), main);
  });
});
