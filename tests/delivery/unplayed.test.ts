import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Unplayed } from '../../app/delivery/unplayed.ts';

describe('What a viewer has not played', () => {
  /** One who joined with a second of it, and gets a part of 200 ms five times a second. */
  function joined(): { unplayed: Unplayed; after(ms: number, writes: boolean, waitingMs: number): void } {
    let nowMs = 0;
    const unplayed = new Unplayed(nowMs);
    unplayed.give(1000);
    unplayed.advance(nowMs, 0);
    return {
      unplayed,
      after(ms, writes, waitingMs) {
        for (const endMs = nowMs + ms; nowMs < endMs; ) {
          nowMs += 200;
          if (writes) unplayed.give(200);
          unplayed.advance(nowMs, waitingMs);
        }
      },
    };
  }

  it('stays the same while all comes that is written', () => {
    const { unplayed, after } = joined();
    after(60_000, true, 0);
    assert.equal(unplayed.ms, 1000);
  });

  it('is nothing on a line that carries less than the stream', () => {
    const { unplayed, after } = joined();
    after(5000, false, 0);
    assert.equal(unplayed.ms, 0);
    after(1000, true, 0);
    assert.equal(unplayed.ms, 0);
  });

  it('is what waited, after a line that stood still, and is played then', () => {
    const { unplayed, after } = joined();
    // Found out late: what was written for two seconds has not come.
    after(2000, true, 0);
    after(3000, false, 2000);
    assert.equal(unplayed.ms, 0);
    after(200, false, 0);
    assert.equal(unplayed.ms, 1800);
    after(800, false, 0);
    assert.equal(unplayed.ms, 1000);
  });
});
