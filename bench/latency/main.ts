/**
 * `node bench/latency/main.ts`: how far behind the scene each kind of viewer is, glass to glass. Starts what it needs
 * and leaves nothing behind. docs/latency.md tells the method and the figures.
 */
import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startDisplay, startPulse } from '../../tests/kit/desktop.ts';
import { startBroadcast } from './broadcast.ts';
import { type Child, startChild } from './child.ts';
import { type Link, openLoopbackLink, startTorLinks } from './link.ts';
import { type Measured, measure } from './measure.ts';
import { type Outcome, report } from './report.ts';
import { type Row, rows } from './rows.ts';
import { displaySize } from './viewer.ts';

const usage = `Usage: node bench/latency/main.ts [flags]

Broadcasts a picture of the wall clock through the project as it is, watches it in real browsers, and prints how old
what they show is. One row by its flags, or several by name.

  --rows NAMES       all, or names with commas: ${Object.keys(rows).join(', ')}
  --browser NAME     firefox or chromium (firefox)
  --javascript WORD  on or off (off)
  --sound            the viewer presses play and hears it, on a sound daemon of our own
  --hls              video.js plays LL-HLS
  --plain            without the packaging made for Firefox
  --url URL          watch this page instead of our own; its picture must be our scene's
  --tor              through a private Tor network, the stream as an onion service
  --delay MS         with --tor: each link takes so long (35: a round trip of 500 ms)
  --rate RATE        with --tor: what the viewer's tor may carry, such as 3mbit (3mbit)
  --seconds N        how long to watch each row (120)
  --stall S          in the middle nothing passes for S seconds (0)
  --trace FILE       every sample, as JSON lines: row, Date.now() of the grab, what the barcode said
  --json             the figures as JSON on stdout
`;

function parseFlags() {
  return parseArgs({
    options: {
      rows: { type: 'string' },
      browser: { type: 'string', default: 'firefox' },
      javascript: { type: 'string', default: 'off' },
      sound: { type: 'boolean', default: false },
      hls: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
      url: { type: 'string' },
      tor: { type: 'boolean', default: false },
      delay: { type: 'string', default: '35' },
      rate: { type: 'string', default: '3mbit' },
      seconds: { type: 'string', default: '120' },
      stall: { type: 'string', default: '0' },
      trace: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

type Flags = ReturnType<typeof parseFlags>;

function number(name: string, text: string): number {
  if (/^\d{1,5}(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`${name} takes a number, not ${JSON.stringify(text)}.`);
}

function bitsPerSecond(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([km])bit$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`--rate takes 3mbit or 500kbit, not ${JSON.stringify(text)}.`);
  return Number(count) * (unit === 'm' ? 1_000_000 : 1000);
}

function rowsOf(flags: Flags): Row[] {
  if (flags.rows !== undefined) {
    const names = flags.rows === 'all' ? Object.keys(rows) : flags.rows.split(',');
    return names.map(name => {
      const row = rows[name];
      if (!row) throw new Error(`There is no row ${name}; there are ${Object.keys(rows).join(', ')}.`);
      return row;
    });
  }
  const { browser, javascript, sound, hls, plain } = flags;
  if (browser !== 'firefox' && browser !== 'chromium')
    throw new Error('--browser takes firefox or chromium.');
  if (javascript !== 'on' && javascript !== 'off') throw new Error('--javascript takes on or off.');
  if (hls && javascript === 'off') throw new Error('--hls needs --javascript on.');
  const wanted: Omit<Row, 'name' | 'targetMs'> = {
    ...{ browser, javascript: javascript === 'on', sound, hls, plain },
  };
  const known = Object.values(rows).find(row =>
    Object.entries(wanted).every(([key, value]) =>
      Object.entries(row).some(([k, v]) => k === key && v === value),
    ),
  );
  const words = [
    browser,
    `JavaScript ${javascript}`,
    sound ? 'with sound' : 'muted',
    hls && 'LL-HLS',
    plain && 'plain',
  ];
  const name = words.filter(word => word !== false).join(', ');
  return [known ?? { ...wanted, name, targetMs: { loopback: null, tor: null } }];
}

function queryOf({ sound, hls }: Row): string {
  const query = [...(sound ? ['sound=1'] : []), ...(hls ? ['player=hls'] : [])].join('&');
  return query ? `?${query}` : '';
}

async function run(flags: Flags, stack: AsyncDisposableStack): Promise<void> {
  const wanted = rowsOf(flags);
  const [seconds, stallS] = [number('--seconds', flags.seconds), number('--stall', flags.stall)];
  const path = flags.tor ? 'tor' : 'loopback';
  if (flags.tor && wanted.some(row => row.plain)) throw new Error('A plain row is for loopback only.');
  const own = <T extends { close(): Promise<void> }>(thing: T): T => stack.adopt(thing, each => each.close());
  const say = (text: string): void => void process.stderr.write(`${text}\n`);

  const delayMs = number('--delay', flags.delay);
  const links = flags.tor
    ? own(await startTorLinks({ delayMs, rateBitsPerSecond: bitsPerSecond(flags.rate) }))
    : undefined;
  const broadcast = flags.url === undefined ? own(await startBroadcast(links?.torrcLines)) : undefined;
  const pulse = own(await startPulse());
  const loudspeaker = keepAwake(pulse.env);
  stack.defer(() => loudspeaker.stop());
  const server = new URL(flags.url ?? broadcast?.url ?? '');
  const outcomes: Outcome[] = [];
  for (const row of wanted) {
    say(`${row.name} …`);
    const measured = await watch(row, {
      link: () =>
        links
          ? links.open(broadcast?.onion ?? server.hostname)
          : openLoopbackLink(server, { plain: row.plain }),
      ...{ seconds, stallS, env: pulse.env, onProgress: say },
    }).catch((error: unknown) => ({ failure: error instanceof Error ? error.message : String(error) }));
    outcomes.push({ row, measured });
    if (flags.trace !== undefined && 'trace' in measured) {
      const lines = measured.trace.map(({ atMs, shownMs }) =>
        JSON.stringify([row.name, atMs, shownMs ?? null]),
      );
      await appendFile(flags.trace, `${lines.join('\n')}\n`);
    }
  }
  const source = await broadcast?.sourceDelay();
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ path, source, rows: outcomes.map(({ measured }) => ({ ...measured, trace: undefined })) }, null, 2)}\n`
      : report(outcomes, path, source),
  );
  if (outcomes.some(({ measured }) => 'failure' in measured)) process.exitCode = 1;
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
  link(): Promise<Link>;
  env: Readonly<Record<string, string>>;
  seconds: number;
  stallS: number;
  onProgress(text: string): void;
};

/** One row, on a display and a link of its own. */
async function watch(row: Row, { link, env, ...options }: WatchOptions): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const { display } = stack.adopt(await startDisplay(displaySize), each => each.close());
  const network = stack.adopt(await link(), each => each.close());
  const { url, socksPort } = network;
  const page = new URL(queryOf(row), url).href;
  const viewer = { url: page, display, env, ...(socksPort === undefined ? {} : { socksPort }) };
  return await measure(row, { ...options, network, viewer });
}

const stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(130)));
}
try {
  const flags = parseFlags();
  if (flags.help) process.stdout.write(usage);
  else await run(flags, stack);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
