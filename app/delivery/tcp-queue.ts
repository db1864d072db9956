/**
 * What waits on TCP connections. Kernels take seconds of video before a socket of ours is full, and Node does not show
 * what was acknowledged; Linux does, of all connections at once (proc(5), /proc/net/tcp). Elsewhere nobody tells.
 */
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Line } from './endless.ts';

const everyMs = 250;
// So much longer than it takes to read the table of all connections, we wait until we do it again.
const restFactor = 20;
// Nobody who reads lets anything lie for so long; before, it may be what a look has caught under way.
const stuckMs = 450;
/**
 * One on this machine who stops reading passes it on to somebody else, and has taken so much more himself: what a stream
 * of Node holds and the piece it has in hands, and about what nginx does.
 */
const heldByProxy = 128 * 1024;
const keptMs = 10_000;

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
const established = '01';

const [lineFeed, space, colon, zero] = [0x0a, 0x20, 0x3a, 0x30] as const;
// How an IPv6 socket has an IPv4 address (RFC 4291 §2.5.5.2); the other end may have it as it is.
const mapped = '0000000000000000FFFF0000';
const firstBytes = 64 * 1024;

export type Waiting = {
  /** Written and not acknowledged, and taken by the other end's kernel but not read, where that is on this machine. */
  bytes: number;
  /** Something of it is there. */
  isLocal: boolean;
};

/** What the tables tell of one connection, `key` as in them: local, then remote. */
export class TcpTable {
  readonly #queues = new Map<string, { sending: number; unread: number }>();

  /**
   * Adds the rows, such as `  12: 0100007F:1F90 0100007F:C350 01 00000A00:00000000 …`: who, to whom, the state, and what
   * waits. Most have nothing, and nothing is made of those: there may be thousands, several times a second.
   */
  add(rows: Buffer): void {
    for (let start = 0; start < rows.length; start = after(rows, lineFeed, start)) {
      const local = after(rows, colon, start) + 1;
      const remote = after(rows, space, local);
      const state = after(rows, space, remote);
      const queues = state + established.length + 1;
      if (isNothing(rows, queues) || rows.toString('latin1', state, queues - 1) !== established) continue;
      const hex = (from: number): number => Number.parseInt(rows.toString('latin1', from, from + 8), 16);
      const addresses = rows.toString('latin1', local, state - 1).replaceAll(mapped, '');
      this.#queues.set(addresses, { sending: hex(queues), unread: hex(queues + 9) });
    }
  }

  waiting(local: string, remote: string): Waiting {
    const here = this.#queues.get(`${local} ${remote}`);
    const there = this.#queues.get(`${remote} ${local}`);
    return { bytes: (here?.sending ?? 0) + (there?.unread ?? 0), isLocal: there !== undefined };
  }
}

/** Behind the next such byte, or the end. */
function after(rows: Buffer, byte: number, from: number): number {
  const at = rows.indexOf(byte, from);
  return at < 0 ? rows.length : at + 1;
}

/** `00000000:00000000`, or the end. */
function isNothing(rows: Buffer, from: number): boolean {
  for (let at = from; at < from + 17; at += 1) {
    const byte = rows[at] ?? zero;
    if (byte !== zero && byte !== colon) return false;
  }
  return true;
}

/** An IPv4 address and a port as the tables have them, on a machine of this byte order; undefined for others. */
export function inTable(address: string | undefined, port: number | undefined): string | undefined {
  const bytes = address?.replace('::ffff:', '').split('.').map(Number) ?? [];
  if (bytes.length !== 4 || port === undefined) return undefined;
  const hex = Buffer.from(bytes.toReversed()).toString('hex').toUpperCase();
  return `${hex}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

class TcpLine implements Line {
  readonly #socket: Socket;
  readonly #now: () => number;
  /** When how much had been written, oldest first. */
  #written: { atMs: number; bytes: number }[] = [];
  #waiting: Waiting = { bytes: 0, isLocal: false };

  constructor(socket: Socket, now: () => number) {
    this.#socket = socket;
    this.#now = now;
  }

  /** How long ago the oldest byte that waits was written, in ms. */
  get queuedMs(): number {
    const { bytes, isLocal } = this.#waiting;
    const ms = this.#ageMs(bytes);
    return isLocal && ms > stuckMs ? this.#ageMs(bytes + heldByProxy) : ms;
  }

  look(table: TcpTable): void {
    const { localAddress, localPort, remoteAddress, remotePort, bytesWritten } = this.#socket;
    const [local, remote] = [inTable(localAddress, localPort), inTable(remoteAddress, remotePort)];
    if (local === undefined || remote === undefined) return;
    this.#waiting = table.waiting(local, remote);
    const nowMs = this.#now();
    if (this.#written.at(-1)?.bytes !== bytesWritten)
      this.#written.push({ atMs: nowMs, bytes: bytesWritten });
    while ((this.#written[1]?.atMs ?? nowMs) < nowMs - keptMs) this.#written.shift();
  }

  #ageMs(waitingBytes: number): number {
    if (waitingBytes === 0) return 0;
    const gone = (this.#written.at(-1)?.bytes ?? 0) - waitingBytes;
    const oldest = this.#written.find(({ bytes }) => bytes > gone);
    return oldest ? this.#now() - oldest.atMs : 0;
  }
}

/** Looks at all lines that are watched, with one look at the tables. */
export class TcpQueues {
  readonly #lines = new Set<TcpLine>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** Used again for each look. */
  #bytes = Buffer.alloc(firstBytes);

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** Until the socket closes. Undefined where nobody tells. */
  watch(socket: Socket): Line | undefined {
    if (process.platform !== 'linux' || !inTable(socket.remoteAddress, socket.remotePort)) return undefined;
    const line = new TcpLine(socket, this.#now);
    this.#lines.add(line);
    socket.once('close', () => this.#lines.delete(line));
    this.#timer ??= setTimeout(() => void this.#look(), everyMs).unref();
    return line;
  }

  async #look(): Promise<void> {
    const begunMs = performance.now();
    const table = new TcpTable();
    for (const path of tables) table.add(await this.#read(path));
    for (const line of this.#lines) line.look(table);
    const tookMs = performance.now() - begunMs;
    const restMs = Math.max(everyMs, restFactor * tookMs);
    this.#timer = this.#lines.size > 0 ? setTimeout(() => void this.#look(), restMs).unref() : undefined;
  }

  /** The whole file, until the next one is read; empty where there is none. */
  async #read(path: string): Promise<Buffer> {
    try {
      await using file = await open(path);
      for (let length = 0; ; ) {
        if (length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
        const { bytesRead } = await file.read(this.#bytes, length, this.#bytes.length - length, null);
        if (bytesRead === 0) return this.#bytes.subarray(0, length);
        length += bytesRead;
      }
    } catch {
      return Buffer.alloc(0);
    }
  }
}
