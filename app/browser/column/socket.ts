import type { ClientFrame, ServerFrame } from '../wire.ts';

type Options = {
  /** `?t=…` for a visitor without cookies, else empty. */
  query: string;
  onFrame(frame: ServerFrame): void;
  /** An open socket was lost; the next frame says that there is one again. */
  onLost(): void;
};

const firstWaitMs = 500;
const maxWaitMs = 15_000;
const openTimeoutMs = 20_000;
// The server says something every 20 s, if only that it is alive.
const silentMs = 50_000;
// Policy Violation (RFC 6455, 7.4.1).
const turnedOut = 1008;
// Where sockets are blocked there is another way: the frames of the page. They stay when none was ever opened.
const maxFirstTries = 6;
// A server that is started again is away for the length of a try.
const patience = 2;

/** Keeps one WebSocket open, and goes on where the last one ended. */
export class Connection {
  readonly #options: Options;
  #socket: WebSocket | undefined;
  #cursor: string | undefined;
  #heard = false;
  #tries = 0;
  /** Since something was heard. */
  #losses = 0;
  #waitMs = firstWaitMs;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Options) {
    this.#options = options;
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry();
    });
    this.#connect();
  }

  /** False when there is no open socket. */
  send(frame: ClientFrame): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Ends a wait between two tries. */
  hurry(): void {
    if (this.#waiting === undefined) return;
    this.#waitMs = firstWaitMs;
    this.#connect();
  }

  /** For a socket that seems dead: takes another. */
  restart(): void {
    this.#lost();
  }

  #connect(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#tries += 1;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const query = new URLSearchParams(this.#options.query);
    if (this.#cursor !== undefined) query.set('after', this.#cursor);
    try {
      const socket = new WebSocket(`${scheme}://${location.host}/socket?${query}`);
      this.#socket = socket;
      socket.addEventListener('message', event => {
        if (this.#socket === socket) this.#take(JSON.parse(String(event.data)));
      });
      socket.addEventListener('close', ({ code }) => {
        if (this.#socket !== socket) return;
        // Turned out: the page knows more of why.
        if (code === turnedOut) location.reload();
        else void this.#reloadIfRefused();
        this.#lost();
      });
      this.#awaitFrame(openTimeoutMs);
    } catch {
      this.#lost();
    }
  }

  /** A script is not told why it got no socket: the same door says it to a plain question. */
  async #reloadIfRefused(): Promise<void> {
    this.#losses += 1;
    // The first was open.
    if (!this.#heard || this.#losses <= patience) return;
    const answer = await fetch(`/socket${this.#options.query}`, { cache: 'no-store' }).catch(() => undefined);
    if (answer?.status === 403) location.reload();
  }

  #take(frame: ServerFrame): void {
    this.#heard = true;
    this.#losses = 0;
    this.#waitMs = firstWaitMs;
    this.#awaitFrame(silentMs);
    if (frame.type === 'snapshot' || frame.type === 'change') this.#cursor = frame.cursor;
    this.#options.onFrame(frame);
  }

  #awaitFrame(withinMs: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), withinMs);
  }

  #lost(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#options.onLost();
    if (!this.#heard && this.#tries >= maxFirstTries) return;
    // Jitter, so that a restarted server is not asked by everyone at once.
    this.#waiting = setTimeout(() => this.#connect(), this.#waitMs * (0.5 + Math.random()));
    this.#waitMs = Math.min(this.#waitMs * 2, maxWaitMs);
  }
}
