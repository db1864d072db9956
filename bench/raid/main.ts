/**
 * `node bench/raid/main.ts`: a raid of throw-away identities on a chat where a few people talk, with the switch off and
 * on: what gets through, whether people can go on talking, how soon the desk answers, and what the server uses.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Door } from '../../tests/kit/form-visitor.ts';
import { useOf } from '../chat/process-use.ts';
import { type Child, startChild } from '../latency/child.ts';
import { attack, attackMark } from './attack.ts';
import { Desk, type GuessFigures, guess } from './desk.ts';
import { Talker, talk, talkMark } from './people.ts';
import { type Figures, type Phase, report } from './report.ts';
import { followShown, refusalsOf, type Shown } from './shown.ts';

const usage = `Usage: node bench/raid/main.ts [flags]

Prints a table: attackers that get through, people who talk, the desk and the server, without and with "raid on".

  --seconds N     each part of the raid lasts so long (60)
  --identities N  that post at once; each is another after 4 posts (200)
  --rate N        posts of theirs a second (50)
  --people N      who talk, a message every 6 s each (5)
  --door D        plain: all from 127.0.0.1; circuits: over the onion's socket, with circuits; both (both)
  --json          the figures as JSON on stdout
`;

const options = {
  seconds: { type: 'string', default: '60' },
  identities: { type: 'string', default: '200' },
  rate: { type: 'string', default: '50' },
  people: { type: 'string', default: '5' },
  door: { type: 'string', default: 'both' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const flags = parseArgs({ options }).values;
const talkEveryMs = 6000;
const deskEveryMs = 250;
const guessesPerS = 50;
/** Of more than 20 sessions of one name the oldest end, and the desk's with them. */
const logIns = 15;
/** People are there before the attack begins; how long is of no matter if it is more than a few seconds. */
const beforehandMs = 8000;

const started = z.object({
  url: z.string(),
  socket: z.string(),
  controlSocket: z.string(),
  broadcaster: z.object({ password: z.string() }),
});
type Started = z.infer<typeof started> & { child: Child; pid: number };

function say(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

async function startServer(home: string): Promise<Started> {
  const args = [resolve(import.meta.dirname, 'server.ts'), home];
  const child = startChild(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout, pid } = child.process;
  if (!stdout || pid === undefined) throw new Error('The server has no output.');
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    return { ...started.parse(JSON.parse(line)), child, pid };
  }
  throw new Error(`The server did not start: ${child.lastWords()}`);
}

/** A moderator who looks, lists, hides and bans without a pause; how long each answer took. */
async function moderate(desk: Desk, shown: Shown, signal: AbortSignal): Promise<number[]> {
  const ms: number[] = [];
  for (let n = 0; !signal.aborted; n++) {
    const number = shown.last(attackMark);
    const lines = ['stats', 'held', ...(number ? [`hide ${number}`, `ban-purge ${number} 1h`] : [])];
    ms.push(n % 2 === 0 ? await desk.look() : await desk.give(lines[(n >> 1) % lines.length] ?? 'stats'));
    await delay(deskEveryMs);
  }
  return ms;
}

type Scene = { server: Started; door: Door; talkers: readonly Talker[]; desk: Desk; shown: Shown };

async function phase(name: string, scene: Scene, guesses: boolean): Promise<Phase> {
  const { server, door, talkers, desk, shown } = scene;
  say(`${name}…`);
  shown.forget();
  const over = AbortSignal.timeout(Number(flags.seconds) * 1000);
  const before = await useOf(server.pid);
  const force = { identities: Number(flags.identities), rate: Number(flags.rate) };
  const [attackers, people, deskMs, logIns] = await Promise.all([
    attack(door, force, over),
    talk(talkers, talkEveryMs, over),
    moderate(desk, shown, over),
    guesses ? besiege(scene, over) : undefined,
  ]);
  const after = await useOf(server.pid);
  const refusals = await refusalsOf(server.controlSocket);
  const figures: Figures = {
    attackers,
    people,
    deskMs,
    shown: { attackers: shown.count(attackMark), people: shown.count(talkMark) },
    cores: (after.cpuS - before.cpuS) / ((after.atMs - before.atMs) / 1000),
    rssBytes: after.rssBytes,
    refusals,
    logIns,
  };
  return { name, figures };
}

/** Wrong passwords without end, while the broadcaster logs in again and again as if for the first time. */
async function besiege(
  { server, door }: Scene,
  signal: AbortSignal,
): Promise<{ guesses: GuessFigures; ms: number[]; refused: number }> {
  using desk = new Desk(door, 7);
  const guessing = guess(door, guessesPerS, signal);
  const ms: number[] = [];
  let refused = 0;
  while (!signal.aborted) {
    await desk.logIn(server.broadcaster.password).then(
      took => ms.push(took),
      () => {
        refused += 1;
      },
    );
    await delay((Number(flags.seconds) * 1000) / logIns);
  }
  return { guesses: await guessing, ms, refused };
}

async function raid(way: 'plain' | 'circuits'): Promise<Phase[]> {
  const home = await mkdtemp(join(tmpdir(), 'bench-raid-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const server = await startServer(home);
  stack.defer(() => server.child.stop());
  const door = { url: server.url, socket: way === 'circuits' ? server.socket : undefined };
  const shown = stack.use(followShown(server.controlSocket));
  const desk = stack.use(new Desk({ ...door, socket: undefined }, 1));
  await desk.logIn(server.broadcaster.password);
  const talkers = Array.from({ length: Number(flags.people) }, (_, index) =>
    stack.use(new Talker(door, 10 + index)),
  );
  for (const talker of talkers) await talker.arrive();
  await delay(beforehandMs);
  const scene = { server, door, talkers, desk, shown };
  const phases = [await phase(`${way}, off`, scene, false)];
  await desk.give('raid on');
  phases.push(await phase(`${way}, on`, scene, false));
  phases.push(await phase(`${way}, on, guesses`, scene, true));
  return phases;
}

async function run(): Promise<void> {
  const load = (await readFile('/proc/loadavg', 'utf8')).split(' ', 2).join(' ');
  const phases: Phase[] = [];
  for (const way of ['plain', 'circuits'] as const) {
    if (flags.door === 'both' || flags.door === way) phases.push(...(await raid(way)));
  }
  say('');
  process.stdout.write(flags.json ? `${JSON.stringify(phases)}\n` : report(phases, load));
}

if (flags.help) process.stdout.write(usage);
else await run();
