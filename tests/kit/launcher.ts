/** `scripts/stream` without its set-up: the launcher as a process of its own, in a streams folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { type Mark, newMark, untilNoneMarked } from './processes.ts';
import { until } from './until.ts';

export const streamScript = resolve(import.meta.dirname, '../../app/cli/stream.ts');

export type Ended = {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export type Launcher = {
  readonly pid: number;
  readonly stdin: Writable;
  /** All it has written so far. */
  output(): { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
  /** Nobody reads its output any more, as when a terminal is closed. */
  closeOutput(): void;
  kill(signal: NodeJS.Signals): void;
};

/** No test needs a launcher for longer. */
const runDeadlineMs = 90_000;

/** A folder for streams and the launchers that write there; removed, with all that still runs, at the end. */
export class StreamsDir {
  readonly dir: string;
  readonly #mark: Mark = newMark();
  readonly #children: ChildProcess[] = [];

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<StreamsDir> {
    return new StreamsDir(await mkdtemp(join(tmpdir(), 'streams-')));
  }

  get channelDir(): string {
    return join(this.dir, 'live');
  }

  launch(args: readonly string[], env: NodeJS.ProcessEnv = {}): Launcher {
    const child = spawn(process.execPath, [streamScript, '--streams', this.dir, ...args], {
      // Neither the display nor the sound server of the machine that runs the test.
      env: {
        ...process.env,
        ...{ DISPLAY: '', WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: '', XDG_RUNTIME_DIR: this.dir },
        PULSE_SERVER: `unix:${join(this.dir, 'no-sound-server')}`,
        ...env,
        ...this.#mark.env,
      },
      stdio: 'pipe',
    });
    this.#children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, runDeadlineMs);
    const ended = once(child, 'close').then(() => {
      clearTimeout(late);
      if (isLate) throw new Error(`the launcher ran for ${runDeadlineMs} ms: ${stdout}${stderr}`);
      return { exitCode: child.exitCode, signal: child.signalCode, stdout, stderr };
    });
    // Nobody may be waiting for it when it fails.
    ended.catch(() => {});
    const { pid } = child;
    if (pid === undefined) throw new Error('node could not be started');
    return {
      pid,
      stdin: child.stdin,
      output: () => ({ stdout, stderr }),
      ended,
      closeOutput() {
        child.stdout.destroy();
        child.stderr.destroy();
      },
      kill: signal => void child.kill(signal),
    };
  }

  /** Resolves when the playlist lists a part numbered `number` or later; fails when the launcher ends before. */
  async untilPart(launcher: Launcher, number: number, deadlineMs = 20_000): Promise<void> {
    let over: Ended | undefined;
    void launcher.ended.then(
      ended => {
        over = ended;
      },
      () => {},
    );
    const told = () => Object.values(launcher.output()).join('');
    const hasPart = async () => {
      if (over) throw new Error(`the launcher ended: ${told()}`);
      return (await this.listed()).some(listed => listed >= number);
    };
    await until(`part ${number}`, hasPart, deadlineMs).catch(error => {
      throw new Error(`${error.message}; the launcher said: ${told()}`);
    });
  }

  /** Numbers of the parts that the playlist lists. */
  async listed(): Promise<number[]> {
    const playlist = await this.read('stream.m3u8');
    return [...playlist.matchAll(/^stream(\d+)\.m4s$/gm)].map(match => Number(match[1]));
  }

  /** A file of the channel folder, or '' while there is none. */
  read(name: string): Promise<string> {
    return readFile(join(this.channelDir, name), 'utf8').catch(() => '');
  }

  names(): Promise<string[]> {
    return readdir(this.channelDir).catch(() => []);
  }

  /** The init segment and the listed parts from `first` on, as one file. */
  async recorded(first = 0): Promise<Buffer> {
    const parts = (await this.listed())
      .filter(number => number >= first)
      .map(number => `stream${number}.m4s`);
    return Buffer.concat(
      await Promise.all(['init.mp4', ...parts].map(name => readFile(join(this.channelDir, name)))),
    );
  }

  /** Resolves when no process is left of any launcher; throws at the deadline, naming those that are. */
  untilNothingRuns(deadlineMs?: number): Promise<void> {
    return untilNoneMarked(this.#mark, deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    // Their ffmpegs end by themselves, and that is tested.
    await this.untilNothingRuns(10_000);
    await rm(this.dir, { recursive: true, force: true });
  }
}
