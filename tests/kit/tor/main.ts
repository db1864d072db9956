/**
 * A private Tor network to try things by hand: boots it with one client, prints one JSON line, and ends on
 * Ctrl-C. `node tests/kit/tor/main.ts --delay 35 --rate 3mbit`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTorNetwork } from './network.ts';

const usage = `Usage: node tests/kit/tor/main.ts [--delay MS] [--rate RATE] [--clients N]
  --delay MS    each link to a relay takes MS longer (a round trip to an onion: 14 × MS + 10)
  --rate RATE   what each client may carry each way, such as 3mbit or 500kbit
  --clients N   how many client tors (1)
Prints {"socksPorts":[…],"torrcLines":[…]} when it can be used. Ctrl-C ends it.
`;

const { values } = parseArgs({
  options: {
    delay: { type: 'string', default: '0' },
    rate: { type: 'string' },
    clients: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  await serve().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

async function serve(): Promise<void> {
  const delayMs = wholeNumber('--delay', values.delay);
  const clientCount = wholeNumber('--clients', values.clients);
  const rate = values.rate === undefined ? {} : { rateBitsPerSecond: bitsPerSecond(values.rate) };
  const stopped = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const dir = await mkdtemp(join(tmpdir(), 'tor-'));
  try {
    const network = await startTorNetwork({ dir, delayMs });
    try {
      const clients = await Promise.all(Array.from({ length: clientCount }, () => network.startClient(rate)));
      const socksPorts = clients.map(client => client.socksPort);
      process.stdout.write(`${JSON.stringify({ socksPorts, torrcLines: network.torrcLines })}\n`);
      await stopped;
    } finally {
      await network.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw new Error(`${name} takes a whole number, not ${JSON.stringify(text)}.\n${usage}`);
  return Number(text);
}

function bitsPerSecond(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([km])bit$/.exec(text) ?? [];
  if (number === undefined)
    throw new Error(`--rate takes 3mbit or 500kbit, not ${JSON.stringify(text)}.\n${usage}`);
  return Number(number) * (unit === 'm' ? 1_000_000 : 1_000);
}
