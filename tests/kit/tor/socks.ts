import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export type SocksTarget = { socksPort: number; host: string; port?: number; isolation?: string };

/**
 * A connection to `host:port` (port 80 unless told) through tor's SOCKS port (RFC 1928, RFC 1929). Connections
 * with different `isolation` never share a circuit (IsolateSOCKSAuth). Rejects with tor's reply code.
 */
export async function connectThroughTor({
  socksPort,
  host,
  port = 80,
  isolation = 'one',
}: SocksTarget): Promise<Socket> {
  const socket = connect(socksPort, '127.0.0.1');
  const name = Buffer.from(host);
  const user = Buffer.from(isolation);
  try {
    socket.write(Buffer.from([5, 1, 2]));
    await read(socket, 2);
    socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([1, 0x78])]));
    await read(socket, 2);
    socket.write(
      Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]),
    );
    const reply = await read(socket, 10);
    if (reply[1] !== 0) throw new Error(`tor's SOCKS port refused ${host}:${port} with code ${reply[1]}`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk: Buffer | null = socket.read(bytes);
    if (chunk?.length === bytes) return chunk;
    await new Promise<void>((resolve, reject) => {
      socket
        .once('readable', resolve)
        .once('error', reject)
        .once('end', () => reject(new Error('SOCKS: closed')));
    });
  }
}

/** GET over one connection through tor; the whole answer as text. */
export async function getThroughTor(
  target: SocksTarget,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const socket = await connectThroughTor(target);
  return new Promise((resolve, reject) => {
    const options = { path, headers, host: target.host, createConnection: () => socket };
    const get = request(options, response => {
      let body = '';
      response.setEncoding('utf8').on('data', text => (body += text));
      response
        .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        .on('error', reject);
    });
    get.on('error', reject).end();
  });
}
