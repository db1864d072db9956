/**
 * `node bench/chat/main.ts`: what a busy chat costs, and how long a message is on its way. A server as scripts/start
 * runs it, a process full of readers, and people who write by the form.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openTextBrowser } from '../../tests/kit/text-browser.ts';
import { type Child, startChild } from '../latency/child.ts';
import { told } from '../told.ts';
import { newMark } from './mark.ts';
import { type Use, useOf } from './process-use.ts';

const usage = `Usage: node bench/chat/main.ts [flags]

Prints how long messages take from the post to the last byte at each reader, and what the server uses meanwhile.

  --frames N     readers of the endless page (500)
  --sockets N    readers by WebSocket (500)
  --rate N       messages a second (10)
  --seconds N    for so long (60)
  --profile DIR  a CPU profile of the server into DIR
  --json         the figures as JSON on stdout
`;

const options = {
  frames: { type: 'string', default: '500' },
  sockets: { type: 'string', default: '500' },
  rate: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '60' },
  profile: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const flags = parseArgs({ options }).values;
const root = resolve(import.meta.dirname, '../..');
const writers = 10;
// The first seconds warm everything up and count for nothing.
const warmUpS = 5;

const figuresMessage = z.object({
  type: z.literal('figures'),
  figures: z.object({
    framesMs: z.array(z.number()),
    socketsMs: z.array(z.number()),
    lost: z.number(),
    bytes: z.number(),
  }),
});

function say(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

async function startServer(home: string): Promise<{ child: Child; url: string; pid: number }> {
  const config = {
    web: { port: 0 },
    chat: {
      captcha: { beforeFirstMessage: false, afterFlood: false, everyMessages: 0 },
      flood: { messages: 100, lines: 2000, duplicateWindowS: 0 },
    },
  };
  const configPath = join(home, 'config.json');
  await mkdir(join(home, 'streams'));
  await writeFile(configPath, JSON.stringify(config));
  const profile = flags.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(flags.profile)];
  const args = [...profile, join(root, 'app/cli/start.ts'), '--config', configPath, '--no-tor', '--json'];
  const dirs = ['--data', join(home, 'data'), '--streams', join(home, 'streams')];
  const child = startChild(process.execPath, [...args, ...dirs], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout, pid } = child.process;
  if (!stdout || pid === undefined) throw new Error('The server has no output.');
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    return { child, pid, url: z.object({ url: z.string() }).parse(JSON.parse(line)).url };
  }
  throw new Error(`The server did not start: ${child.lastWords()}`);
}

function startReaders(url: string): Child {
  const args = [join(root, 'bench/chat/readers.ts'), '--url', url];
  const counts = ['--frames', flags.frames, '--sockets', flags.sockets];
  return startChild(process.execPath, [...args, ...counts], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** Ends never: posts a message each 1/rate s, whether or not the last one has been answered. */
async function write(url: string, rate: number, signal: AbortSignal, onPost: () => void): Promise<void> {
  const people = await Promise.all(Array.from({ length: writers }, () => openTextBrowser(url)));
  const forms = await Promise.all(people.map(person => person.get('/chat/form')));
  const posts: Promise<unknown>[] = [];
  const beganMs = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    await delay(Math.max(0, beganMs + (n * 1000) / rate - performance.now()));
    const [person, form] = [people[n % writers], forms[n % writers]];
    if (!person || !form) throw new Error('nobody writes');
    const nonce = `bench-${n}-${process.pid}`;
    const post = person.submit(form, { nonce, text: newMark(n) }).then(({ status }) => {
      if (status !== 303) throw new Error(`A post was answered with ${status}.`);
    });
    posts.push(post);
    onPost();
  }
  await Promise.all(posts);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

async function loadAverage(): Promise<string> {
  return (await readFile('/proc/loadavg', 'utf8')).split(' ', 2).join(' ');
}

async function run(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'bench-chat-'));
  const children: Child[] = [];
  try {
    const load = await loadAverage();
    const server = await startServer(home);
    children.push(server.child);
    const atRest = await useOf(server.pid);
    say(`Opening ${flags.frames} pages and ${flags.sockets} sockets…`);
    const readers = startReaders(server.url);
    children.push(readers);
    await told(readers, z.object({ type: z.literal('open') }));

    const seconds = Number(flags.seconds);
    const stop = new AbortController();
    let posted = 0;
    const writing = write(server.url, Number(flags.rate), stop.signal, () => {
      posted += 1;
    });
    writing.catch(() => {});
    const uses: Use[] = [];
    for (let s = 0; s <= warmUpS + seconds; s++) {
      const use = await useOf(server.pid);
      if (s >= warmUpS) uses.push(use);
      say(`${s} of ${warmUpS + seconds} s: ${posted} messages, server ${megabytes(use.rssBytes)} MB`);
      await Promise.race([delay(1000), writing]);
    }
    stop.abort();
    await writing;
    await delay(1000);
    const answer = told(readers, figuresMessage);
    readers.process.send('figures');
    report({ posted, uses, atRest, load, figures: (await answer).figures });
  } finally {
    for (const child of children.reverse()) await child.stop();
    await rm(home, { recursive: true, force: true });
  }
}

type Run = {
  posted: number;
  uses: readonly Use[];
  atRest: Use;
  load: string;
  figures: z.infer<typeof figuresMessage>['figures'];
};

function report({ posted, uses, atRest, load, figures }: Run): void {
  const [first, last] = [uses[0], uses.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  const { framesMs, socketsMs, lost, bytes } = figures;
  const expected = posted * (Number(flags.frames) + Number(flags.sockets));
  const all = [...framesMs, ...socketsMs];
  const delays = Object.entries({ all, pages: framesMs, sockets: socketsMs }).map(([name, delaysMs]) => {
    const sorted = Float64Array.from(delaysMs).sort();
    const [p50, p99, max] = [0.5, 0.99, 1].map(share => Math.round(quantile([...sorted], share) * 10) / 10);
    return { name, p50Ms: p50, p99Ms: p99, maxMs: max };
  });
  const result = {
    messages: posted,
    missing: expected - all.length,
    lost,
    delays,
    cores: Math.round(((last.cpuS - first.cpuS) / ((last.atMs - first.atMs) / 1000)) * 100) / 100,
    rssMb: {
      atRest: megabytes(atRest.rssBytes),
      begin: megabytes(first.rssBytes),
      end: megabytes(last.rssBytes),
      max: megabytes(Math.max(...uses.map(use => use.rssBytes))),
    },
    sentMb: megabytes(bytes),
    loadBefore: load,
  };
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `\n${posted} messages, ${result.missing} deliveries missing, ${lost} readers lost\n`,
    );
    for (const { name, p50Ms, p99Ms, maxMs } of delays) {
      process.stdout.write(`${name.padEnd(8)} p50 ${p50Ms} ms   p99 ${p99Ms} ms   max ${maxMs} ms\n`);
    }
    const { atRest: rest, begin, end, max } = result.rssMb;
    process.stdout.write(`server   ${result.cores} cores, ${result.sentMb} MB sent\n`);
    process.stdout.write(
      `RSS      ${rest} MB at rest, ${begin} MB at the beginning, ${end} MB at the end, ${max} MB at most\n`,
    );
    process.stdout.write(`load     ${load} before\n`);
  }
}

if (flags.help) process.stdout.write(usage);
else await run();
