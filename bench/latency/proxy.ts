/**
 * A piece of network that can stand still: passes TCP connections on, and on `pause` nothing more, in either direction.
 * It takes nothing while it pauses, so what is under way waits in the kernel's buffers at both ends, as it would there.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export type Proxy = {
  readonly port: number;
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

export type ProxyOptions = {
  target: { host: string; port: number };
  /** Changes what comes from the client: a chunk each, which begins with the head of a request if it brings one. */
  rewrite?: (chunk: string) => string;
};

export async function startProxy({ target, rewrite }: ProxyOptions): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isPaused = false;
  const waiting = new Set<() => void>();

  /** Holds chunks back while paused; with no room of its own, its source stops reading after one. */
  const gate = (change?: (chunk: string) => string): Transform =>
    new Transform({
      readableHighWaterMark: 1,
      writableHighWaterMark: 1,
      transform(chunk: Buffer, _encoding, done) {
        const changed = change ? Buffer.from(change(chunk.toString('latin1')), 'latin1') : chunk;
        const pass = (): void => done(null, changed);
        if (isPaused) waiting.add(pass);
        else pass();
      },
    });

  const server = createServer({ noDelay: true, allowHalfOpen: true }, near => {
    const far = connect({ ...target, noDelay: true, allowHalfOpen: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(gate(rewrite)).pipe(far);
    far.pipe(gate()).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    port: address.port,
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      const due = [...waiting];
      waiting.clear();
      for (const pass of due) pass();
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
