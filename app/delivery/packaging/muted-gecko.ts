/**
 * For Firefox's `<video>` without sound, which plays on by the wall clock: pictures alone, on a timeline that follows the
 * wall clock too. Measured: from 1.6 s behind and freezing to below 0.8 s and smooth (docs/latency.md).
 */
import type { LivePart, Window } from '../../live/window.ts';
import { CacheBlocks, fullAfterMs, leastKbps } from './cache-blocks.ts';
import { fill } from './fragment.ts';
import { type GeckoParts, geckoInit } from './gecko-part.ts';
import { durationMsOf, type Packaging, type Way } from './packaging.ts';
import { partsToJoin, past } from './past.ts';

/**
 * How long before it is due a picture has come. Firefox keeps ten decoded pictures and asks for
 * data when it has fewer; one who waits for data is woken only when 32 KiB of it have come (MediaCacheStream
 * NotifyDataReceived). With this much it need not wait. Through Tor the first burst comes in slowly, playback begins that
 * much later, and so there is more of it by itself.
 */
const aheadMs = { direct: 380, tor: 120 } as const;

/**
 * `autoplay` begins when the rate of download is known: after a second, or after 57 × 1460 bytes (MediaChannelStatistics
 * RELIABLE_DATA_THRESHOLD). What the first burst lacks of that is filled up.
 */
const startBytes = 84_000;

/**
 * 32 KiB of a small rendition are more than a second: so much more has to be there before it is due (240p of 180 kbit/s:
 * from pauses of up to 14 s to none), and `aheadMs` is what is enough from this rate on.
 */
const enoughKbps = 400;
const mostWakeMs = 6000;
const measuredParts = 10;

/** Of what is sent, over the newest parts. */
function kbpsOf(window: Window, newest: LivePart, copies: GeckoParts): number {
  const parts =
    window.partsFrom(Math.max(0, newest.number - measuredParts + 1)) ?? window.sinceNewestKeyframe();
  const sum = (of: (part: LivePart) => number) => parts.reduce((total, part) => total + of(part), 0);
  return sum(part => copies.bytesOf(part).length * 8) / sum(part => part.durationMs);
}

/** From where on the parts are as they are: in the same distance from the encoder whenever in a part's time one comes. */
function aheadMsOf(newest: LivePart, kbps: number, nowMs: number, way: Way): number {
  const lowRateMs =
    kbps >= enoughKbps ? 0 : Math.min(mostWakeMs, fullAfterMs(kbps)) - fullAfterMs(enoughKbps);
  const sinceMs = Math.min(Math.max(0, nowMs - newest.completedAtMs), 2 * newest.durationMs);
  return Math.max(0, aheadMs[way] + lowRateMs + newest.durationMs - sinceMs);
}

// What 32 KiB take at 437 kbit/s: where little moves they would take longer, and be that much later.
const fullEveryMs = 600;

/** `saves`: rather later than with more data. Parts left out leave a hole in the timeline: its clock runs on, and so does ours. */
export function mutedGeckoPackaging(copies: GeckoParts, way: Way, saves = false): Packaging {
  // A circuit has better things to carry, and may be narrow before anybody knows.
  const fills = !saves && way === 'direct';
  let blocks: CacheBlocks | undefined;
  const copiesOf = (parts: readonly LivePart[]): Buffer[] => {
    const chunks = parts.map(part => copies.bytesOf(part));
    return blocks?.add(chunks, durationMsOf(parts)) ?? chunks;
  };
  const join = (window: Window, newest: LivePart, nowMs: number) => {
    const kbps = kbpsOf(window, newest, copies);
    const ms = aheadMsOf(newest, fills ? Math.max(kbps, leastKbps(fullEveryMs)) : kbps, nowMs, way);
    const parts = partsToJoin(window, ms);
    const chunks = past(parts, ms, copies.tracks) ?? parts.map(part => copies.bytesOf(part));
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, newest.init.bytes.length);
    const burst = [...chunks, ...fill(startBytes - bytes)];
    if (fills) blocks = new CacheBlocks(newest.init.bytes.length, fullEveryMs);
    return { parts, chunks: blocks?.add(burst, ms, true) ?? burst, lastsMs: durationMsOf(parts) };
  };
  return {
    init: init => geckoInit(init, copies.tracks),
    begin(window, after, { nowMs }) {
      const { newest } = window;
      const parts = window.sinceNewestKeyframe();
      const [first] = parts;
      if (!newest || !first || first.number <= (after?.number ?? -1)) return undefined;
      if (!after) return join(window, newest, nowMs);
      blocks?.rest();
      return { parts, chunks: copiesOf(parts), lastsMs: durationMsOf(parts) };
    },
    next: part => copiesOf([part]),
  };
}
