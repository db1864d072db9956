/**
 * One viewer's timeline where his clock is the sound's, which stops while nothing comes: time left out, and pauses of the
 * stream, are closed up, in all tracks alike. Left open, they would be played as silence, and the delay stay for good.
 */
import { startMsOf } from '../../live/channel.ts';
import type { LivePart } from '../../live/window.ts';
import type { InitSegment } from '../../segments/init-segment.ts';
import { parsePart, shiftPart } from '../../segments/part.ts';

// Less than this between two parts is rounding.
const pauseMs = 300;

export class ClosedUp {
  #ms = 0;
  /** Where what he has got ends on his timeline. */
  #endMs: number | undefined;

  /** The part's bytes, or a copy of them (`bytes`), where they belong for him; he has got them now. */
  next(part: LivePart, bytes = part.bytes): Buffer {
    const startMs = startMsOf(part, part.init);
    if (this.#endMs !== undefined && startMs - this.#ms - this.#endMs > pauseMs) this.closeUp(startMs);
    this.hasGot(part);
    return this.place(bytes, part.init);
  }

  /** What comes next begins at `startMs`: for him, where what he has got ends. */
  closeUp(startMs: number): void {
    if (this.#endMs !== undefined) this.#ms = startMs - this.#endMs;
  }

  place(bytes: Buffer, init: InitSegment): Buffer {
    // Nothing at all is left of a part that holds neither of his tracks.
    if (this.#ms === 0 || bytes.length === 0) return bytes;
    const copy = parsePart(bytes, init);
    shiftPart(copy, init, -this.#ms);
    return copy.bytes;
  }

  /** He has got all up to the end of `last`. */
  hasGot(last: LivePart): void {
    this.#endMs = startMsOf(last, last.init) + last.durationMs - this.#ms;
  }
}
