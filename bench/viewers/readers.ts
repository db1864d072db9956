/**
 * The viewers of bench/viewers, in a process of their own: so many open responses, read as they come and thrown away.
 * Talks to its parent by messages: `open` when all of them have got bytes, `figures` for what came since `begin`.
 */
import { connect } from 'node:net';
import { parseArgs } from 'node:util';

export type ViewerFigures = {
  /** Milliseconds between two arrivals at one viewer: how many there were of each length, by the index. */
  gaps: number[];
  bytes: number;
  /** Viewers whose response has ended. */
  lost: number;
};

const { values } = parseArgs({
  options: { url: { type: 'string' }, count: { type: 'string' }, agent: { type: 'string' } },
});
const url = new URL(values.url ?? '');
const count = Number(values.count);
// Arrivals of one burst: what one write of the server was cut into on its way.
const burstMs = 5;
const longestMs = 20_000;
const atOnce = 20;

const head = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: ${values.agent ?? ''}\r\n\r\n`;

let figures: ViewerFigures = { gaps: [], bytes: 0, lost: 0 };

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ port: Number(url.port), host: url.hostname });
  let lastMs: number | undefined;
  socket.write(head);
  socket.once('data', first => {
    if (String(first.subarray(9, 12)) !== '200')
      reject(new Error(`A viewer got ${String(first).slice(0, 80)}`));
    else resolve();
  });
  socket.on('data', chunk => {
    const nowMs = performance.now();
    figures.bytes += chunk.length;
    const gapMs = Math.round(nowMs - (lastMs ?? nowMs));
    if (gapMs >= burstMs) {
      const index = Math.min(gapMs, longestMs);
      figures.gaps[index] = (figures.gaps[index] ?? 0) + 1;
    }
    lastMs = nowMs;
  });
  socket.on('error', reject);
  socket.on('close', () => {
    figures.lost += 1;
  });
  return promise;
}

const opening = Array.from({ length: count }).values();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (const _ of opening) await open();
  }),
);
process.on('message', message => {
  if (message === 'begin') figures = { gaps: [], bytes: 0, lost: 0 };
  else
    process.send?.({ type: 'figures', figures: { ...figures, gaps: Array.from(figures.gaps, n => n ?? 0) } });
});
process.send?.({ type: 'open' });
