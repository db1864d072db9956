/** Which processes a test has started, so that it can say that none is left. Linux only: it reads /proc. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const name = 'ONIONCAST_TEST_MARK';

export type Mark = { env: Readonly<Record<string, string>>; entry: string };
export type Running = { pid: number; command: string };

/** A new mark: every process started with its `env`, and every one those start in turn, carries it. */
export function newMark(): Mark {
  const value = randomUUID();
  return { env: { [name]: value }, entry: `${name}=${value}` };
}

/** The running processes that carry the mark; zombies are not running. */
export async function marked(mark: Mark): Promise<Running[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async pid => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (!environment.includes(mark.entry)) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
      return [{ pid, command: command.replaceAll('\0', ' ').trim() }];
    }),
  );
  return found.flat();
}

/** Resolves when no process carries the mark any more; throws at the deadline, naming those that do. */
export async function untilNoneMarked(mark: Mark, deadlineMs = 5000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const left = await marked(mark);
    if (left.length === 0) return;
    if (performance.now() > deadline) {
      throw new Error(`Still running: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    }
    await delay(50);
  }
}
