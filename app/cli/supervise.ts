/**
 * Owns one child process of ours at a time: starts it, starts it again after a crash, and leaves nothing of it
 * behind. Knows nothing of servers and streams.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff, type BackoffConfig } from '../lib/backoff.ts';

export type Supervised = {
  /** How a sentence calls it: "The server", "The stream". */
  name: string;
  /** The Node program and its arguments, asked anew at each start. */
  argv: () => readonly string[];
  /** Takes the child's output line by line; without it the child writes all of it to our stderr itself. */
  onLine?: (line: string, from: 'stdout' | 'stderr') => void;
  /** Takes what the child sends by `process.send`. */
  onMessage?: (message: unknown) => void;
  /** Whether the child reads our stdin. */
  readsInput: boolean;
  /** Whether it has worked, so that ending with an error code is a crash; before that it is final. */
  hasWorked: (ranMs: number) => boolean;
  /** Told in one sentence when it has crashed and will be started again. */
  onCrash: (sentence: string) => void;
};

export type SuperviseConfig = {
  backoff: BackoffConfig;
  /** How long the child may take to end after SIGTERM before its whole process group is killed. */
  graceMs: number;
  /** After a run this long the next wait is the first one again. */
  steadyMs: number;
};

/** `stop` ends the child in order, `kill` cuts the grace short. */
export type StopSignals = { stop: AbortSignal; kill: AbortSignal };

const drainMs = 1000;

type Ending = { code: number | null; signal: NodeJS.Signals | null; ranMs: number };

/**
 * Runs the child until it ends by itself with code 0, fails before it has worked, or `stop` aborts. Resolves with
 * the exit code to hand on: 0, or that of the failed first run.
 */
export async function supervise(
  child: Supervised,
  config: SuperviseConfig,
  signals: StopSignals,
): Promise<number> {
  const backoff = new Backoff(config.backoff);
  let worked = false;
  while (!signals.stop.aborted) {
    const { code, signal, ranMs } = await runOnce(child, config, signals);
    if (code === 0 || signals.stop.aborted) break;
    // Wrong flags, devices and files end with a code; a signal is always somebody else's doing.
    worked ||= signal !== null || child.hasWorked(ranMs);
    if (!worked) return code ?? 1;
    if (ranMs >= config.steadyMs) backoff.reset();
    const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
    child.onCrash(`${child.name} ${how}; starting it again in ${backoff.nextMs / 1000} s.`);
    await backoff.wait(signals.stop).catch(() => {});
  }
  return 0;
}

async function runOnce(
  supervised: Supervised,
  config: SuperviseConfig,
  signals: StopSignals,
): Promise<Ending> {
  const { onLine, onMessage } = supervised;
  const output = onLine ? 'pipe' : process.stderr;
  const startedMs = performance.now();
  const child = spawn(process.execPath, supervised.argv(), {
    stdio: [supervised.readsInput ? 'inherit' : 'ignore', output, output, 'ipc'],
    // A process group of its own: Ctrl-C then reaches only us, who end the children in order, and whatever a crashed
    // child leaves behind ends with its group.
    detached: true,
  });
  if (onMessage) child.on('message', onMessage);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal, ranMs: performance.now() - startedMs }));
  });
  const drained = new Promise(resolve => child.once('close', resolve));
  for (const from of ['stdout', 'stderr'] as const) {
    const stream = child[from];
    if (stream) createInterface({ input: stream }).on('line', line => onLine?.(line, from));
  }
  // The terminal tells only its own process group that it was resized.
  const resized = () => child.kill('SIGWINCH');
  if (!onLine) process.on('SIGWINCH', resized);

  const over = new AbortController();
  const end = async () => {
    child.kill('SIGTERM');
    const wait = AbortSignal.any([over.signal, signals.kill]);
    await delay(config.graceMs, undefined, { signal: wait }).catch(() => {});
    killGroup(child);
  };
  signals.stop.addEventListener('abort', end, { once: true });
  try {
    return await ended;
  } finally {
    over.abort();
    signals.stop.removeEventListener('abort', end);
    process.off('SIGWINCH', resized);
    killGroup(child);
    // Its last words are read before the next run's first; somebody else who holds the pipe is not waited for.
    await Promise.race([drained, delay(drainMs, undefined, { ref: false })]);
  }
}

/** Ends what is left of the child's process group, which outlives its leader as long as any member does. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left, as it should be.
  }
}
