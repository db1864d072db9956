/**
 * How a viewer's parts are written. The demuxers of browsers wait for different things before they show a picture:
 * a packaging is what makes one of them fast. Pure but for what one viewer's timeline needs to remember.
 */
import type { LivePart, Window } from '../../live/window.ts';
import type { InitSegment } from '../../segments/init-segment.ts';

/** How the viewer is reached: through Tor the first burst comes in slowly, and playback begins that much later. */
export type Way = 'direct' | 'tor';

/** `lastsMs`: how much longer a viewer's timeline is for it. */
export type Beginning = { parts: readonly LivePart[]; chunks: Buffer[]; lastsMs: number };

export type Packaging = {
  /** How much a viewer has come and unplayed as a rule, where his clock stops while nothing comes. */
  readonly keptMs?: number;
  /** The first bytes. */
  init(init: InitSegment): Buffer;
  /**
   * For one who joins, or comes back after parts were left out (`after`: the last one he got; of it and those before
   * he has `unplayedMs`): what to begin with; undefined while there is nothing.
   */
  begin(
    window: Window,
    after: LivePart | undefined,
    at: { nowMs: number; unplayedMs: number },
  ): Beginning | undefined;
  /** The bytes of the part that follows the last one. */
  next(part: LivePart): readonly Buffer[];
};

/** Parts as they are: for Media Source Extensions, Chromium, and players. */
export const plainPackaging: Packaging = {
  init: init => init.bytes,
  begin(window, after) {
    const parts = window.sinceNewestKeyframe();
    if ((parts[0]?.number ?? -1) <= (after?.number ?? -1)) return undefined;
    return { parts, chunks: parts.map(part => part.bytes), lastsMs: durationMsOf(parts) };
  },
  next: part => [part.bytes],
};

export function durationMsOf(parts: readonly LivePart[]): number {
  return parts.reduce((sum, part) => sum + part.durationMs, 0);
}
