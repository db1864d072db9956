/** `scripts/ctl` without its set-up: the command as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ctlScript = resolve(import.meta.dirname, '../../app/cli/ctl.ts');
const deadlineMs = 30_000;

export type Ended = { code: number | null; stdout: string; stderr: string };

function start(args: readonly string[]) {
  return spawn(process.execPath, [ctlScript, ...args], {
    stdio: 'pipe',
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  });
}

/** Runs to its end; `input` is its stdin. */
export async function ctl(args: readonly string[], input = ''): Promise<Ended> {
  const child = start(args);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** `scripts/ctl events`: the lines it has told so far; ends with its scope. */
export function followEvents(
  args: readonly string[],
): AsyncDisposable & { lines: string[]; ended: Promise<Ended>; interrupt(): void } {
  const child = start([...args, 'events']);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout: lines.join('\n'), stderr }));
  return {
    lines,
    ended,
    interrupt: () => child.kill('SIGINT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
