/**
 * For Firefox's `<video>` with sound, whose clock is the sound's: it stops while nothing comes. Time left out is closed
 * up, in both tracks alike; left open, it would be played as silence, and the delay stay for good.
 */
import type { LivePart } from '../../live/window.ts';
import { parsePart } from '../../segments/part.ts';
import { type GeckoParts, geckoInit } from './gecko-part.ts';
import type { Packaging, Way } from './packaging.ts';
import { partsToJoin, past } from './past.ts';

// Its clock waits for a second of decoded sound: so much is given at once, and a frame or two to spare. Through Tor some
// of it may be what comes while the first burst is still on its way.
const aheadMs: Readonly<Record<Way, number>> = { direct: 1080, tor: 820 };

function startMsOf(part: LivePart): number {
  const runs = part.fragments[0]?.runs ?? [];
  const starts = runs.map(run => {
    const timescale = part.init.tracks.find(({ id }) => id === run.trackId)?.timescale ?? 1;
    return (run.decodeTime / timescale) * 1000;
  });
  return Math.min(...starts);
}

/** A copy of the bytes of a part that begins `earlierMs` earlier. */
function earlier(part: LivePart, bytes: Buffer, earlierMs: number): Buffer {
  const copy = Buffer.from(bytes);
  const { fragments } = parsePart(copy, part.init);
  for (const run of fragments.flatMap(fragment => fragment.runs)) {
    const timescale = part.init.tracks.find(({ id }) => id === run.trackId)?.timescale ?? 1;
    const decodeTime = Math.max(0, run.decodeTime - Math.round((earlierMs / 1000) * timescale));
    if (run.decodeTimeBytes === 8) copy.writeBigUInt64BE(BigInt(decodeTime), run.decodeTimeOffset);
    else copy.writeUInt32BE(decodeTime % 2 ** 32, run.decodeTimeOffset);
  }
  return copy;
}

/** One viewer's: it remembers how much has been closed up. */
export function audibleGeckoPackaging(copies: GeckoParts, way: Way): Packaging {
  let closedUpMs = 0;
  const bytesOf = (part: LivePart): Buffer => {
    const bytes = copies.bytesOf(part);
    return closedUpMs === 0 ? bytes : earlier(part, bytes, closedUpMs);
  };
  return {
    init: init => geckoInit(init, copies.tracks),
    begin(window, after) {
      const parts = after ? window.sinceNewestKeyframe() : partsToJoin(window, aheadMs[way]);
      const [first] = parts;
      if (!first || first.number <= (after?.number ?? -1)) return undefined;
      if (after) closedUpMs += startMsOf(first) - (startMsOf(after) + after.durationMs);
      const joined = after ? undefined : past(parts, aheadMs[way], copies.tracks);
      return { parts, chunks: joined ?? parts.map(bytesOf) };
    },
    next: bytesOf,
  };
}
