import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Child = {
  process: ChildProcess;
  /** The end of what it said on stderr, when that is a pipe. */
  lastWords(): string;
  /** Resolves when it is gone. */
  ended: Promise<unknown>;
  /** SIGTERM and its end; SIGKILL when that takes more than 8 s. */
  stop(): Promise<void>;
};

/** A program that ends with us, however we end. */
export function startChild(program: string, args: readonly string[], options: SpawnOptions): Child {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], options);
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000);
  });
  const ended = once(child, 'close').catch(error => {
    words += String(error);
  });
  return {
    process: child,
    lastWords: () => words.trim(),
    ended,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 8000);
      await ended;
      clearTimeout(late);
    },
  };
}
