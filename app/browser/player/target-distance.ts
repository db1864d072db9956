/**
 * How far behind the newest data playback stays. Follows the line: a stall widens the distance, and the more so when
 * it is not the first one; calm narrows it. Pure: the caller brings the time.
 */
const smallestS = 0.08;
// At first the line is not known, and the browser is busy.
const firstS = 0.25;
const largestS = 3;
// A stall that stands alone says little about the next one.
const firstStallAddsS = 0.15;
const furtherStallAddsAtMostS = 1;
const relatedMs = 30_000;
// No distance that anybody would like helps against a longer one: that is no jitter but an outage.
const outageMs = 2500;
const calmMs = 8000;
const calmShrinks = 0.8;

export class TargetDistance {
  #seconds = firstS;
  #lastStallMs = Number.NEGATIVE_INFINITY;
  #calmSinceMs: number;

  constructor(nowMs: number) {
    this.#calmSinceMs = nowMs;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** Playback has run dry for `lengthMs`, until now. */
  stalled(nowMs: number, lengthMs: number): void {
    this.#calmSinceMs = nowMs;
    if (lengthMs > outageMs) return;
    const isFurther = nowMs - this.#lastStallMs < relatedMs + lengthMs;
    const half = lengthMs / 2000;
    const addS = isFurther
      ? Math.min(furtherStallAddsAtMostS, Math.max(firstStallAddsS, half))
      : firstStallAddsS;
    this.#seconds = Math.min(largestS, this.#seconds + addS);
    this.#lastStallMs = nowMs;
  }

  /** To be called now and then while playback goes on. */
  tick(nowMs: number): void {
    if (nowMs - this.#calmSinceMs < calmMs) return;
    this.#seconds = Math.max(smallestS, this.#seconds * calmShrinks);
    this.#calmSinceMs = nowMs;
  }
}
