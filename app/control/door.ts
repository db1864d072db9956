/**
 * The terminal's door: a unix socket (0600) that takes the commands of moderation/ line by line, from whoever may open
 * it, which is the broadcaster's own user. Decides nothing itself.
 */
import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { type ClientDeps, ControlClient } from './client.ts';

const maxClients = 64;

export class ControlDoor {
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(deps: ClientDeps, { path }: { path: string }) {
    this.#path = path;
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      if (this.#sockets.size >= maxClients) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      new ControlClient(socket, deps);
    });
  }

  /** Throws Failure `control-socket-taken` or `control-socket-unusable`. */
  async listen(): Promise<void> {
    await removeStaleSocket(this.#path);
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    // Nobody else may connect, not even in the moment before the rights are set: bind(2) is done when listen returns.
    const before = process.umask(0o177);
    try {
      this.#server.listen(this.#path, listening.resolve);
    } finally {
      process.umask(before);
    }
    try {
      await listening.promise;
      await chmod(this.#path, 0o600);
    } catch (error) {
      throw new Failure(
        'control-socket-unusable',
        `The control socket ${this.#path} can't be opened: ${sentenceOf(error)}.`,
        { path: this.#path },
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

/** A socket file is left behind by a process that was killed; one that answers belongs to another server. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return;
  const isTaken = !found.isSocket() || (await isAnswered(path));
  if (isTaken) {
    throw new Failure(
      'control-socket-taken',
      `Another server listens on ${path}. Stop it, or give this one another data folder.`,
      { path },
    );
  }
  await rm(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
