import type { Person, Presence } from './person.ts';
import { isWorthKeeping } from './person-row.ts';

/** What is known of a person while they are in memory. */
export type Entry = {
  person: Person;
  presence: Presence;
  views: number;
  chats: number;
  /** When the last video closed; -Infinity if none has. */
  viewClosedAtMs: number;
  /** Whether the store has a row for them. */
  hasRow: boolean;
  /** Whether that row lacks when they were last seen. */
  isUnsaved: boolean;
};

/**
 * The bounded memory of people. Makes room by letting go those that no one misses first: gone, then idle; of each
 * the nameless and silent first; of those the one longest unseen. Never one with an open view or chat.
 */
export class Register {
  readonly #max: number;
  readonly #entries = new Map<string, Entry>();
  /** Ids by how soon they may go, each set in order of last use. */
  readonly #idle = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  values(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Who has to go before one more can be added, or undefined if there is room or no one may go: see `isFull`. */
  nextToGo(): Entry | undefined {
    if (!this.isFull) return undefined;
    for (const ids of this.#idle) {
      for (const id of ids) return this.#entries.get(id);
    }
    return undefined;
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#max;
  }

  /** Adds the entry, or puts it where it belongs after any change; it is now the last to go of its kind. */
  place(entry: Entry): void {
    const { id } = entry.person;
    this.#entries.set(id, entry);
    for (const ids of this.#idle) ids.delete(id);
    if (entry.views + entry.chats > 0) return;
    const rank = (entry.presence === 'gone' ? 0 : 2) + (isWorthKeeping(entry.person) ? 1 : 0);
    this.#idle[rank]?.add(id);
  }

  remove(id: string): void {
    this.#entries.delete(id);
    for (const ids of this.#idle) ids.delete(id);
  }
}
