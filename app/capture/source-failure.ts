import { Failure } from '../lib/failure.ts';
import { causeIn } from './ffmpeg.ts';
import type { Input } from './input.ts';

/** What to say of an ffmpeg that ended: it never gave a picture, or it stopped giving them. */
export function sourceFailure(
  { title, advice }: Input,
  { frames, why, stderr }: { frames: number; why: string; stderr: string },
): Failure {
  const cause = (causeIn(stderr) ?? why).replace(/[.\s]+$/, '');
  if (frames > 0) return new Failure('source-lost', `ffmpeg stopped reading ${title}: ${cause}.`, { why });
  const start = title.replace(/^./, first => first.toUpperCase());
  return new Failure('source-failed', `${start} can't be streamed: ${cause}. ${advice}`, { why });
}
