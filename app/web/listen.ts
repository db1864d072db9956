import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';

const badRequest = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** The one HTTP server; sockets of the onion service are handed to it as further connections. */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(
    // A slow circuit needs seconds for its headers; nobody needs a minute.
    { headersTimeout: 30_000, requestTimeout: 60_000, keepAliveTimeout: 30_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      // One that came before the last one was answered (RFC 9112 §9.3.2) has no socket yet. No browser sends any; behind
      // a response that never ends, hundreds of them would take as many places of viewers.
      if (response.socket) listener(request, response);
      else request.socket.destroy();
    },
  );
  server.maxRequestsPerSocket = 1000;
  server.on('clientError', (_error, socket) => {
    // One that keeps its own half open would stay for ever: time-outs come here, too.
    if (socket.writable) socket.end(badRequest, () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

/** Listens, and resolves with the address people type; Failure `port-taken` or `listen-failed`. */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host, port }, listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new Failure(
        'port-taken',
        `Port ${port} on ${host} is taken. Stop the other program, or choose one with --port N.`,
      );
    }
    throw new Failure(
      'listen-failed',
      `Can't listen on ${host}:${port}: ${sentenceOf(error)}. Mend web.host in config.json.`,
    );
  } finally {
    server.removeListener('error', listening.reject);
  }
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string')
    throw new Failure('listen-failed', 'The server has no port.');
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}/`;
}
