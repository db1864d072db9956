import { type CookieOptions, type SessionData, Store } from 'express-session';

/**
 * Sessions in memory, the least recently used of more than `maxSessions` forgotten. A session id that is not here
 * gets a visitor's session under the same id: express-session has checked its signature, so it once came from us,
 * and a visitor stays the same person over a restart of the server.
 */
export class BoundedSessionStore extends Store {
  readonly #sessions = new Map<string, string>();
  readonly #maxSessions: number;
  readonly #fresh: string;

  constructor(options: { maxSessions: number; cookie: CookieOptions }) {
    super();
    this.#maxSessions = options.maxSessions;
    const fresh: SessionData = { cookie: { originalMaxAge: null, ...options.cookie }, visitor: true };
    this.#fresh = JSON.stringify(fresh);
  }

  override get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const stored = this.#sessions.get(sid);
    if (stored !== undefined) this.#put(sid, stored);
    const session: SessionData = JSON.parse(stored ?? this.#fresh);
    callback(null, session);
  }

  override set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    this.#put(sid, JSON.stringify(session));
    callback?.();
  }

  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    this.#sessions.delete(sid);
    callback?.();
  }

  #put(sid: string, session: string): void {
    // A Map keeps the order of insertion: the first key is the one unused for longest.
    this.#sessions.delete(sid);
    this.#sessions.set(sid, session);
    for (const [oldest] of this.#sessions) {
      if (this.#sessions.size <= this.#maxSessions) break;
      this.#sessions.delete(oldest);
    }
  }
}
