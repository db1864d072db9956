/**
 * Keeps one ffmpeg writing one channel folder: starts it, starts it again when it dies, ends it. Owns the process and
 * the folder for as long as it runs; what is streamed (sources.ts) and how it is told (status.ts) are others' matters.
 */
import { Backoff } from '../lib/backoff.ts';
import { Failure } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import { encodeArgs } from './encode.ts';
import { type Ffmpeg, ffmpegEnv } from './ffmpeg.ts';
import { ClaimedFolder } from './folder.ts';
import { folderFailure } from './folder-failure.ts';
import type { Input, OpenInput } from './input.ts';
import { mainProgress } from './main-progress.ts';
import { outputsOf } from './outputs.ts';
import type { Progress } from './progress.ts';
import { runEncoder } from './run-encoder.ts';
import { sourceFailure } from './source-failure.ts';

export type CaptureEvents = {
  /** The first pictures are encoded. */
  onLive(input: Input, startedAt: Date): void;
  onProgress(progress: Progress): void;
  /** Something the broadcaster should know, in a sentence. */
  onNote(sentence: string): void;
  /** ffmpeg ended though it should not have, and is started again; `lines` are the last of its stderr. */
  onTrouble(sentence: string, lines: readonly string[]): void;
};

export type CaptureDeps = {
  /** The channel folder. */
  dir: string;
  ffmpeg: Ffmpeg;
  openInput: OpenInput;
  events: CaptureEvents;
};

const backoffConfig = { firstMs: 500, maxMs: 8_000 };
/** A run this long was a good one: the next wait is the first again. */
const steadyMs = 30_000;
/** How long the ended playlist stays for the server, which reads it again within 0.3 s. */
const endedGraceMs = 1000;
/** Parts of an earlier run of ffmpeg that stay for a server that is late. */
const keptParts = 50;
/** How often in a row what is left of a pipe may give no picture. */
const fruitlessPipeRuns = 3;
const toldLines = 5;

type Ending =
  | { kind: 'stopped' | 'finished' }
  | {
      kind: 'died';
      failure: Failure;
      lines: string[];
      ranMs: number;
      gavePictures: boolean;
      fromPipe: boolean;
    };

/**
 * Streams until `signal` aborts or the input ends, then clears the folder. Rejects with a Failure when the source
 * gives no picture at the first start or when the folder is in use; later troubles are told and tried again.
 */
export async function capture(deps: CaptureDeps, config: CaptureConfig, signal: AbortSignal): Promise<void> {
  const folder = await told(deps.dir, ClaimedFolder.claim(deps.dir));
  try {
    await keepRunning(new Run(deps, config, folder, signal), deps.events, signal);
  } finally {
    await folder.release(endedGraceMs);
  }
}

/** A disk that is full, or not ours, in words; what is full may have room again in a moment. */
async function told<T>(dir: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw folderFailure(dir, error) ?? error;
  }
}

async function keepRunning(run: Run, events: CaptureEvents, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(backoffConfig);
  let hasShown = false;
  let fruitless = 0;
  while (!signal.aborted) {
    const ending = await run.once();
    if (ending.kind !== 'died') return;
    hasShown ||= ending.gavePictures;
    fruitless = ending.gavePictures ? 0 : fruitless + 1;
    if (!hasShown || (ending.fromPipe && fruitless >= fruitlessPipeRuns)) throw ending.failure;
    if (ending.ranMs >= steadyMs) backoff.reset();
    const sentence = `${ending.failure.message} Trying again in ${backoff.nextMs / 1000} s.`;
    events.onTrouble(sentence, ending.lines.slice(-toldLines));
    await backoff.wait(signal).catch(() => {});
  }
}

/** One stream through any number of ffmpeg processes. */
class Run {
  readonly #deps: CaptureDeps;
  readonly #config: CaptureConfig;
  readonly #folder: ClaimedFolder;
  readonly #signal: AbortSignal;
  #startedAt: Date | undefined;
  #isLive = false;
  #toldPace = false;

  constructor(deps: CaptureDeps, config: CaptureConfig, folder: ClaimedFolder, signal: AbortSignal) {
    this.#deps = deps;
    this.#config = config;
    this.#folder = folder;
    this.#signal = signal;
  }

  /** Opens the input and lets one ffmpeg encode it to its end. */
  async once(): Promise<Ending> {
    try {
      const input = await this.#deps.openInput();
      if (this.#signal.aborted) return { kind: 'stopped' };
      return await told(this.#folder.dir, this.#encode(input));
    } catch (failure) {
      if (this.#signal.aborted) return { kind: 'stopped' };
      if (!(failure instanceof Failure)) throw failure;
      return { kind: 'died', failure, lines: [], ranMs: 0, gavePictures: false, fromPipe: false };
    }
  }

  async #encode(input: Input): Promise<Ending> {
    if (!this.#startedAt) {
      for (const note of input.notes) this.#deps.events.onNote(note);
      this.#startedAt = new Date();
      await this.#folder.writeStart(this.#startedAt);
    }
    const startNumber = await this.#folder.nextPartNumber();
    await this.#folder.removePartsBefore(startNumber - keptParts);
    await this.#folder.makeFolders(outputsOf(this.#config, input).map(({ folder }) => folder));

    const end = await runEncoder(
      {
        command: {
          file: this.#deps.ffmpeg.path,
          args: encodeArgs(this.#config, input, startNumber),
          cwd: this.#folder.dir,
          env: ffmpegEnv,
        },
        input,
        onPid: pid => this.#folder.writePid(pid),
        onProgress: progress => this.#tell(input, mainProgress(progress, this.#config)),
      },
      this.#signal,
    );
    if (this.#signal.aborted) return { kind: 'stopped' };
    // Its progress comes late, so the files are asked as well.
    const gavePictures = end.frames > 0 || (await this.#folder.nextPartNumber()) > startNumber;
    const { stdin } = input;
    const isOver = stdin && (end.exitCode === 0 || (stdin.readableEnded && gavePictures));
    if (isOver) return { kind: 'finished' };
    const stderr = input.secret === null ? end.stderr : end.stderr.replaceAll(input.secret, 'the URL');
    return {
      kind: 'died',
      failure: sourceFailure(input, { ...end, stderr }, gavePictures),
      lines: stderr.split('\n').filter(line => line.trim() !== ''),
      ranMs: end.ranMs,
      gavePictures,
      fromPipe: stdin !== null,
    };
  }

  #tell(input: Input, progress: Progress): void {
    const { events } = this.#deps;
    if (!this.#isLive && progress.frames > 0 && this.#startedAt) {
      this.#isLive = true;
      events.onLive(input, this.#startedAt);
    }
    events.onProgress(progress);
    const tooFast = progress.outTimeMs > 20_000 && (progress.speed ?? 1) > 1.5;
    if (input.stdin && tooFast && !this.#toldPace) {
      this.#toldPace = true;
      events.onNote(
        `The pipe brings ${progress.speed} seconds of video a second, so viewers miss most of it: --source pipe:paced plays it at its own pace.`,
      );
    }
  }
}
