/**
 * The onion's own door: a unix socket on which each connection begins with tor's PROXY line. Owns the socket
 * file and the connections' first line; knows nothing of HTTP. That line must never be accepted elsewhere.
 */
import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { ownPrivateFolder } from './folders.ts';
import { circuitOfProxyLine, maxProxyLineBytes } from './proxy-line.ts';

const lineDeadlineMs = 5_000;
const lineFeed = 0x0a;
const circuitKey = Symbol('circuit');

/** The circuit (a number of tor's control port) a connection came over, if it came over the onion. */
export function circuitOf(socket: object): number | undefined {
  return circuitKey in socket && typeof socket[circuitKey] === 'number' ? socket[circuitKey] : undefined;
}

export type CircuitListenerDeps = {
  /** Takes the connection over before it returns; what follows the PROXY line is still to be read from it. */
  onConnection(socket: Socket, circuit: number): void;
  log: Log;
};

/** 0600: for a tor of our own user, in a folder of our own. 0660: for the system's, in a folder it can enter. */
export type CircuitListenerConfig = { path: string; mode: 0o600 | 0o660 };

export class CircuitListener {
  readonly path: string;
  readonly #mode: number;
  readonly #log: Log;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor({ onConnection, log }: CircuitListenerDeps, { path, mode }: CircuitListenerConfig) {
    this.path = path;
    this.#mode = mode;
    this.#log = log;
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

  /** Throws Failure `onion-socket-taken`, `onion-socket-unusable` or `tor-folder-unusable`. */
  async listen(): Promise<void> {
    if (this.#mode === 0o600) await ownPrivateFolder(dirname(this.path));
    try {
      await removeStaleSocket(this.path);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
      await promise;
      // From here on an error is a connection that could not be accepted, for want of file descriptors.
      this.#server.on('error', error => this.#log.error(`onion socket: ${error.message}`));
      await chmod(this.path, this.#mode);
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(
        'onion-socket-unusable',
        `The onion's socket ${this.path} can't be opened: ${sentenceOf(error)}. Its folder must exist and be ours.`,
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

/** Calls `onCircuit` with the socket paused and the bytes after the line put back, or destroys the socket. */
function readProxyLine(socket: Socket, onCircuit: (circuit: number) => void): void {
  let seen = Buffer.alloc(0);
  const destroy = () => {
    socket.destroy();
  };
  const deadline = setTimeout(destroy, lineDeadlineMs);
  const leave = () => {
    clearTimeout(deadline);
    socket.off('data', onData).off('error', destroy).off('end', destroy).off('close', leave);
  };
  const onData = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.subarray(0, maxProxyLineBytes).indexOf(lineFeed) + 1;
    if (end === 0 && seen.length < maxProxyLineBytes) return;
    const circuit = circuitOfProxyLine(seen.toString('latin1', 0, end));
    if (circuit === undefined) {
      socket.destroy();
      return;
    }
    socket.pause();
    leave();
    if (seen.length > end) socket.unshift(seen.subarray(end));
    onCircuit(circuit);
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
    throw new Failure('onion-socket-taken', `${path} is in the way: it is no socket. Move it away.`, {
      path,
    });
  }
  const isAnswered = await new Promise<boolean>(resolve => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
  if (isAnswered) {
    throw new Failure(
      'onion-socket-taken',
      `Another process listens on ${path}. Stop it, or give this one another data folder.`,
      { path },
    );
  }
  await rm(path, { force: true });
}
