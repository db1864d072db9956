import { connect, createServer, type Socket } from 'node:net';

export type Forwarder = { readonly port: number; close(): Promise<void> };

/**
 * Listens on a free loopback port and passes every connection on to `target()`, each chunk (and the end of the
 * stream) `delayMs` later, in both directions: one link of a slow network.
 */
export async function startForwarder(delayMs: number, target: () => number): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, near => {
    const far = connect({ port: target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        setTimeout(() => (socket === near ? far : near).destroy(), delayMs).unref();
      });
    }
    passOn(near, far, delayMs);
    passOn(far, near, delayMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the forwarder has no port');
  return {
    port: address.port,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function passOn(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', chunk => {
    setTimeout(() => {
      if (to.writable) to.write(chunk);
    }, delayMs);
    // What is under way on a link is bounded by what its far end takes.
    if (to.writableLength > 1024 * 1024) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
}
