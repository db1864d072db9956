/**
 * For Firefox's `<video>` with sound, whose clock is the sound's: it stops while nothing comes. Time left out is closed
 * up, in both tracks alike; left open, it would be played as silence, and the delay stay for good.
 */
import type { LivePart } from '../../live/window.ts';
import type { Packaging } from './packaging.ts';
import type { SyncedParts } from './sync.ts';

function startMsOf(part: LivePart): number {
  const runs = part.fragments[0]?.runs ?? [];
  const starts = runs.map(run => {
    const timescale = part.init.tracks.find(({ id }) => id === run.trackId)?.timescale ?? 1;
    return (run.decodeTime / timescale) * 1000;
  });
  return Math.min(...starts);
}

/** A copy of a part's bytes that begins `earlierMs` earlier. */
function earlier(part: LivePart, bytes: Buffer, earlierMs: number): Buffer {
  const copy = Buffer.from(bytes);
  for (const run of part.fragments.flatMap(fragment => fragment.runs)) {
    const timescale = part.init.tracks.find(({ id }) => id === run.trackId)?.timescale ?? 1;
    const decodeTime = Math.max(0, run.decodeTime - Math.round((earlierMs / 1000) * timescale));
    if (run.decodeTimeBytes === 8) copy.writeBigUInt64BE(BigInt(decodeTime), run.decodeTimeOffset);
    else copy.writeUInt32BE(decodeTime % 2 ** 32, run.decodeTimeOffset);
  }
  return copy;
}

/** One viewer's: it remembers how much has been closed up. */
export function audibleGeckoPackaging(synced: SyncedParts): Packaging {
  let closedUpMs = 0;
  const bytesOf = (part: LivePart): Buffer => {
    const bytes = synced.bytesOf(part);
    return closedUpMs === 0 ? bytes : earlier(part, bytes, closedUpMs);
  };
  return {
    begin(window, after) {
      const parts = window.sinceNewestKeyframe();
      const [first] = parts;
      if (!first || first.number <= (after?.number ?? -1)) return undefined;
      if (after) closedUpMs += startMsOf(first) - (startMsOf(after) + after.durationMs);
      return { parts, chunks: parts.map(bytesOf) };
    },
    next: bytesOf,
  };
}
