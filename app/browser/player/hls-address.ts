/** Which playlist video.js gets where it plays HLS. */
import { canPlay, type Rendition } from './rendition.ts';

const start = { start: 'keyframe' };

/** `avc1`, `vp09`: the codec of the pictures. */
const familyOf = ({ type }: Rendition): string => /codecs="(\w{4})/.exec(type)?.[1] ?? '';

/**
 * All renditions, but in one codec: video.js goes by the bitrate alone when it changes from one to another, and Firefox
 * stalls where that changes the codec.
 */
export function hlsAddress(renditions: readonly Rendition[]): [path: string, query: Record<string, string>] {
  const best = renditions.find(each => canPlay(each));
  if (!best || renditions.length < 2) return ['/stream.m3u8', start];
  return ['/qualities.m3u8', { codecs: familyOf(best), ...start }];
}
