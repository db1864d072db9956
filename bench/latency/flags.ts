/** The command line of the bench → what to measure. Pure but for reading it. */
import { parseArgs } from 'node:util';
import { type Row, rows } from './rows.ts';

export const usage = `Usage: node bench/latency/main.ts [flags]

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

export type Plan = {
  rows: readonly Row[];
  /** Another page than our own. */
  url: URL | undefined;
  /** The private Tor network, or loopback. */
  tor: { delayMs: number; rateBitsPerSecond: number } | undefined;
  seconds: number;
  stallS: number;
  trace: string | undefined;
  json: boolean;
};

/** Undefined when only help was asked for; throws an Error with one sentence about a flag that is wrong. */
export function parsePlan(): Plan | undefined {
  const flags = parseFlags();
  if (flags.help) return undefined;
  const wanted = rowsOf(flags);
  if (flags.tor && flags.url !== undefined) throw new Error('--tor takes our own stream, not --url.');
  if (flags.tor && wanted.some(row => row.plain))
    throw new Error('A plain row is for loopback only: leave it out.');
  return {
    rows: wanted,
    url: flags.url === undefined ? undefined : new URL(flags.url),
    tor: flags.tor
      ? { delayMs: number('--delay', flags.delay), rateBitsPerSecond: bitsPerSecond(flags.rate) }
      : undefined,
    seconds: number('--seconds', flags.seconds),
    stallS: number('--stall', flags.stall),
    trace: flags.trace,
    json: flags.json,
  };
}

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
    const names =
      flags.rows === 'all'
        ? Object.keys(rows).filter(name => !(flags.tor && rows[name]?.plain))
        : flags.rows.split(',');
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
