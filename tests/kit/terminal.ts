/** A program on a terminal of its own: what it shows, and keys for it. It dies with `close()` or with the test process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export type Terminal = AsyncDisposable & {
  /** All that was shown since the last key, without control sequences; what the cursor leaps over is a space. */
  shown(): string;
  /** Presses keys once `expected` is shown. */
  type(expected: RegExp, keys: string): Promise<void>;
};

/** `command`: as a shell reads it. */
export async function openTerminal(command: string): Promise<Terminal> {
  // Neither settings nor a history of the person's own.
  const home = await mkdtemp(join(tmpdir(), 'terminal-'));
  const args = ['--pdeathsig', 'KILL', 'script', '--quiet', '--return', '--command', command, '/dev/null'];
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    LINES: '40',
    COLUMNS: '100',
  };
  const child = spawn('setpriv', args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text;
  });
  child.stdin.on('error', () => {});
  const shown = (): string =>
    output
      .replace(/\u001b\[\d*(?:;\d*)?[CH]/g, ' ')
      .replace(/\u001b(?:\[[\d;?]*[A-Za-z]|\(B|[=>])/g, '')
      .replace(/[\r\u000f]/g, '');
  return {
    shown,
    async type(expected, keys) {
      await until(`${expected} on the terminal`, () => expected.test(shown()), 15_000).catch(error => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(shown().slice(-1000))}`);
      });
      output = '';
      child.stdin.write(keys);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}
