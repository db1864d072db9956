/**
 * A line to a server that carries only so much, or for a while nothing at all. What it has not carried yet waits in the
 * kernel's buffers, and the server takes it for sent: as in a circuit of tor.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export type SlowLine = AsyncDisposable & {
  /** As the server's own, with another port. */
  url: string;
  /** Bytes a second towards the client, for all of its connections together; 0 stands still, Infinity holds nothing back. */
  setRate(bytesPerSecond: number): void;
};

// Small enough that a slow line brings a little all the time.
const sliceBytes = 2048;

export async function laySlowLine(url: string): Promise<SlowLine> {
  const port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let rate = Number.POSITIVE_INFINITY;
  /** When what has been let through so far would have been through. */
  let busyUntilMs = 0;
  const waiting = new Set<() => void>();

  /** Resolves when the line has carried so many more bytes. */
  async function carry(bytes: number): Promise<void> {
    while (rate === 0) await new Promise<void>(resolve => waiting.add(resolve));
    const nowMs = performance.now();
    busyUntilMs = Math.max(nowMs, busyUntilMs) + (bytes / rate) * 1000;
    const waitMs = busyUntilMs - nowMs;
    if (waitMs > 1) await new Promise(resolve => setTimeout(resolve, waitMs));
  }

  const throttle = (): Transform =>
    new Transform({
      readableHighWaterMark: 1,
      writableHighWaterMark: 1,
      transform(chunk: Buffer, _encoding, done) {
        void (async () => {
          for (let start = 0; start < chunk.length; start += sliceBytes) {
            const slice = chunk.subarray(start, start + sliceBytes);
            await carry(slice.length);
            if (this.destroyed) return;
            this.push(slice);
          }
          done();
        })();
      },
    });

  const server = createServer({ noDelay: true, allowHalfOpen: true }, near => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const gate = throttle();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
        gate.destroy();
      });
    }
    near.pipe(far);
    far.pipe(gate).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    setRate(bytesPerSecond) {
      rate = bytesPerSecond;
      busyUntilMs = 0;
      for (const resume of [...waiting]) resume();
      waiting.clear();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      for (const resume of [...waiting]) resume();
      await closed;
    },
  };
}
