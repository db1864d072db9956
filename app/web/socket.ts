/** The live column with JavaScript: one WebSocket, a snapshot first, then every change as a numbered event. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Info, StreamInfo } from './info.ts';

export type ServerFrame = { type: 'info'; info: StreamInfo };

const pingMs = 20_000;
// Browsers answer pings by themselves: two unanswered ones mean that nobody is there.
const maxQueuedBytes = 256 * 1024;

type Client = { socket: WebSocket; answered: boolean };

export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024, perMessageDeflate: false });
  readonly #clients = new Set<Client>();
  readonly #info: Info;
  readonly #now: () => number;
  readonly #maxSockets: number;
  #lastPingMs: number;

  constructor(deps: { info: Info; now: () => number }, options: { maxSockets: number }) {
    this.#info = deps.info;
    this.#now = deps.now;
    this.#maxSockets = options.maxSockets;
    this.#lastPingMs = deps.now();
    deps.info.changes.subscribe(info => {
      const text = JSON.stringify({ type: 'info', info } satisfies ServerFrame);
      for (const client of this.#clients) this.#send(client, text);
    });
  }

  /** Takes an upgrade of `/socket` by a page of ours; anything else is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { origin, host } = request.headers;
    const sameOrigin = origin === `http://${host}` || origin === `https://${host}`;
    if (request.url !== '/socket' || !sameOrigin || this.#clients.size >= this.#maxSockets) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, webSocket => this.#welcome(webSocket));
  }

  #welcome(socket: WebSocket): void {
    const client: Client = { socket, answered: true };
    this.#clients.add(client);
    socket.on('pong', () => {
      client.answered = true;
    });
    socket.on('error', () => socket.terminate());
    socket.once('close', () => this.#clients.delete(client));
    this.#send(client, JSON.stringify({ type: 'info', info: this.#info.current } satisfies ServerFrame));
  }

  /** A client that does not take its events is cut off; it comes back and gets a snapshot. */
  #send(client: Client, text: string): void {
    if (client.socket.bufferedAmount > maxQueuedBytes) client.socket.terminate();
    else client.socket.send(text);
  }

  tick(): void {
    if (this.#now() - this.#lastPingMs < pingMs) return;
    this.#lastPingMs = this.#now();
    for (const client of [...this.#clients]) {
      if (!client.answered) client.socket.terminate();
      else {
        client.answered = false;
        client.socket.ping();
      }
    }
  }

  closeAll(): void {
    for (const { socket } of [...this.#clients]) socket.close(1001);
    this.#server.close();
  }
}
