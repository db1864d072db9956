/** A TCP proxy that notes what was asked for, in its order, and how many bytes came back for it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Asked = {
  method: string;
  /** Without the query. */
  path: string;
  atMs: number;
  /** Head and body, as they came over the wire. */
  bytes: number;
};

export type CountingProxy = { url: string; asked: readonly Asked[]; close(): Promise<void> };

const requestLine = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/;

export async function startCountingProxy(target: URL): Promise<CountingProxy> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, near => {
    const far = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    let current: Asked | undefined;
    near.on('data', (chunk: Buffer) => {
      const [, method, path] = requestLine.exec(chunk.toString('latin1')) ?? [];
      if (!method || !path) return;
      current = { method, path: path.replace(/\?.*/, ''), atMs: performance.now(), bytes: 0 };
      asked.push(current);
    });
    far.on('data', (chunk: Buffer) => {
      if (current) current.bytes += chunk.length;
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${address.port}/`, asked, close };
}
