/**
 * For Firefox's `<video>` with sound, whose clock is the sound's: it stops while nothing comes. Time left out is closed
 * up, in both tracks alike; left open, it would be played as silence, and the delay stay for good.
 */
import { startMsOf } from '../../live/channel.ts';
import type { LivePart, Window } from '../../live/window.ts';
import type { InitSegment } from '../../segments/init-segment.ts';
import { parsePart, shiftPart } from '../../segments/part.ts';
import { CacheBlocks, leastKbps } from './cache-blocks.ts';
import { type GeckoParts, geckoInit } from './gecko-part.ts';
import { type Beginning, durationMsOf, type Packaging, type Way } from './packaging.ts';
import { partsToJoin, past } from './past.ts';

// Its clock waits for a second of decoded sound: so much is given at once, and a frame or two to spare. Through Tor some
// of it may be what comes while the first burst is still on its way.
const aheadMs: Readonly<Record<Way, number>> = { direct: 1080, tor: 820 };

const endMsOf = (part: LivePart): number => startMsOf(part, part.init) + part.durationMs;

/** A copy of these bytes of parts that begins `earlierMs` earlier. */
function earlier(bytes: Buffer, init: InitSegment, earlierMs: number): Buffer {
  const copy = parsePart(bytes, init);
  shiftPart(copy, init, -earlierMs);
  return copy.bytes;
}

// Eight pictures at 20 a second, for 655 kbit/s where the stream itself is not more.
const fullEveryMs = 400;
// For who has asked for less data than that: 187 kbit/s, fewer pictures, and so much more ahead.
const savingEveryMs = 1400;

/** What it is at the least, in kbit/s, also where less is shown. */
export const leastKbpsWithSound = (saves: boolean): number => leastKbps(saves ? savingEveryMs : fullEveryMs);

// He begins as far behind as the newest part is old, and stays so: the next one is worth a little patience.
const freshMs = 50;

/** Whether a newer part is about to come. */
function isLate(newest: LivePart | undefined, nowMs: number): boolean {
  if (!newest) return false;
  const sinceMs = nowMs - newest.completedAtMs;
  return sinceMs > freshMs && sinceMs < 2 * newest.durationMs;
}

/** How much he lacks of what one has who joins, and what can be had of it without saying anything twice. */
function lackedMs(keptMs: number, unplayedMs: number, after: LivePart, newest: LivePart): number {
  const leftOutMs = after.init.id === newest.init.id ? endMsOf(newest) - endMsOf(after) : keptMs;
  return Math.max(0, Math.min(keptMs - unplayedMs, leftOutMs));
}

/** One viewer's: it remembers how much has been written, and closed up. `saves`: rather later than with more data. */
export function audibleGeckoPackaging(copies: GeckoParts, way: Way, saves = false): Packaging {
  const everyMs = saves ? savingEveryMs : fullEveryMs;
  const keptMs = aheadMs[way] + everyMs - fullEveryMs;
  let closedUpMs = 0;
  let blocks = new CacheBlocks(0, everyMs);
  const bytesOf = (part: LivePart): Buffer => {
    const bytes = copies.bytesOf(part);
    return closedUpMs === 0 ? bytes : earlier(bytes, part.init, closedUpMs);
  };
  const join = (window: Window, nowMs: number): Beginning | undefined => {
    if (isLate(window.newest, nowMs)) return undefined;
    const parts = partsToJoin(window, keptMs);
    const chunks = past(parts, keptMs, copies.tracks) ?? parts.map(bytesOf);
    const [first] = parts;
    if (!first) return undefined;
    blocks = new CacheBlocks(first.init.bytes.length, everyMs);
    return { parts, chunks: blocks.add(chunks, keptMs, true), lastsMs: keptMs };
  };
  /** With a burst like one who joins, so that he need not wait for a keyframe. */
  const goOn = (window: Window, after: LivePart, unplayedMs: number): Beginning | undefined => {
    const { newest } = window;
    if (!newest || newest.number <= after.number) return undefined;
    // One who has nothing is on a line that carries less than the stream: a burst would fill it.
    const ms = unplayedMs > 0 ? lackedMs(keptMs, unplayedMs, after, newest) : undefined;
    const parts = ms === undefined ? window.sinceNewestKeyframe() : partsToJoin(window, ms);
    const [first] = parts;
    if (!first) return undefined;
    const burst = ms === undefined ? undefined : past(parts, ms, copies.tracks);
    const { init } = first;
    if (ms === undefined || !burst) {
      if (first.number <= after.number) return undefined;
      closedUpMs += startMsOf(first, init) - endMsOf(after);
      blocks.rest();
      return {
        parts,
        chunks: blocks.add(parts.map(bytesOf), durationMsOf(parts)),
        lastsMs: durationMsOf(parts),
      };
    }
    const bytes = Buffer.concat(burst);
    closedUpMs += startMsOf(parsePart(bytes, init), init) - endMsOf(after);
    return { parts, chunks: blocks.add([earlier(bytes, init, closedUpMs)], ms, true), lastsMs: ms };
  };
  return {
    keptMs,
    init: init => geckoInit(init, copies.tracks),
    begin: (window, after, { nowMs, unplayedMs }) =>
      after ? goOn(window, after, unplayedMs) : join(window, nowMs),
    next: part => blocks.add([bytesOf(part)], part.durationMs),
  };
}
