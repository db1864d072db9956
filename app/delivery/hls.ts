/**
 * The channel as HLS (RFC 8216) and Low-Latency HLS (draft-pantos-hls-rfc8216bis): playlists made from the window,
 * media looked up in it by name. A name that is not in the window does not exist: nothing is ever joined to a path.
 */
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { LivePart, LiveSegment, Window } from '../live/window.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(5);

function partLines(part: LivePart): string {
  const independent = part.independent ? ',INDEPENDENT=YES' : '';
  return `#EXT-X-PART:DURATION=${seconds(part.durationMs)},URI="hls/part${part.number}.m4s"${independent}`;
}

/** Parts are listed for the last three target durations only (rfc8216bis §4.4.4.9). */
function segmentLines(segment: LiveSegment, previous: LiveSegment | undefined, withParts: boolean): string[] {
  const first = segment.parts[0];
  const lines: string[] = [];
  if (first?.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
  if (first && first.init.id !== previous?.parts[0]?.init.id) {
    lines.push(`#EXT-X-MAP:URI="hls/init-${first.init.id}.mp4"`);
  }
  if (withParts) lines.push(...segment.parts.map(partLines));
  if (segment.complete)
    lines.push(`#EXTINF:${seconds(segment.durationMs)},`, `hls/segment${segment.sequence}.m4s`);
  return lines;
}

// A little into the part: just before it is another one for whoever rounds.
const intoPartS = 0.05;

/**
 * Where to begin (rfc8216bis §4.4.2.2): the newest keyframe outside the hold-back. video.js begins at the hold-back itself,
 * most often with pictures that nothing can be made of, and shows none for two seconds.
 */
function startLines({ segments }: Window, holdBackS: number): string[] {
  let untilEndS = 0;
  for (const part of segments.flatMap(({ parts }) => parts).toReversed()) {
    untilEndS += part.durationMs / 1000;
    if (part.independent && untilEndS - intoPartS > holdBackS)
      return [`#EXT-X-START:TIME-OFFSET=${(intoPartS - untilEndS).toFixed(3)}`];
  }
  return [];
}

type MediaPlaylistOptions = {
  /** Appended to every address in it. */
  query?: string;
  /** For a player that would begin anywhere; others are not told to begin so near the end. */
  startsAtKeyframe?: boolean;
};

/** The media playlist as it stands. Throws Failure `stream-offline` while there is nothing to list. */
export function mediaPlaylist(channel: LiveChannel, options: MediaPlaylistOptions = {}): string {
  const { query = '', startsAtKeyframe = false } = options;
  const { window, state } = channel;
  const { segments, newest, longest } = window;
  const first = segments[0];
  if (!first || !newest || state === 'offline') {
    throw new Failure('stream-offline', 'The stream is off. Please come back when it is live.', { state });
  }
  // The longest duration, rounded to the nearest second (RFC 8216 §4.3.3.1).
  const targetS = Math.max(1, Math.round(longest.segmentMs / 1000));
  const partTargetS = longest.partMs / 1000;
  // Three part targets are the least that the specification allows (rfc8216bis §4.4.3.8).
  const holdBackS = partTargetS * 3.1;
  const ended = state === 'ended';
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    ...(segments.every(({ parts }) => parts[0]?.independent) ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    `#EXT-X-TARGETDURATION:${targetS}`,
    ...(startsAtKeyframe && !ended ? startLines(window, holdBackS) : []),
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${holdBackS.toFixed(3)}`,
    `#EXT-X-PART-INF:PART-TARGET=${partTargetS.toFixed(5)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.sequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
  ];
  let untilEndMs = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  for (const [index, segment] of segments.entries()) {
    const listed = ended ? { ...segment, complete: true } : segment;
    lines.push(...segmentLines(listed, segments[index - 1], untilEndMs <= targetS * 3000 && !ended));
    untilEndMs -= segment.durationMs;
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  else lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="hls/part${newest.number + 1}.m4s"`);
  const text = `${lines.join('\n')}\n`;
  return query === '' ? text : text.replaceAll(/hls\/[\w.-]+/g, address => address + query);
}

/** The bytes of a name of the playlist: `{ init }`, `{ part }` or `{ segment }` with its number. */
export type MediaName = { kind: 'init'; id: string } | { kind: 'part' | 'segment'; number: number };

export function parseMediaName(name: string): MediaName | undefined {
  const init = /^init-([0-9a-f]{16})\.mp4$/.exec(name);
  if (init?.[1]) return { kind: 'init', id: init[1] };
  const media = /^(part|segment)(\d{1,15})\.m4s$/.exec(name);
  if (media?.[1] && media[2])
    return { kind: media[1] === 'part' ? 'part' : 'segment', number: Number(media[2]) };
  return undefined;
}

/** The stored buffers that make up `name`, never copied; undefined when no playlist names it (yet, or any more). */
export function mediaOf({ window, state }: LiveChannel, name: MediaName): readonly Buffer[] | undefined {
  if (name.kind === 'init') {
    const init = window.segments.flatMap(({ parts }) => parts).find(part => part.init.id === name.id)?.init;
    return init && [init.bytes];
  }
  if (name.kind === 'part') {
    const part = window.part(name.number);
    return part && [part.bytes];
  }
  const segment = window.segment(name.number);
  return segment && (segment.complete || state === 'ended')
    ? segment.parts.map(part => part.bytes)
    : undefined;
}
