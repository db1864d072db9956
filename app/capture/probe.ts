import type { Readable } from 'node:stream';
import { causeIn, type Ffmpeg, runFfmpeg } from './ffmpeg.ts';

/** What an input carries. `trouble` is ffmpeg's word for what is wrong when it found nothing. */
export type Tracks = { video: boolean; audio: boolean; trouble: string | undefined };

/**
 * Asks ffmpeg what is in an input: `args` are its input arguments, `input` the bytes for `-i pipe:0`. ffmpeg prints
 * the streams and then complains that there is no output, so its exit code says nothing.
 */
export async function probeTracks(
  ffmpeg: Ffmpeg,
  args: readonly string[],
  options: { deadlineMs: number; signal?: AbortSignal; input?: Readable },
): Promise<Tracks> {
  const { stderr, timedOut } = await runFfmpeg(ffmpeg, args, options);
  const tracks = parseTracks(stderr);
  if (tracks.video || tracks.audio) return tracks;
  if (timedOut) return { ...tracks, trouble: `no answer within ${options.deadlineMs / 1000} s` };
  return { ...tracks, trouble: causeIn(stderr.replace(/^.*At least one output file.*$/m, '')) };
}

/** Reads the `Stream #0:0…: Video: h264 …` lines; a cover picture is no video. */
export function parseTracks(stderr: string): Tracks {
  const streams = stderr.split('\n').filter(line => /^\s*Stream #\d+:\d+/.test(line));
  const has = (kind: string) =>
    streams.some(line => line.includes(`: ${kind}: `) && !line.includes('(attached pic)'));
  return { video: has('Video'), audio: has('Audio'), trouble: undefined };
}
