import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { channelState, type StateFacts } from '../../app/live/state.ts';

const nowMs = Date.UTC(2026, 0, 2);

function stateOf(facts: Partial<StateFacts>): string {
  return channelState({
    encoder: 'unknown',
    playlist: 'open',
    playlistChangedAtMs: nowMs,
    newest: undefined,
    nowMs,
    endAfterStallMs: 60_000,
    ...facts,
  });
}

const part = (ageMs: number, durationMs = 200) => ({ newest: { completedAtMs: nowMs - ageMs, durationMs } });

describe('The state of a channel', () => {
  for (const [what, facts, expected] of [
    ['an empty folder', { playlist: 'absent' }, 'offline'],
    ['an encoder that runs and has written nothing', { playlist: 'absent', encoder: 'running' }, 'starting'],
    ['an encoder that died before it wrote anything', { playlist: 'absent', encoder: 'dead' }, 'offline'],
    ['a folder that was cleared after a stream', { playlist: 'absent', ...part(500) }, 'ended'],
    [
      'an encoder at work over the traces of a stream',
      { playlist: 'absent', encoder: 'running', ...part(500) },
      'starting',
    ],
    ['a new playlist without parts', {}, 'starting'],
    ['an old playlist without parts', { playlistChangedAtMs: nowMs - 16_000 }, 'offline'],
    [
      'an old playlist without parts, of an encoder that runs',
      { playlistChangedAtMs: 0, encoder: 'running' },
      'starting',
    ],
    ['a new playlist without parts, of one that died', { encoder: 'dead' }, 'offline'],
    ['parts that come', part(200), 'live'],
    ['a part that comes late by less than a second', part(1399), 'live'],
    ['a part that is late', part(1401), 'stalled'],
    ['segments of 2 s that come', part(4900, 2000), 'live'],
    ['segments of 2 s that do not', part(5100, 2000), 'stalled'],
    ['parts of an encoder that has just died', { encoder: 'dead', ...part(100) }, 'stalled'],
    ['a minute without a part', part(60_001), 'ended'],
    ['a minute without a part, of an encoder that runs', { encoder: 'running', ...part(60_001) }, 'ended'],
    ['a playlist with its end', { playlist: 'ended', ...part(100) }, 'ended'],
    ['a part from the future, after the clock was set back', part(-5000), 'live'],
  ] as const) {
    it(`is ${expected} for ${what}`, () => {
      assert.equal(stateOf(facts), expected);
    });
  }
});
