/**
 * The readers of bench/chat, in a process of their own: endless pages and WebSockets, each with its own session.
 * Talks to its parent by messages: `open` when all are reading, `figures` when it is asked for them.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { visit } from '../../tests/kit/visitor.ts';
import { markIn } from './mark.ts';

export type ReaderFigures = {
  /** Milliseconds from the post to the last byte at the reader, of each delivery, by kind. */
  framesMs: number[];
  socketsMs: number[];
  /** Readers whose connection has ended. */
  lost: number;
  bytes: number;
};

const { values } = parseArgs({
  options: { url: { type: 'string' }, frames: { type: 'string' }, sockets: { type: 'string' } },
});
const url = new URL(values.url ?? '');
const figures: ReaderFigures = { framesMs: [], socketsMs: [], lost: 0, bytes: 0 };

function request(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

// A masked pong without payload (RFC 6455 §5.5.3): the server cuts off who gives no sign of life.
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const pongEveryMs = 10_000;

/** Reads what the server sends, byte by byte as it comes: marks are looked for, nothing else is understood. */
function read(socket: Socket, delaysMs: number[]): void {
  let rest = '';
  socket.on('data', chunk => {
    const nowNs = process.hrtime.bigint();
    figures.bytes += chunk.length;
    const text = rest + chunk.toString('latin1');
    let from = 0;
    for (let mark = markIn(text, from); mark; mark = markIn(text, from)) {
      delaysMs.push(Number(nowNs - mark.sentNs) / 1e6);
      from = mark.end;
    }
    // A mark may come in two pieces.
    rest = text.slice(Math.max(from, text.length - 64));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    figures.lost += 1;
  });
}

async function open(kind: 'frame' | 'socket'): Promise<void> {
  const { headers } = await visit(url.href);
  const socket = connect({ port: Number(url.port), host: url.hostname });
  socket.setNoDelay(true);
  socket.write(
    kind === 'frame' ? request('/chat/live', headers) : request('/socket', { ...headers, ...upgrade }),
  );
  const [first] = await once(socket, 'data');
  const status = String(first).slice(9, 12);
  if (status !== (kind === 'frame' ? '200' : '101')) throw new Error(`A ${kind} got ${status}.`);
  if (kind === 'socket') {
    const alive = setInterval(() => socket.write(pong), pongEveryMs);
    socket.once('close', () => clearInterval(alive));
  }
  read(socket, kind === 'frame' ? figures.framesMs : figures.socketsMs);
}

const kinds = [
  ...Array.from({ length: Number(values.frames) }, () => 'frame' as const),
  ...Array.from({ length: Number(values.sockets) }, () => 'socket' as const),
];
const atOnce = 10;
const opening = kinds.values();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (const kind of opening) await open(kind);
  }),
);
process.on('message', () => process.send?.({ type: 'figures', figures }));
process.send?.({ type: 'open' });
