/**
 * What a viewer who joins gets first: everything since a keyframe, the older part of it in a rush, so that playback
 * begins at once and as far behind the live edge as asked for, whenever in the keyframe interval he comes.
 */
import type { LivePart, Window } from '../../live/window.ts';
import type { Track } from '../../segments/init-segment.ts';
import { durationTicksOf } from '../../segments/part.ts';
import { type SampleToWrite, samplesOf, writeFragment } from './fragment.ts';
import type { Tracks } from './gecko-part.ts';
import { durationMsOf } from './packaging.ts';

// The clock starts after some six decoded pictures: as many, and some to spare, are given at once.
const leastFrames = 12;
// Each picture that is older than what is asked for is shown for this long.
const rushedFrameMs = 1;
// Both tracks share one queue that blocks: a fragment of more pictures holds the other track up.
const framesPerFragment = 10;

function isEnough(parts: readonly LivePart[], aheadMs: number): boolean {
  const video = parts[0]?.init.tracks.find(({ kind }) => kind === 'video')?.id;
  const frames = parts.reduce((sum, part) => sum + samplesOf(part, video ?? 0).length, 0);
  return frames >= leastFrames && durationMsOf(parts) >= aheadMs;
}

/** The parts since the newest keyframe from which on they are enough, as far as the window and this encoder run go. */
export function partsToJoin(window: Window, aheadMs: number): readonly LivePart[] {
  let parts: readonly LivePart[] = window.sinceNewestKeyframe();
  while (!isEnough(parts, aheadMs)) {
    const [first] = parts;
    const more = first ? window.sinceKeyframeBefore(first.number) : [];
    // The same settings make the same init segment, in another run too.
    if (more.length === 0 || first?.discontinuity || more[0]?.init.id !== first?.init.id) break;
    parts = more;
  }
  return parts;
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function endTicks(parts: readonly LivePart[], trackId: number): number | undefined {
  const runs = parts.flatMap(({ fragments }) => fragments.flatMap(fragment => fragment.runs));
  const last = runs.findLast(run => run.trackId === trackId);
  return last && last.decodeTime + durationTicksOf(last);
}

/** How many of the samples, from the end, make up at least `ticks`, and how long they are. */
function newestOf(samples: readonly SampleToWrite[], ticks: number): { count: number; ticks: number } {
  let [count, length] = [0, 0];
  for (; count < samples.length && length < ticks; count += 1)
    length += samples.at(-1 - count)?.durationTicks ?? 0;
  return { count, ticks: length };
}

/**
 * The newest `aheadMs` of the parts as they are, and the pictures before them in a rush. Undefined where that can't be:
 * where pictures are reordered, times of presentation are not those of decoding.
 */
export function past(parts: readonly LivePart[], aheadMs: number, tracks: Tracks): Buffer[] | undefined {
  const init = parts[0]?.init;
  const video = init?.tracks.find(({ kind }) => kind === 'video');
  if (!init || !video) return undefined;
  if (parts.some(part => part.fragments.some(({ runs }) => runs.some(run => run.reordered))))
    return undefined;
  const ticksOf = (track: Track, ms: number): number => Math.round((ms / 1000) * track.timescale);
  const frames = parts.flatMap(part => samplesOf(part, video.id));
  const liveTicks = endTicks(parts, video.id);
  if (frames.length === 0 || liveTicks === undefined) return undefined;
  const asTheyAre = newestOf(frames, ticksOf(video, aheadMs));
  const rushed = frames.length - asTheyAre.count;
  const startTicks = liveTicks - asTheyAre.ticks - rushed * ticksOf(video, rushedFrameMs);
  const heard = tracks === 'pictures' ? [] : sound(parts, aheadMs);
  if (startTicks < 0 || !heard) return undefined;
  const samples = frames.map(({ data, durationTicks, sync }, index) => ({
    data,
    durationTicks: index < rushed ? ticksOf(video, rushedFrameMs) : durationTicks,
    sync: sync || index === frames.length - 1,
  }));
  let decodeTime = startTicks;
  const pictures = (some: readonly SampleToWrite[]): Buffer => {
    const fragment = writeFragment([{ trackId: video.id, decodeTime, samples: some }]);
    decodeTime += some.reduce((sum, sample) => sum + sample.durationTicks, 0);
    return fragment;
  };
  const keyframe = pictures(samples.slice(0, 1));
  const rest = chunked(samples.slice(1), framesPerFragment).map(pictures);
  return [keyframe, ...heard, ...rest];
}

/** Undefined where it is longer than the time that has passed on its track: broken files say anything. */
function sound(parts: readonly LivePart[], aheadMs: number): Buffer[] | undefined {
  const track = parts[0]?.init.tracks.find(({ kind }) => kind === 'audio');
  const end = track && endTicks(parts, track.id);
  if (!track || end === undefined) return [];
  const frames = parts.flatMap(part => samplesOf(part, track.id));
  const { count, ticks } = newestOf(frames, Math.round((aheadMs / 1000) * track.timescale));
  const samples = frames.slice(frames.length - count);
  if (ticks > end) return undefined;
  return samples.length === 0
    ? []
    : [writeFragment([{ trackId: track.id, decodeTime: end - ticks, samples }])];
}
