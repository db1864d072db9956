/**
 * For Firefox's `<audio>`. One who waits for data there is woken only when 32 KiB of them have come (see
 * muted-gecko.ts), which are seconds of sound: given at once, it plays at once, and has enough to last until it is woken.
 */
import type { LivePart, Window } from '../../live/window.ts';
import { ClosedUp } from './closed-up.ts';
import { durationMsOf, type Packaging } from './packaging.ts';

// Measured at 32 kbit/s of Opus: with 1200 it began 4 s after play was pressed, and was as far behind; this begins at once.
const aheadMs = 5000;

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

/** One listener's: it remembers where his timeline ends. */
export function soundPackaging(): Packaging {
  const closedUp = new ClosedUp();
  return {
    init: init => init.bytes,
    begin(window, after) {
      const parts = newestOf(window, aheadMs).filter(({ number }) => number > (after?.number ?? -1));
      return parts.length === 0
        ? undefined
        : { parts, chunks: parts.map(part => closedUp.next(part)), lastsMs: durationMsOf(parts) };
    },
    next: part => [closedUp.next(part)],
  };
}
