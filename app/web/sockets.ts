/** The live column with JavaScript: one WebSocket, a snapshot first, then every change with its place in the order. */
import { type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Request, type Response, Router } from 'express';
import { WebSocketServer } from 'ws';
import type { Emotes } from '../chat/emotes.ts';
import { type Cursor, formatCursor, parseCursor } from '../chat/events.ts';
import type { Room } from '../chat/room.ts';
import type { Speak } from '../chat/speak.ts';
import { Failure } from '../lib/failure.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { People } from '../people/people.ts';
import type { Info } from './info.ts';
import type { OpenLines } from './open-lines.ts';
import { SocketClient } from './socket-client.ts';
import type { Visitors } from './visitor.ts';
import type { WhoIsHere } from './who-is-here.ts';
import {
  type ServerFrame,
  type WireSettings,
  wireChange,
  wireMessage,
  wirePeople,
  wirePerson,
} from './wire.ts';

export type SocketDeps = {
  info: Info;
  room: Room;
  people: People;
  whoIsHere: WhoIsHere;
  lines: OpenLines;
  visitors: Visitors;
  speak: Speak;
  captchas: CaptchaPool;
  emotes: Emotes;
  settings: Omit<WireSettings, 'spokenCaptchas'>;
  now: () => number;
};

const pingMs = 20_000;
const maxNames = 60;

const serverOptions = {
  noServer: true,
  maxPayload: 64 * 1024,
  perMessageDeflate: false,
  // Milliseconds for the closing handshake: one who does not answer would hold up the end of the process.
  closeTimeout: 1000,
};

export class Sockets {
  readonly #server = new WebSocketServer(serverOptions);
  readonly #clients = new Set<SocketClient>();
  readonly #upgrades = new WeakMap<IncomingMessage, { socket: Socket; head: Buffer }>();
  readonly #deps: SocketDeps;
  readonly #maxSockets: number;
  #lastPingMs: number;

  constructor(deps: SocketDeps, options: { maxSockets: number }) {
    this.#deps = deps;
    this.#maxSockets = options.maxSockets;
    this.#lastPingMs = deps.now();
    deps.info.changes.subscribe(info => this.#tell({ type: 'info', info }));
    deps.room.events.subscribe(event => {
      const cursor = formatCursor({ ...deps.room.cursor, number: event.number });
      this.#tell({ type: 'change', cursor, change: wireChange(event, deps.emotes) });
    });
    deps.whoIsHere.changes.subscribe(present => {
      this.#tell({ type: 'people', people: wirePeople(present, maxNames) });
    });
    deps.people.changes.subscribe(event => {
      if (event.type !== 'changed') return;
      for (const client of this.#clients) {
        if (client.visitor.person.id === event.person.id) {
          client.sendFrame({ type: 'you', you: wirePerson(event.person) });
        }
      }
    });
  }

  /** Upgrades go through the same middleware as every request: host, session and errors are the same there. */
  attach(server: Server, app: RequestListener): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      this.#upgrades.set(request, { socket, head });
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => socket.end());
      app(request, response);
    });
  }

  routes(): Router {
    const router = Router();
    router.get('/socket', (request, response) => this.#welcome(request, response));
    return router;
  }

  #welcome(request: Request, response: Response): void {
    const upgrade = this.#upgrades.get(request);
    const { origin, host } = request.headers;
    if (!upgrade || (origin !== `http://${host}` && origin !== `https://${host}`)) {
      throw new Failure('bad-request', 'This address is for the WebSocket of the watch page.');
    }
    const visitor = this.#deps.visitors.of(request);
    if (!visitor) throw new Failure('session-missing', 'Your session has ended. Reload the whole page.');
    if (this.#clients.size >= this.#maxSockets) {
      throw new Failure('stream-full', 'Too many people are connected. Try again in a minute.');
    }
    const after = parseCursor(String(request.query.after ?? ''));
    response.detachSocket(upgrade.socket);
    this.#server.handleUpgrade(request, upgrade.socket, upgrade.head, socket => {
      const client = new SocketClient({ ...this.#deps, socket, visitor });
      this.#clients.add(client);
      const leave = this.#deps.lines.open(visitor.person.id, 'chat', () => client.cut());
      socket.once('close', () => {
        this.#clients.delete(client);
        leave();
      });
      this.#begin(client, after);
    });
  }

  #begin(client: SocketClient, after: Cursor | undefined): void {
    const { info, room, whoIsHere, emotes, captchas, settings } = this.#deps;
    client.sendFrame({
      type: 'welcome',
      settings: { ...settings, spokenCaptchas: captchas.speaks },
      you: wirePerson(client.visitor.person),
    });
    client.sendFrame({ type: 'info', info: info.current });
    client.sendFrame({ type: 'people', people: wirePeople(whoIsHere.current, maxNames) });
    const missed = after && room.resume(after);
    if (missed) {
      for (const event of missed) {
        const cursor = formatCursor({ ...room.cursor, number: event.number });
        client.sendFrame({ type: 'change', cursor, change: wireChange(event, emotes) });
      }
      return;
    }
    const { cursor, messages } = room.snapshot();
    client.sendFrame({
      type: 'snapshot',
      cursor: formatCursor(cursor),
      messages: messages.map(message => wireMessage(message, emotes)),
    });
  }

  tick(): void {
    if (this.#deps.now() - this.#lastPingMs < pingMs) return;
    this.#lastPingMs = this.#deps.now();
    for (const client of [...this.#clients]) client.ping();
    this.#tell({ type: 'alive' });
  }

  closeAll(): void {
    for (const client of [...this.#clients]) client.close();
    this.#server.close();
  }

  #tell(frame: ServerFrame): void {
    const text = JSON.stringify(frame);
    for (const client of [...this.#clients]) client.send(text);
  }
}
