/**
 * The project itself as its users start it, with its own config.json: the server and the launcher, each a process of its
 * own, in a folder that goes away; and the scene with the clock, piped into the launcher.
 */
import type { StdioOptions } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { until } from '../../tests/kit/until.ts';
import { type Child, startChild } from './child.ts';

const root = resolve(import.meta.dirname, '../..');
const announced = z.object({ url: z.string(), onion: z.string().nullable() });
const sourceDelay = z.object({ medianMs: z.number(), worstMs: z.number(), skipped: z.number() });

/** How long the scene's own drawing and pipe take, which is part of every figure. */
export type SourceDelay = z.infer<typeof sourceDelay>;

export type Broadcast = {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** Without a private Tor network null. */
  onion: string | null;
  sourceDelay(): Promise<SourceDelay>;
  close(): Promise<void>;
};

const startDeadlineMs = 60_000;

/** Resolves when the stream is live. `torrcLines` make the onion part of a private network. */
export async function startBroadcast(torrcLines?: readonly string[]): Promise<Broadcast> {
  const home = await mkdtemp(join(tmpdir(), 'latency-'));
  const children: Child[] = [];
  const start = (script: string, args: readonly string[], stdio: StdioOptions): Child => {
    const child = startChild(process.execPath, [join(root, script), ...args], { stdio });
    children.push(child);
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const configPath = join(home, 'config.json');
    const config: unknown = JSON.parse(await readFile(join(root, 'config.json'), 'utf8'));
    const tor = torrcLines ? { tor: { torrcLines } } : {};
    await writeFile(
      configPath,
      JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(config), ...tor }),
    );
    const streams = join(home, 'streams');
    const places = ['--config', configPath, '--streams', streams];
    const source = start('bench/latency/source.ts', [], ['ignore', 'pipe', 'pipe', 'ipc']);
    const { stdout: scene } = source.process;
    if (!scene) throw new Error('The scene has no stdout.');
    const launcher = start('app/cli/stream.ts', ['--source', 'pipe', ...places], [scene, 'pipe', 'pipe']);
    launcher.process.stdout?.resume();
    // It is the launcher's now.
    scene.destroy();
    const own = ['--port', '0', '--json', '--data', join(home, 'data'), ...(torrcLines ? [] : ['--no-tor'])];
    const server = start('app/cli/start.ts', [...places, ...own], ['ignore', 'pipe', 'pipe']);
    const { url, onion } = announced.parse(JSON.parse(await firstLine(server)));
    await until(
      'a first part of the stream',
      async () => {
        for (const child of [source, launcher, server]) {
          if (child.process.exitCode !== null) throw new Error(`A process ended: ${child.lastWords()}`);
        }
        return (await fetch(new URL('stream.m3u8', url))).ok;
      },
      startDeadlineMs,
    );
    return {
      url,
      onion,
      close,
      sourceDelay: () =>
        new Promise((answer, fail) => {
          source.process.once('message', message => answer(sourceDelay.parse(message)));
          source.process.once('exit', () => fail(new Error(`The scene ended: ${source.lastWords()}`)));
          source.process.send('tell');
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstLine(child: Child): Promise<string> {
  const { stdout } = child.process;
  if (!stdout) throw new Error('The server has no stdout.');
  const late = setTimeout(() => child.process.kill('SIGKILL'), startDeadlineMs);
  try {
    for await (const line of createInterface({ input: stdout })) return line;
    throw new Error(`The server did not start: ${child.lastWords()}`);
  } finally {
    clearTimeout(late);
  }
}
