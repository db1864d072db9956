/**
 * For Firefox's `<audio>`. One who waits for data there is woken only when 32 KiB of them have come (see
 * muted-gecko.ts), which are seconds of sound: given at once, it plays at once, and has enough to last until it is woken.
 */
import type { LivePart, Window } from '../../live/window.ts';
import { blockBytes } from './cache-blocks.ts';
import { ClosedUp } from './closed-up.ts';
import { fill } from './fragment.ts';
import { durationMsOf, type Packaging } from './packaging.ts';

// Measured at 32 kbit/s of Opus: with 1200 it began 4 s after play was pressed, and was as far behind; this begins at once.
const aheadMs = 5000;
/**
 * So long a pause, before an encoder starts anew, he can wait for with what he has: left open, it is heard where it was. Closed
 * up, he had that much less than a block, and stood still for it later on; and so he did when the last of the run before
 * came with the next full block only.
 */
const leavesMs = 4000;

/** The newest parts that make up `ms`, as far as the window and this encoder run go. */
function newestOf(window: Window, ms: number): LivePart[] {
  const parts: LivePart[] = [];
  let length = 0;
  for (const part of window.segments.toReversed().flatMap(segment => segment.parts.toReversed())) {
    const [first] = parts;
    if (length >= ms || first?.discontinuity || (first && part.init.id !== first.init.id)) break;
    parts.unshift(part);
    length += part.durationMs;
  }
  return parts;
}

/** One listener's: it remembers how much has been written, and where his timeline ends. */
export function soundPackaging(): Packaging {
  const closedUp = new ClosedUp();
  let position = 0;
  const written = (chunks: Buffer[]): Buffer[] => {
    position += chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return chunks;
  };
  return {
    init: init => {
      written([init.bytes]);
      return init.bytes;
    },
    begin(window, after) {
      const parts = newestOf(window, aheadMs).filter(({ number }) => number > (after?.number ?? -1));
      return parts.length === 0
        ? undefined
        : { parts, chunks: written(parts.map(part => closedUp.next(part))), lastsMs: durationMsOf(parts) };
    },
    next(part) {
      if (!part.discontinuity) return written([closedUp.next(part)]);
      const chunks = written([closedUp.next(part, part.bytes, leavesMs)]);
      return [...chunks, ...written(fill(blockBytes - (position % blockBytes)))];
    },
  };
}
