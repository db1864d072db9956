import { Failure } from '../lib/failure.ts';
import { causeIn } from './ffmpeg.ts';
import type { Input } from './input.ts';
import type { EncoderEnd } from './run-encoder.ts';

/** What to say of an ffmpeg that ended: it never gave a picture, or it stopped giving them. */
export function sourceFailure({ title, advice }: Input, end: EncoderEnd, gavePictures: boolean): Failure {
  const { hung, how, stderr } = end;
  const late = `no ${gavePictures ? 'further ' : ''}picture came in time`;
  const said = hung ? late : (causeIn(stderr) ?? how).replace(/[.\s]+$/, '');
  const cause = said.startsWith(`${title}: `) ? said.slice(title.length + 2) : said;
  const facts = { how, hung };
  if (gavePictures) return new Failure('source-lost', `ffmpeg stopped reading ${title}: ${cause}.`, facts);
  const start = title.replace(/^./, first => first.toUpperCase());
  return new Failure('source-failed', `${start} can't be streamed: ${cause}. ${advice}`, facts);
}
