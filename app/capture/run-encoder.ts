import type { Input } from './input.ts';
import { type EncoderCommand, startEncoder } from './process.ts';
import { createProgressParser, type Progress } from './progress.ts';

/** How long ffmpeg may take to finish its files when it is asked to end. */
const stopGraceMs = 3000;

export type EncoderRun = {
  command: Omit<EncoderCommand, 'readsInput'>;
  input: Pick<Input, 'stdin' | 'patience'>;
  onPid(pid: number): Promise<void>;
  onProgress(progress: Progress): void;
};

/** How one ffmpeg went. `hung`: it was ended because no picture came in time. */
export type EncoderEnd = {
  exitCode: number | undefined;
  /** `exit code 1`, `SIGKILL`. */
  how: string;
  stderr: string;
  frames: number;
  ranMs: number;
  hung: boolean;
};

/** Runs one ffmpeg, feeds and watches it, until it ends, hangs or `signal` aborts; it is gone afterwards. */
export async function runEncoder(run: EncoderRun, signal: AbortSignal): Promise<EncoderEnd> {
  const { stdin, patience } = run.input;
  const startedMs = performance.now();
  let frames = 0;
  let hung = false;
  let late: NodeJS.Timeout | undefined;
  const onLine = createProgressParser(progress => {
    if (progress.frames > frames) expectPicture(patience?.nextMs);
    frames = progress.frames;
    run.onProgress(progress);
  });
  const encoder = await startEncoder({ ...run.command, readsInput: stdin !== null }, onLine);

  function stop(): void {
    if (encoder.input) stdin?.unpipe(encoder.input);
    void encoder.stop(stopGraceMs);
  }
  function expectPicture(withinMs: number | undefined): void {
    clearTimeout(late);
    if (withinMs === undefined) return;
    late = setTimeout(() => {
      hung = true;
      stop();
    }, withinMs);
  }

  expectPicture(patience?.openMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    await run.onPid(encoder.pid);
    if (encoder.input) stdin?.pipe(encoder.input);
    const { exitCode, how, stderr } = await encoder.ended;
    return { exitCode, how, stderr, frames, ranMs: performance.now() - startedMs, hung };
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
    if (encoder.input) stdin?.unpipe(encoder.input);
    await encoder.stop(stopGraceMs);
  }
}
