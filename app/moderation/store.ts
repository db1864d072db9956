/**
 * What moderation/ needs kept over a restart, as plain rows, times in ms since the epoch. Calls are synchronous and
 * durable when they return. Whoever implements these lives elsewhere.
 */

export type ModeratorRow = {
  /** Primary key: the name. */
  id: string;
  /** As `hashPassword` makes it. */
  passwordHash: string;
  /** Who added them. */
  by: string;
  createdAtMs: number;
};

export interface ModeratorStore {
  /** In order of createdAtMs. */
  all(): ModeratorRow[];
  /** Inserts or replaces by id. */
  save(row: ModeratorRow): void;
  delete(ids: readonly string[]): void;
}

/** A session that belongs to staff. */
export type LoginRow = {
  /** Primary key: SHA-256 of the session id, hex. */
  id: string;
  /** `broadcaster` or a moderator's name. */
  name: string;
  /** The person of that session. */
  personId: string;
  createdAtMs: number;
  seenAtMs: number;
};

export interface LoginStore {
  /** In order of createdAtMs. */
  all(): LoginRow[];
  /** Inserts or replaces by id. */
  save(row: LoginRow): void;
  delete(ids: readonly string[]): void;
}

export type FilterRow = {
  /** Primary key, made by the store, never given twice. */
  id: number;
  kind: 'word' | 'regex';
  pattern: string;
  action: 'hold' | 'censor' | 'mute' | 'ban';
  /** How long a mute or ban lasts; null: for good. */
  forMs: number | null;
  by: string;
  atMs: number;
  /** Since when it is switched off, because it took too long on a message; null: it is on. */
  suspendedAtMs: number | null;
};

export interface FilterStore {
  /** In order of id. */
  all(): FilterRow[];
  /** Returns the id. */
  add(row: Omit<FilterRow, 'id'>): number;
  /** Puts a row back, or replaces it, under its id. */
  save(row: FilterRow): void;
  delete(id: number): void;
}

/** Something a moderator did. Undoing is another row, with `undoes`. */
export type ActionRow = {
  id: number;
  atMs: number;
  /** `broadcaster` or a moderator's name. */
  by: string;
  /** The name of the command. */
  action: string;
  /** What or whom, in words for people. */
  target: string;
  /** JSON of what it takes to undo it, null when it can't be undone. */
  undo: string | null;
  /** The id of the row that this one undid. */
  undoes: number | null;
};

export interface ActionStore {
  /** Returns the id. */
  append(row: Omit<ActionRow, 'id'>): number;
  find(id: number): ActionRow | undefined;
  /** The newest `limit` rows before the row `beforeId`, newest first. */
  recent(limit: number, beforeId?: number): ActionRow[];
  /** The row that undid the row `id`, if one did. */
  undoing(id: number): ActionRow | undefined;
}

export type MemberRow = {
  id: string;
  name: string | null;
  tripcode: string | null;
  memberSinceMs: number | null;
};

export interface MemberStore {
  /** Everyone with `memberSinceMs`, in its order. */
  members(): MemberRow[];
}

/** Small settings that change at run time: JSON text by key. */
export interface SettingStore {
  get(key: string): string | undefined;
  /** undefined removes it. */
  set(key: string, json: string | undefined): void;
}
