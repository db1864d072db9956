import { createHash } from 'node:crypto';
import { Topic } from '../lib/topic.ts';
import { broadcasterName, type Staff } from './staff.ts';
import type { LoginRow, LoginStore } from './store.ts';

export type LoginEvent = Readonly<{ type: 'login' | 'logout'; personId: string; staff: Staff }>;

/** A row is written so often at most for a session that is in use. */
const seenEveryMs = 60_000;
const maxPerName = 20;

/** The sessions that are logged in, by the hash of their id. Which of them still hold, the accounts know. */
export class LoginSessions {
  /** Once a person has begun to be staff, and once they are no longer. */
  readonly changes = new Topic<LoginEvent>();
  readonly #store: LoginStore;
  readonly #now: () => number;
  readonly #rows: Map<string, LoginRow>;

  constructor({ store, now }: { store: LoginStore; now: () => number }) {
    this.#store = store;
    this.#now = now;
    this.#rows = new Map(store.all().map(row => [row.id, row]));
  }

  all(): LoginRow[] {
    return [...this.#rows.values()];
  }

  find(sessionId: string): LoginRow | undefined {
    return this.#rows.get(sessionHash(sessionId));
  }

  /** Oldest first. */
  ofName(name: string): LoginRow[] {
    return this.all().filter(row => row.name === name);
  }

  /**
   * The session is logged in by this name, and by no other; the oldest of too many of that name ends. `passwordSinceMs`:
   * when the password that they gave was set; by a clock that was set back since, that is still to come.
   */
  begin(sessionId: string, personId: string, name: string, passwordSinceMs = 0): Staff {
    const id = sessionHash(sessionId);
    const before = this.#rows.get(id);
    if (before && (before.name !== name || before.personId !== personId)) this.end([before]);
    const others = this.ofName(name).filter(row => row.id !== id);
    this.end(others.slice(0, Math.max(0, others.length - maxPerName + 1)));
    const nowMs = this.#now();
    this.#save({ id, name, personId, createdAtMs: Math.max(nowMs, passwordSinceMs), seenAtMs: nowMs });
    const staff = staffNamed(name);
    this.changes.publish({ type: 'login', personId, staff });
    return staff;
  }

  /** A sign of life. */
  touch(row: LoginRow): void {
    const nowMs = this.#now();
    if (nowMs - row.seenAtMs >= seenEveryMs) this.#save({ ...row, seenAtMs: nowMs });
  }

  end(rows: readonly LoginRow[]): void {
    if (rows.length === 0) return;
    this.#store.delete(rows.map(({ id }) => id));
    for (const { id } of rows) this.#rows.delete(id);
    for (const { personId, name } of rows) {
      if (this.all().some(row => row.personId === personId)) continue;
      this.changes.publish({ type: 'logout', personId, staff: staffNamed(name) });
    }
  }

  #save(row: LoginRow): void {
    this.#store.save(row);
    this.#rows.set(row.id, row);
  }
}

export function staffNamed(name: string): Staff {
  return { name, role: name === broadcasterName ? 'broadcaster' : 'moderator' };
}

/** Only this is kept: whoever reads the database can't become the broadcaster with it. */
export function sessionHash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}
