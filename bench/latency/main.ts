/**
 * `node bench/latency/main.ts`: how far behind the scene each kind of viewer is, glass to glass. Starts what it needs
 * and leaves nothing behind. docs/latency.md tells the method and the figures.
 */
import { appendFile } from 'node:fs/promises';
import { startDisplay, startPulse } from '../../tests/kit/desktop.ts';
import { startBroadcast } from './broadcast.ts';
import { type Child, startChild } from './child.ts';
import { type Plan, parsePlan, usage } from './flags.ts';
import { type Link, openLoopbackLink, startTorLinks } from './link.ts';
import { type Measured, measure } from './measure.ts';
import { type Outcome, report } from './report.ts';
import type { Row } from './rows.ts';
import { displaySize } from './viewer.ts';

function queryOf({ sound, hls }: Row): string {
  const query = [...(sound ? ['sound=1'] : []), ...(hls ? ['player=hls'] : [])].join('&');
  return query ? `?${query}` : '';
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function run(plan: Plan, signal: AbortSignal): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const own = <T extends { close(): Promise<void> }>(thing: T): T => stack.adopt(thing, each => each.close());
  const links = plan.tor && own(await startTorLinks(plan.tor));
  const broadcast = plan.url ? undefined : own(await startBroadcast(links?.torrcLines));
  const { env } = own(await startPulse());
  stack.adopt(keepAwake(env), each => each.stop());
  const server = plan.url ?? new URL(broadcast?.url ?? '');
  const open = ({ plain }: Row): Promise<Link> =>
    links ? links.open(broadcast?.onion ?? '') : openLoopbackLink(server, { plain });

  const outcomes: Outcome[] = [];
  for (const row of plan.rows) {
    if (signal.aborted) break;
    say(`${row.name} …`);
    const measured = await watch(row, { open, env, signal, plan }).catch((error: unknown) => ({
      failure: sentenceOf(error),
    }));
    outcomes.push({ row, measured });
    if (plan.trace !== undefined && 'trace' in measured) await appendFile(plan.trace, linesOf(measured));
  }
  const path = plan.tor ? 'tor' : 'loopback';
  const source = await broadcast?.sourceDelay();
  const figures = outcomes.map(({ measured }) => ({ ...measured, trace: undefined }));
  process.stdout.write(
    plan.json
      ? `${JSON.stringify({ path, source, rows: figures }, null, 2)}\n`
      : report(outcomes, path, source),
  );
  if (outcomes.some(({ measured }) => 'failure' in measured)) process.exitCode = 1;
}

function linesOf({ row, trace }: Measured): string {
  return trace.map(({ atMs, shownMs }) => `${JSON.stringify([row, atMs, shownMs ?? null])}\n`).join('');
}

/**
 * PulseAudio's null sink renders two seconds at a time while nobody wants less, and a sound that begins meanwhile waits for
 * the end of these: no sound card does. One who listens closely keeps it at steps of 20 ms.
 */
function keepAwake(env: Readonly<Record<string, string>>): Child {
  const input = ['-f', 'pulse', '-sample_rate', '48000', '-fragment_size', '3840', '-i', 'speaker.monitor'];
  return startChild('ffmpeg', ['-nostdin', '-v', 'error', ...input, '-f', 'null', '-'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

type WatchOptions = {
  open(row: Row): Promise<Link>;
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  plan: Plan;
};

/** One row, on a display and a link of its own. */
async function watch(row: Row, { open, env, signal, plan }: WatchOptions): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const { display } = stack.adopt(await startDisplay(displaySize), each => each.close());
  const network = stack.adopt(await open(row), each => each.close());
  const { url, socksPort } = network;
  const page = new URL(queryOf(row), url).href;
  const viewer = { url: page, display, env, ...(socksPort === undefined ? {} : { socksPort }) };
  const { seconds, stallS } = plan;
  return await measure(row, { seconds, stallS, signal, network, viewer, onProgress: say });
}

const stop = new AbortController();
// A second signal finds us gone: what we have started goes with us, however we end.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => stop.abort());
}
try {
  const plan = parsePlan();
  if (plan) await run(plan, stop.signal);
  else process.stdout.write(usage);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
