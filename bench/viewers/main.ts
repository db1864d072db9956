/**
 * `node bench/viewers/main.ts`: what a viewer costs. Opens so many endless responses on a server as scripts/start runs
 * it, and on nginx with a file of as many bytes, which is the limit.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { useOf } from '../chat/process-use.ts';
import { startChild } from '../latency/child.ts';
import { told } from '../told.ts';
import { type Rival, startNginx, startOurs } from './rivals.ts';

const usage = `Usage: node bench/viewers/main.ts [flags]

  --viewers N,N  how many at once, a run each (500)
  --kbps N       kbit/s of the stream (500)
  --seconds N    for so long (60)
  --reader NAME  firefox, as its <video> without JavaScript is served, or plain (plain)
  --json         the figures as JSON on stdout
`;

const options = {
  viewers: { type: 'string', default: '500' },
  kbps: { type: 'string', default: '500' },
  seconds: { type: 'string', default: '60' },
  reader: { type: 'string', default: 'plain' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const flags = parseArgs({ options }).values;
const agents: Readonly<Record<string, string>> = {
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  plain: 'bench',
};
// Bursts at the beginning, and what is compiled then, count for nothing.
const warmUpMs = 5000;

const figuresMessage = z.object({
  type: z.literal('figures'),
  figures: z.object({ gaps: z.array(z.number()), bytes: z.number(), lost: z.number() }),
});

type Figures = {
  name: string;
  viewers: number;
  cores: number;
  viewersPerCore: number;
  cpuSPerGbit: number;
  rssMb: number;
  gapP50Ms: number;
  gapP99Ms: number;
  kbpsEach: number;
  /** System calls that write, for each viewer and second (proc(5), io). */
  writesPerViewerS: number;
  lost: number;
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function gapAt(gaps: readonly number[], share: number): number {
  const total = gaps.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  return gaps.findIndex(n => {
    seen += n;
    return seen > total * share;
  });
}

async function writesOf(pid: number): Promise<number> {
  return Number(/^syscw: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

async function watch({ name, url, pid }: Rival, viewers: number): Promise<Figures> {
  const args = [resolve(import.meta.dirname, 'readers.ts'), '--url', url, '--count', String(viewers)];
  const readers = startChild(process.execPath, [...args, '--agent', agents[flags.reader] ?? ''], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    await told(readers, z.object({ type: z.literal('open') }));
    await delay(warmUpMs);
    readers.process.send('begin');
    const [before, writesBefore] = [await useOf(pid), await writesOf(pid)];
    let rssBytes = 0;
    for (let s = 1; s <= Number(flags.seconds); s += 1) {
      await delay(1000);
      const use = await useOf(pid);
      rssBytes = Math.max(rssBytes, use.rssBytes);
      if (s % 5 === 0)
        say(`${name}, ${viewers} viewers: ${s} of ${flags.seconds} s, ${Math.round(rssBytes / 1e6)} MB`);
    }
    const [after, writesAfter] = [await useOf(pid), await writesOf(pid)];
    const answer = told(readers, figuresMessage);
    readers.process.send('figures');
    const { gaps, bytes, lost } = (await answer).figures;
    const seconds = (after.atMs - before.atMs) / 1000;
    const cpuS = after.cpuS - before.cpuS;
    return {
      name,
      viewers,
      cores: cpuS / seconds,
      viewersPerCore: viewers / (cpuS / seconds),
      cpuSPerGbit: cpuS / ((bytes * 8) / 1e9),
      rssMb: rssBytes / 1e6,
      gapP50Ms: gapAt(gaps, 0.5),
      gapP99Ms: gapAt(gaps, 0.99),
      kbpsEach: (bytes * 8) / 1000 / seconds / viewers,
      writesPerViewerS: (writesAfter - writesBefore) / seconds / viewers,
      lost,
    };
  } finally {
    await readers.stop();
  }
}

function report(figures: readonly Figures[], load: string): string {
  const head = [
    '',
    'viewers',
    'cores',
    'per core',
    's/Gbit',
    'RSS MB',
    'gap p50',
    'p99',
    'kbit/s',
    'writes/s',
    'lost',
  ];
  const lines = figures.map(f => [
    f.name,
    ...[f.viewers, f.cores.toFixed(2), Math.round(f.viewersPerCore), f.cpuSPerGbit.toFixed(2)],
    ...[
      Math.round(f.rssMb),
      f.gapP50Ms,
      f.gapP99Ms,
      Math.round(f.kbpsEach),
      f.writesPerViewerS.toFixed(1),
      f.lost,
    ],
  ]);
  const table = [head, ...lines]
    .map(
      ([name, ...cells]) => String(name).padEnd(10) + cells.map(cell => String(cell).padStart(10)).join(''),
    )
    .join('\n');
  return `${table}\n\nLoad before: ${load}. Aimed at: ≥1500 viewers a core, RSS ≤200 MB, gap p99 ≤ a part (200 ms) + 100 ms.\n`;
}

async function run(): Promise<void> {
  if (!(flags.reader in agents)) throw new Error(`--reader takes firefox or plain, not ${flags.reader}.`);
  const counts = flags.viewers.split(',').map(Number);
  const [kbps, seconds, maxViewers] = [Number(flags.kbps), Number(flags.seconds), Math.max(...counts)];
  if ([...counts, kbps, seconds].some(n => !(n > 0)))
    throw new Error('--viewers, --kbps and --seconds take numbers.');
  const load = (await readFile('/proc/loadavg', 'utf8')).split(' ', 2).join(' ');
  const home = await mkdtemp(join(tmpdir(), 'bench-viewers-'));
  const figures: Figures[] = [];
  try {
    for (const start of [startOurs, startNginx]) {
      const rival = await start(home, { kbps, seconds: seconds + warmUpMs / 1000, maxViewers });
      if (!rival) {
        say('There is no nginx here: nothing to compare with.');
        continue;
      }
      try {
        for (const count of counts) figures.push(await watch(rival, count));
      } finally {
        await rival.close();
      }
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  process.stdout.write(
    flags.json ? `${JSON.stringify({ load, figures }, null, 2)}\n` : report(figures, load),
  );
}

if (flags.help) process.stdout.write(usage);
else {
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
