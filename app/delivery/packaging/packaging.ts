/**
 * How a viewer's parts are written. The demuxers of browsers wait for different things before they show a picture:
 * a packaging is what makes one of them fast. Pure but for what one viewer's timeline needs to remember.
 */
import type { LivePart, Window } from '../../live/window.ts';
import type { InitSegment } from '../../segments/init-segment.ts';

/** How the viewer is reached: through Tor the first burst comes in slowly, and playback begins that much later. */
export type Way = 'direct' | 'tor';

export type Packaging = {
  /** The first bytes. */
  init(init: InitSegment): Buffer;
  /**
   * For one who joins, or comes back after parts were left out (`after`: the last one he got): the bytes to begin
   * with and the number of the next part; undefined while there is nothing to begin with.
   */
  begin(
    window: Window,
    after: LivePart | undefined,
    nowMs: number,
  ): { parts: readonly LivePart[]; chunks: Buffer[] } | undefined;
  /** The bytes of the part that follows the last one. */
  next(part: LivePart): Buffer;
};

/** Parts as they are: for Media Source Extensions, Chromium, and players. */
export const plainPackaging: Packaging = {
  init: init => init.bytes,
  begin(window, after) {
    const parts = window.sinceNewestKeyframe();
    if ((parts[0]?.number ?? -1) <= (after?.number ?? -1)) return undefined;
    return { parts, chunks: parts.map(part => part.bytes) };
  },
  next: part => part.bytes,
};
