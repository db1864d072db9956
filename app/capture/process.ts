/** The only file that starts programs: short ones that are run to their end, and the encoder that lasts. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { Failure } from '../lib/failure.ts';

export type Finished = {
  /** Undefined when it could not be started, or was ended by a signal. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** No such program, or not executable. */
  notFound: boolean;
};

export type RunOptions = {
  deadlineMs: number;
  env?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Bytes for its stdin; it may end before it has read them all. */
  input?: Readable;
};

/** Runs a program to its end and tells how it went; never throws. Killed at the deadline and with `signal`. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  const result = await execa(file, args, {
    reject: false,
    ...(options.input ? { input: options.input } : { stdin: 'ignore' as const }),
    timeout: options.deadlineMs,
    killSignal: 'SIGKILL',
    maxBuffer: 4_000_000,
    ...(options.env && { env: options.env }),
    ...(options.signal && { cancelSignal: options.signal }),
  });
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    timedOut: result.timedOut,
    notFound: result.code === 'ENOENT' || result.code === 'EACCES',
  };
}

export type EncoderCommand = {
  file: string;
  args: readonly string[];
  /** Where it writes; its relative names are looked up here. */
  cwd: string;
  /** Whether its stdin is the source's data. */
  readsInput: boolean;
  env: Readonly<Record<string, string>>;
};

export type EncoderProcess = {
  readonly pid: number;
  /** Takes the source's data; null without `readsInput`. */
  readonly input: Writable | null;
  /** Resolves when it is gone, with the last lines of its stderr; never rejects. */
  readonly ended: Promise<{ exitCode: number | undefined; how: string; stderr: string }>;
  /** Asks it to finish its files, kills it when that takes longer than `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
};

/*
 * ffmpeg does not mind that nobody reads its progress any more, so a launcher killed by SIGKILL would leave it
 * streaming for ever. The shell that becomes ffmpeg (same process id) leaves a guard behind that waits on a pipe
 * only the launcher holds: a line means that all went well, its end that the launcher is gone. Node on Windows
 * needs none of this: the children of a dead process end with it there (a job object).
 */
const guardScript = `
(
  trap '' INT TERM HUP
  read -r all_well <&3 && exit
  kill -INT $$
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 $$ || exit
    sleep 0.1
  done
  kill -KILL $$
) >/dev/null 2>&1 </dev/null &
exec "$0" "$@" 3<&-
`;

const stderrTailChars = 8000;

/**
 * Starts the encoder in a process group of its own: Ctrl-C at a terminal asks us to stop, and we end it in order.
 * `onLine` gets each line of its stdout. Throws Failure `ffmpeg-not-runnable`.
 */
export async function startEncoder(
  command: EncoderCommand,
  onLine: (line: string) => void,
): Promise<EncoderProcess> {
  const windows = process.platform === 'win32';
  const child = execa(
    windows ? command.file : '/bin/sh',
    windows ? command.args : ['-c', guardScript, command.file, ...command.args],
    {
      cwd: command.cwd,
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe', windows ? 'ignore' : { value: 'pipe', input: true }],
      buffer: false,
      reject: false,
      detached: !windows,
      cleanup: windows,
    },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTailChars);
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  const leash = child.stdio[3];
  child.nodeChildProcess.once('exit', () => leash?.end('all well\n'));
  const ended = child.then(result => {
    const how = result.signal ?? (result.exitCode === undefined ? '' : `exit code ${result.exitCode}`);
    return { exitCode: result.exitCode, how: how || (result.originalMessage ?? 'unknown'), stderr };
  });
  // Both ends break when ffmpeg is gone first, and that is told by `ended`.
  for (const pipe of [child.stdin, leash]) pipe?.on('error', () => {});
  if (child.pid === undefined) {
    const { how } = await ended;
    throw new Failure('ffmpeg-not-runnable', `${command.file} can't be run: ${how}.`);
  }
  return {
    pid: child.pid,
    input: command.readsInput ? child.stdin : null,
    ended,
    async stop(graceMs) {
      // ffmpeg 7.0 heeds no signal unless it reads keys, and Windows has none; while it opens an input it reads no key.
      if (!child.stdin.writableEnded) child.stdin.end(command.readsInput ? undefined : 'q');
      if (!windows) child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(late);
    },
  };
}
