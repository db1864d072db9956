import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runTor, type TorProcess } from '../../../app/tor/process.ts';
import { quoted } from '../../../app/tor/torrc.ts';

export type TorNode = TorProcess & { readonly name: string; lastWords(): string };

/** One tor of the private network, with its folder `dir/name`; resolves when it answers its controller. */
export async function startNode(
  name: string,
  dir: string,
  lines: readonly string[],
  state?: string,
): Promise<TorNode> {
  const dataDirectory = join(dir, name);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  if (state !== undefined) await writeFile(join(dataDirectory, 'state'), state);
  const torrc = join(dataDirectory, 'torrc');
  const own = [
    `DataDirectory ${quoted(dataDirectory)}`,
    'ShutdownWaitLength 0',
    'AvoidDiskWrites 1',
    'Log notice stdout',
  ];
  await writeFile(torrc, [...own, ...lines, ''].join('\n'));
  const log: string[] = [];
  const onLine = (line: string) => {
    log.push(line);
    if (log.length > 40) log.shift();
  };
  const tor = await runTor({ binary: 'tor', onLine }, ['-f', torrc]);
  const node = { ...tor, name, lastWords: () => `${name}:\n  ${log.slice(-12).join('\n  ')}` };
  try {
    await tor.control.getInfo('version');
  } catch (error) {
    await tor.stop();
    throw new Error(`tor did not start; ${node.lastWords()}`, { cause: error });
  }
  return node;
}

/** Asks again until the answer is yes; rejects after `deadlineMs`, saying what was waited for. */
export async function until(
  what: string,
  deadlineMs: number,
  isSo: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs / 1000} s in vain: ${what}`);
    await delay(50);
  }
}
