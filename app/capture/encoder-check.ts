import { Failure } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import { trialArgs } from './encode.ts';
import { causeIn, type Ffmpeg, runFfmpeg } from './ffmpeg.ts';
import { mainOutput, type Output, outputOf } from './outputs.ts';

const trialDeadlineMs = 20_000;

type Trial = { kind: 'works' } | { kind: 'missing'; encoder: string } | { kind: 'unusable'; cause: string };

async function tryEncoders(
  config: CaptureConfig,
  output: Output,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): Promise<Trial> {
  const args = trialArgs(config, output);
  const result = await runFfmpeg(ffmpeg, args, { deadlineMs: trialDeadlineMs, signal });
  if (result.exitCode === 0 || signal.aborted) return { kind: 'works' };
  const encoder = /Unknown encoder '([^']+)'/i.exec(result.stderr)?.[1];
  if (encoder !== undefined) return { kind: 'missing', encoder };
  const cause = result.timedOut ? 'it does not answer' : (causeIn(result.stderr) ?? 'no reason given');
  return { kind: 'unusable', cause: cause.replace(/[.\s]+$/, '') };
}

/** Encodes one frame as configured. Throws Failure `encoder-missing` or `encoder-unusable`. */
export async function assertEncoderWorks(
  config: CaptureConfig,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): Promise<void> {
  const { encoder } = config;
  const trial = await tryEncoders(config, mainOutput(config), ffmpeg, signal);
  const facts = { encoder, ffmpeg: ffmpeg.version };
  switch (trial.kind) {
    case 'works':
      return;
    case 'missing':
      throw new Failure(
        'encoder-missing',
        `This ffmpeg (${ffmpeg.path}, ${ffmpeg.version}) has no encoder ${trial.encoder}: install a full build, or set capture.encoder in config.json to one that "ffmpeg -encoders" lists.`,
        facts,
      );
    case 'unusable': {
      const isSoftware = encoder.startsWith('lib');
      const next = isSoftware
        ? 'See that ffmpeg is whole.'
        : 'See that the graphics driver is installed and yours to use, or set capture.encoder in config.json to libx264.';
      throw new Failure(
        'encoder-unusable',
        `The encoder ${encoder} does not work here: ${trial.cause}. ${next}`,
        facts,
      );
    }
  }
}

/**
 * The configuration with those renditions that this ffmpeg can encode, and a sentence for each that it can't: the stream
 * itself does not depend on them.
 */
export async function withUsableRenditions(
  config: CaptureConfig,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): Promise<{ config: CaptureConfig; notes: string[] }> {
  const tried = await Promise.all(
    config.renditions.map(async rendition => ({
      rendition,
      trial: await tryEncoders(config, outputOf(rendition, config), ffmpeg, signal),
    })),
  );
  const notes = tried.flatMap(({ rendition: { name }, trial }) => {
    const next = `install a full build, or take ${name} out of capture.renditions in config.json`;
    if (trial.kind === 'missing')
      return [
        `The quality ${name} is left out: this ffmpeg (${ffmpeg.version}) has no encoder ${trial.encoder}; ${next}.`,
      ];
    if (trial.kind === 'unusable')
      return [`The quality ${name} is left out: its encoder does not work here (${trial.cause}); ${next}.`];
    return [];
  });
  const renditions = tried.filter(({ trial }) => trial.kind === 'works').map(({ rendition }) => rendition);
  return { config: { ...config, renditions }, notes };
}
