/**
 * For Firefox's `<video>` without sound, which plays on by the wall clock. Measured: from 4.4 s behind the live edge to
 * below 0.9 s (docs/latency.md).
 */
import type { LivePart, Window } from '../../live/window.ts';
import { durationTicksOf } from '../../segments/part.ts';
import { type SampleToWrite, samplesOf, writeFragment } from './fragment.ts';
import type { Packaging } from './packaging.ts';
import { silence } from './silence.ts';
import type { SyncedParts } from './sync.ts';

// Its clock starts after some six decoded frames: as many, and some to spare, are given at once.
const leastFrames = 12;
// Each frame of the past is shown for this long, so that they are over when the first live one is due.
const pastFrameMs = 1;
// From the last frame of the past to the first live one: what decoding and one part's way need.
const marginMs = 200;
// Its clock also waits for about a second of decoded sound.
const silenceMs = 1300;
// Both tracks share one queue that blocks: a fragment of more frames of one track holds the other one up.
const framesPerFragment = 10;

/** The newest keyframe's parts, reaching back one keyframe more where those are too few frames. */
function pastOf(window: Window, trackId: number): readonly LivePart[] {
  const newest = window.sinceNewestKeyframe();
  const frames = newest.reduce((sum, part) => sum + samplesOf(part, trackId).length, 0);
  const first = newest[0];
  if (frames >= leastFrames || !first) return newest;
  const earlier = window.sinceKeyframeBefore(first.number);
  return earlier.length > 0 && earlier[0]?.init.id === first.init.id ? earlier : newest;
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** The past as one short rush of frames that ends where the live timeline goes on; undefined where that can't be. */
function rush(parts: readonly LivePart[]): Buffer[] | undefined {
  const last = parts.at(-1);
  const track = last?.init.tracks.find(({ kind }) => kind === 'video');
  const lastRun = last?.fragments.at(-1)?.runs.find(run => run.trackId === track?.id);
  if (!last || !track || !lastRun) return undefined;
  // With reordered pictures the times of presentation are not those of decoding.
  if (parts.some(part => part.fragments.some(({ runs }) => runs.some(run => run.reordered))))
    return undefined;
  const ticks = (ms: number): number => Math.round((ms / 1000) * track.timescale);
  const frames = parts.flatMap(part => samplesOf(part, track.id));
  const liveTicks = lastRun.decodeTime + durationTicksOf(lastRun);
  const startTicks = liveTicks - ticks(marginMs) - (frames.length - 1) * ticks(pastFrameMs);
  if (frames.length === 0 || startTicks < 0) return undefined;
  const samples = frames.map(({ data }, index): SampleToWrite => {
    const isLast = index === frames.length - 1;
    return { data, durationTicks: isLast ? ticks(marginMs) : ticks(pastFrameMs) };
  });
  let decodeTime = startTicks;
  const fragmentOf = (some: readonly SampleToWrite[]): Buffer => {
    const fragment = writeFragment([{ trackId: track.id, decodeTime, samples: some }]);
    decodeTime += some.reduce((sum, sample) => sum + sample.durationTicks, 0);
    return fragment;
  };
  const [keyframe = [], rest] = [samples.slice(0, 1), samples.slice(1)];
  const quiet = silence(last.init, (startTicks / track.timescale) * 1000, silenceMs);
  return [
    fragmentOf(keyframe),
    ...(quiet ? [writeFragment([quiet])] : []),
    ...chunked(rest, framesPerFragment).map(fragmentOf),
  ];
}

/**
 * Every picture is marked sync, since the demuxer reads on until the next sync sample: else it is a keyframe
 * interval behind. Parts left out leave a hole in the timeline: its clock runs on, and so does ours.
 */
export function mutedGeckoPackaging(synced: SyncedParts): Packaging {
  return {
    begin(window, after) {
      const track = window.newest?.init.tracks.find(({ kind }) => kind === 'video');
      const joins = after === undefined && track !== undefined;
      const parts = joins ? pastOf(window, track.id) : window.sinceNewestKeyframe();
      if (parts.length === 0 || (parts[0]?.number ?? -1) <= (after?.number ?? -1)) return undefined;
      const chunks = (joins && rush(parts)) || parts.map(part => synced.bytesOf(part));
      return { parts, chunks };
    },
    next: part => synced.bytesOf(part),
  };
}
