/** For Firefox's `<video>` with sound, whose clock is the sound's: it stops while nothing comes (closed-up.ts). */
import { startMsOf } from '../../live/channel.ts';
import type { LivePart, Window } from '../../live/window.ts';
import { parsePart } from '../../segments/part.ts';
import { CacheBlocks, leastKbps } from './cache-blocks.ts';
import { ClosedUp } from './closed-up.ts';
import { type GeckoParts, geckoInit } from './gecko-part.ts';
import { type Beginning, durationMsOf, type Packaging, type Way } from './packaging.ts';
import { partsToJoin, past } from './past.ts';

/**
 * Its clock waits for a second of decoded sound and six pictures, and the demuxer's one thread for sound that has not come,
 * whatever pictures there are. Given the whole second at once, the sound was often through before the sixth
 * picture, and playback began a block later. So one who joins gets a part less: all there is of it is decoded when that
 * part comes, and completes the second. Then so much is unplayed.
 */
const keptAtStartMs = 1040;

// What one gets who goes on after a standstill, with what he has. Through Tor it comes in slowly, and more meanwhile.
const keptMsOf: Readonly<Record<Way, number>> = { direct: keptAtStartMs, tor: 820 };

const endMsOf = (part: LivePart): number => startMsOf(part, part.init) + part.durationMs;

// Eight pictures at 20 a second, for 655 kbit/s where the stream itself is not more.
const fullEveryMs = 400;
// For who has asked for less data than that: 187 kbit/s, fewer pictures, and so much more ahead.
const savingEveryMs = 1400;

/** What it is at the least, in kbit/s, also where less is shown. */
export const leastKbpsWithSound = (saves: boolean): number => leastKbps(saves ? savingEveryMs : fullEveryMs);

// What the decoders take to be ready: with the next part so near playback would begin after it came, not with it.
const readyMs = 100;

/** Whether a newer part is about to come. */
function isNextNear({ completedAtMs, durationMs }: LivePart, nowMs: number): boolean {
  const sinceMs = nowMs - completedAtMs;
  return durationMs > readyMs && sinceMs > durationMs - readyMs && sinceMs < 2 * durationMs;
}

/** How much he lacks of what one has who joins, and what can be had of it without saying anything twice. */
function lackedMs(keptMs: number, unplayedMs: number, after: LivePart, newest: LivePart): number {
  const leftOutMs = after.init.id === newest.init.id ? endMsOf(newest) - endMsOf(after) : keptMs;
  return Math.max(0, Math.min(keptMs - unplayedMs, leftOutMs));
}

/**
 * One viewer's: it remembers how much has been written, and where his timeline ends. `saves`: rather later than with more
 * data.
 */
export function audibleGeckoPackaging(copies: GeckoParts, way: Way, saves = false): Packaging {
  const everyMs = saves ? savingEveryMs : fullEveryMs;
  const moreMs = everyMs - fullEveryMs;
  const keptMs = keptMsOf[way] + moreMs;
  const closedUp = new ClosedUp();
  let startsWithNext = false;
  let blocks = new CacheBlocks(0, everyMs);
  const bytesOf = (part: LivePart): Buffer => closedUp.next(part, copies.bytesOf(part));
  const join = (window: Window, nowMs: number): Beginning | undefined => {
    const { newest } = window;
    if (!newest || (!saves && isNextNear(newest, nowMs))) return undefined;
    const startMs = keptAtStartMs + moreMs;
    const ms = saves ? startMs : Math.max(0, startMs - newest.durationMs);
    const parts = partsToJoin(window, ms);
    const chunks = past(parts, ms, copies.tracks) ?? parts.map(bytesOf);
    closedUp.hasGot(newest);
    blocks = new CacheBlocks(newest.init.bytes.length, everyMs);
    startsWithNext = !saves;
    return { parts, chunks: blocks.add(chunks, ms, true), lastsMs: ms };
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
      closedUp.closeUp(startMsOf(first, init));
      blocks.rest();
      return {
        parts,
        chunks: blocks.add(parts.map(bytesOf), durationMsOf(parts)),
        lastsMs: durationMsOf(parts),
      };
    }
    const bytes = Buffer.concat(burst);
    closedUp.closeUp(startMsOf(parsePart(bytes, init), init));
    closedUp.hasGot(newest);
    return { parts, chunks: blocks.add([closedUp.place(bytes, init)], ms, true), lastsMs: ms };
  };
  return {
    keptMs,
    init: init => geckoInit(init, copies.tracks),
    begin: (window, after, { nowMs, unplayedMs }) =>
      after ? goOn(window, after, unplayedMs) : join(window, nowMs),
    next(part) {
      const isStart = startsWithNext;
      startsWithNext = false;
      return blocks.add([bytesOf(part)], part.durationMs, isStart);
    },
  };
}
