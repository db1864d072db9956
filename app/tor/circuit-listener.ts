/**
 * The onion's own door: a unix socket on which each connection begins with tor's PROXY line. Owns the socket
 * file and the connections until their line is read; knows nothing of HTTP. Never accept that line elsewhere.
 */
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { circuitOfProxyLine, maxProxyLineBytes } from './proxy-line.ts';

const lineDeadlineMs = 5_000;
const lineFeed = 0x0a;
const circuitKey = Symbol('circuit');

/** The circuit (a number of tor's control port) a connection came over, if it came over the onion. */
export function circuitOf(socket: object): number | undefined {
  return circuitKey in socket && typeof socket[circuitKey] === 'number' ? socket[circuitKey] : undefined;
}

export type CircuitListenerDeps = {
  /** Takes over the connection; whatever follows the PROXY line is still to be read from it. */
  onConnection(socket: Socket, circuit: number): void;
};

/** `mode` is 0600 for a tor of the same user, 0660 for one of the same group. */
export type CircuitListenerConfig = { path: string; mode: 0o600 | 0o660 };

export class CircuitListener {
  readonly path: string;
  readonly #mode: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor({ onConnection }: CircuitListenerDeps, { path, mode }: CircuitListenerConfig) {
    this.path = path;
    this.#mode = mode;
    // Half-open as node's own http server: a request's end is not the answer's end.
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      readProxyLine(socket, circuit => {
        Object.defineProperty(socket, circuitKey, { value: circuit });
        onConnection(socket, circuit);
        socket.resume();
      });
    });
  }

  /** Throws Failure `onion-socket-taken` or `onion-socket-unusable`. */
  async listen(): Promise<void> {
    try {
      // A folder that exists keeps its mode: in the system's tor case it is the operator's.
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await removeStaleSocket(this.path);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
      await promise;
      await chmod(this.path, this.#mode);
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(
        'onion-socket-unusable',
        `The onion's socket ${this.path} can't be opened: ${sentenceOf(error)}. Its folder must be ours to write.`,
        { path: this.path },
        { cause: error },
      );
    }
  }

  /** Ends all connections and removes the socket file. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise(resolve => this.#server.close(resolve));
  }
}

/** Calls `onCircuit` with the rest of the bytes put back and the socket paused, or destroys the socket. */
function readProxyLine(socket: Socket, onCircuit: (circuit: number) => void): void {
  let seen = Buffer.alloc(0);
  const destroy = () => socket.destroy();
  const deadline = setTimeout(destroy, lineDeadlineMs);
  const onData = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.subarray(0, maxProxyLineBytes).indexOf(lineFeed) + 1;
    if (end === 0 && seen.length < maxProxyLineBytes) return;
    socket.pause();
    leave();
    const circuit = circuitOfProxyLine(seen.toString('latin1', 0, end));
    if (circuit === undefined) {
      socket.destroy();
      return;
    }
    if (seen.length > end) socket.unshift(seen.subarray(end));
    onCircuit(circuit);
  };
  const leave = () => {
    clearTimeout(deadline);
    socket.off('data', onData).off('error', destroy).off('end', destroy).off('close', leave);
  };
  socket.on('data', onData).on('error', destroy).on('end', destroy).on('close', leave);
}

/** A socket file is left behind by a process that was killed; one that answers belongs to somebody. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return;
  if (!found.isSocket()) {
    throw new Failure('onion-socket-taken', `${path} is in the way: it is not a socket. Move it away.`, {
      path,
    });
  }
  const answers = await new Promise<boolean>(resolve => {
    const probe = connect(path, () => resolve(true)).once('error', () => resolve(false));
    probe.once('close', () => resolve(false)).unref();
    setTimeout(() => probe.destroy(), 1_000).unref();
    probe.once('connect', () => probe.destroy());
  });
  if (answers) {
    throw new Failure(
      'onion-socket-taken',
      `Another process listens on ${path}. Stop it, or give this one another data folder.`,
      { path },
    );
  }
  await rm(path, { force: true });
}
