/**
 * Keeps one ffmpeg writing one channel folder: starts it, starts it again when it dies, ends it. Owns the process and
 * the folder for as long as it runs; what is streamed (sources.ts) and how it is told (status.ts) are others' matters.
 */
import { Backoff } from '../lib/backoff.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import { encodeArgs } from './encode.ts';
import { causeIn, type Ffmpeg, ffmpegEnv } from './ffmpeg.ts';
import { ClaimedFolder } from './folder.ts';
import type { Input, OpenInput } from './input.ts';
import { type EncoderProcess, startEncoder } from './process.ts';
import { createProgressParser, type Progress } from './progress.ts';

export type CaptureEvents = {
  /** ffmpeg is about to run for the first time. */
  onStart(input: Input, startedAt: Date): void;
  onProgress(progress: Progress): void;
  /** It ended though it should not have; `lines` are the last of its stderr. */
  onTrouble(sentence: string, lines: readonly string[]): void;
};

export type CaptureDeps = { dir: string; ffmpeg: Ffmpeg; openInput: OpenInput; events: CaptureEvents };

const backoffConfig = { firstMs: 1000, maxMs: 30_000 };
/** A run this long was a good one: the next wait is the first again. */
const steadyMs = 30_000;
/** How long ffmpeg may take to finish its files. */
const stopGraceMs = 3000;
/** How long the ended playlist stays for the server, which reads it again within 0.3 s. */
const endedGraceMs = 1000;
/** How often a pipe may fail to give a picture before what is left of it counts as unreadable. */
const fruitlessPipeRuns = 3;
const toldLines = 5;

type Ending = { kind: 'stopped' | 'finished' } | { kind: 'died'; why: string; stderr: string; ranMs: number; frames: number };

/**
 * Streams until `signal` aborts or the input ends, then clears the folder. Rejects with a Failure when the source
 * gives no picture at the first start, or when the folder is in use; later troubles are told and tried again.
 */
export async function capture(deps: CaptureDeps, config: CaptureConfig, signal: AbortSignal): Promise<void> {
  const folder = await ClaimedFolder.claim(deps.dir);
  let hasStreamed = false;
  try {
    const startedAt = new Date();
    await folder.writeStart(startedAt);
    const backoff = new Backoff(backoffConfig);
    for (let run = 0, fruitless = 0; !signal.aborted; run += 1) {
      const ending = await openAndRun(deps, config, folder, signal, input => {
        if (run === 0) deps.events.onStart(input, startedAt);
      });
    }
  } finally {
    await folder.release(hasStreamed ? endedGraceMs : 0);
  }
}
