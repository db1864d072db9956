import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loudness, type Sound, toneShare } from './sound.ts';

const ratePerSecond = 16_000;

/** One second of `wave`, a function of the time in seconds. */
function soundOf(wave: (seconds: number) => number): Sound {
  const samples = Float32Array.from({ length: ratePerSecond }, (_, i) => wave(i / ratePerSecond));
  return { samples, ratePerSecond };
}

const sine = (hz: number) => (seconds: number) => Math.sin(2 * Math.PI * hz * seconds);

test('a pure tone is all at its own frequency and nothing elsewhere', () => {
  assert.ok(toneShare(soundOf(sine(440)), 440) > 0.99);
  assert.ok(toneShare(soundOf(sine(440)), 660) < 0.01);
});

test('a tone with gaps is still that tone, and noise is none', () => {
  const gappy = soundOf(seconds => (seconds % 0.25 < 0.03 ? 0 : sine(440)(seconds)));
  assert.ok(toneShare(gappy, 440) > 0.7);
  // A fixed sequence that looks random: the fractional parts of multiples of a big number.
  const noise = soundOf(seconds => ((seconds * 12_345_678.9) % 1) - 0.5);
  assert.ok(toneShare(noise, 440) < 0.2);
});

test('silence has neither loudness nor a tone', () => {
  assert.equal(loudness(soundOf(() => 0)), 0);
  assert.equal(
    toneShare(
      soundOf(() => 0),
      440,
    ),
    0,
  );
});
