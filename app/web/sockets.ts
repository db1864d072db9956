/** The live column with JavaScript: one WebSocket, a snapshot first, then every change with its place in the order. */
import { type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Request, type Response, Router } from 'express';
import { WebSocketServer } from 'ws';
import type { Emotes } from '../chat/emotes.ts';
import type { RoomEvent } from '../chat/events.ts';
import { type Cursor, formatCursor, parseCursor } from '../chat/events.ts';
import type { Room } from '../chat/room.ts';
import type { Speak } from '../chat/speak.ts';
import { Failure } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Accounts } from '../moderation/accounts.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Assets } from './assets.ts';
import type { Info } from './info.ts';
import type { Moderate } from './moderate/acts.ts';
import { withHidden } from './moderate/hidden.ts';
import type { OpenLines } from './open-lines.ts';
import { SocketClient } from './socket-client.ts';
import type { Visitors } from './visitor.ts';
import type { WhoIsHere } from './who-is-here.ts';
import {
  type ServerFrame,
  type WireSettings,
  wireActs,
  wireChange,
  wireMessage,
  wirePeople,
  wirePerson,
  wireStaffChange,
} from './wire.ts';

export type SocketDeps = {
  info: Info;
  room: Room;
  people: People;
  whoIsHere: WhoIsHere;
  lines: OpenLines;
  visitors: Visitors;
  speak: Speak;
  moderate: Moderate;
  /** Asked at every act: a socket may be older than the end of a log-in. */
  accounts: Pick<Accounts, 'staffOfPerson'>;
  captchas: CaptchaPool;
  emotes: Emotes;
  assets: Assets;
  settings: Omit<WireSettings, 'spokenCaptchas'>;
  log: Log;
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
      this.#tell(this.#changeFrame(event, false), client => !client.isStaff);
      if ([...this.#clients].some(client => client.isStaff)) {
        this.#tell(this.#changeFrame(event, true), client => client.isStaff);
      }
    });
    deps.whoIsHere.changes.subscribe(present => {
      this.#tell({ type: 'people', people: wirePeople(present, maxNames) });
    });
    deps.people.changes.subscribe(event => {
      if (event.type !== 'changed') return;
      for (const client of this.#clients) {
        if (client.visitor.person.id === event.person.id) this.#tellOfThemselves(client, event.person);
      }
    });
  }

  #tellOfThemselves(client: SocketClient, person: Person): void {
    client.sendFrame({ type: 'you', you: wirePerson(person) });
    if (person.role === client.role) return;
    client.role = person.role;
    if (client.isStaff) this.#sendActs(client);
    // With or without what is hidden.
    this.#sendSnapshot(client);
  }

  #changeFrame(event: RoomEvent, forStaff: boolean): ServerFrame {
    const { room, emotes } = this.#deps;
    const cursor = formatCursor({ ...room.cursor, number: event.number });
    const change = forStaff ? wireStaffChange(event, emotes, room) : wireChange(event, emotes);
    return { type: 'change', cursor, change };
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
    // Whoever takes all places does not keep out those who could end it.
    if (this.#clients.size >= this.#maxSockets && visitor.person.role === 'viewer') {
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
    const { info, room, whoIsHere, captchas, settings } = this.#deps;
    client.sendFrame({
      type: 'welcome',
      settings: { ...settings, spokenCaptchas: captchas.speaks },
      you: wirePerson(client.visitor.person),
    });
    client.sendFrame({ type: 'info', info: info.current });
    client.sendFrame({ type: 'people', people: wirePeople(whoIsHere.current, maxNames) });
    if (client.isStaff) this.#sendActs(client);
    // Staff may have become it since: then what was missed is more than what has happened.
    const missed = client.isStaff ? undefined : after && room.resume(after);
    if (!missed) this.#sendSnapshot(client);
    else for (const event of missed) client.sendFrame(this.#changeFrame(event, false));
  }

  #sendActs(client: SocketClient): void {
    client.sendFrame({ type: 'staff', acts: wireActs, style: this.#deps.assets.url('moderate.css') });
  }

  #sendSnapshot(client: SocketClient): void {
    const { room, emotes } = this.#deps;
    const { cursor, messages } = room.snapshot();
    const seen = client.isStaff ? withHidden(room, messages) : messages;
    client.sendFrame({
      type: 'snapshot',
      cursor: formatCursor(cursor),
      messages: seen.map(message => wireMessage(message, emotes)),
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

  #tell(frame: ServerFrame, whom: (client: SocketClient) => boolean = () => true): void {
    const text = JSON.stringify(frame);
    for (const client of [...this.#clients]) if (whom(client)) client.send(text);
  }
}
