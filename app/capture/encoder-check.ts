import { Failure } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import { trialArgs } from './encode.ts';
import { causeIn, type Ffmpeg, runFfmpeg } from './ffmpeg.ts';

const trialDeadlineMs = 20_000;

/** Encodes one frame with the configured encoder. Throws Failure `encoder-missing` or `encoder-unusable`. */
export async function assertEncoderWorks(
  config: CaptureConfig,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): Promise<void> {
  const { encoder } = config;
  const result = await runFfmpeg(ffmpeg, trialArgs(config), { deadlineMs: trialDeadlineMs, signal });
  if (result.exitCode === 0 || signal.aborted) return;
  const facts = { encoder, ffmpeg: ffmpeg.version };
  if (/Unknown encoder/i.test(result.stderr)) {
    throw new Failure(
      'encoder-missing',
      `This ffmpeg (${ffmpeg.path}, ${ffmpeg.version}) has no encoder ${encoder}: install a full build, or set capture.encoder in config.json to one that "ffmpeg -encoders" lists.`,
      facts,
    );
  }
  const cause = result.timedOut ? 'it does not answer' : (causeIn(result.stderr) ?? 'no reason given');
  const next =
    encoder === 'libx264'
      ? 'See that ffmpeg is whole.'
      : 'See that the graphics driver is installed and yours to use, or set capture.encoder in config.json to libx264.';
  throw new Failure(
    'encoder-unusable',
    `The encoder ${encoder} does not work here: ${cause}. ${next}`,
    facts,
  );
}
