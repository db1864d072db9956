/** Which playlist video.js gets where it plays HLS. */
import { canPlay, type Rendition } from './rendition.ts';

const start = { start: 'keyframe' };

/** `avc1`, `vp09`: the codec of the pictures. */
const familyOf = ({ type }: Rendition): string => /codecs="(\w{4})/.exec(type)?.[1] ?? '';

/**
 * What is chosen among by itself: all, but in one codec. video.js goes by the bitrate alone when it changes from one to
 * another, and Firefox stalls where that changes the codec.
 */
export function inOneCodec(renditions: readonly Rendition[]): Rendition[] {
  const best = renditions.find(each => canPlay(each));
  return renditions.filter(each => best && familyOf(each) === familyOf(best));
}

/** `byHand`: the one that was chosen; without it all that are chosen among. */
export function hlsAddress(
  renditions: readonly Rendition[],
  byHand: Rendition | undefined,
): [path: string, query: Record<string, string>] {
  if (byHand) return [`/${encodeURIComponent(byHand.name)}/stream.m3u8`, start];
  const [best] = inOneCodec(renditions);
  if (!best || renditions.length < 2) return ['/stream.m3u8', start];
  return ['/qualities.m3u8', { codecs: familyOf(best), ...start }];
}
