/**
 * What chat/ needs kept over a restart, as plain rows, times in ms since the epoch. Calls are synchronous; what
 * they wrote survives the death of the process once they have returned, and they write all of it or nothing.
 * Whoever implements these lives elsewhere.
 */

/** A text and its author. The tripcode's four fields are null together. */
export type SaidRow = {
  atMs: number;
  personId: string;
  tag: string;
  name: string | null;
  /** `#rrggbb` */
  colour: string;
  role: 'viewer' | 'moderator' | 'broadcaster';
  tripcode: string | null;
  tripcodeKind: 'secure' | 'classic' | null;
  tripcodeForeground: string | null;
  tripcodeBackground: string | null;
  text: string;
  replyTo: number | null;
  /** Unique for the person. */
  nonce: string | null;
};

/** `number` is the primary key. */
export type MessageRow = SaidRow & { number: number; kind: 'said' | 'notice'; hidden: boolean };

/** Lists are in the order of numbers. */
export interface MessageStore {
  /** The highest number ever stored, also when that message is gone; 0 at first. */
  lastNumber(): number;
  /** Of all messages that are shown, or of all that are hidden, the newest `limit`. */
  recent(limit: number, hidden: boolean): MessageRow[];
  find(number: number): MessageRow | undefined;
  findByNonce(personId: string, nonce: string): MessageRow | undefined;
  /** The newest `limit` messages of a person, shown and hidden. */
  ofPerson(personId: string, limit: number): MessageRow[];
  /** `row.number` is lastNumber() + 1. Messages more than `keep` behind it are deleted. */
  append(row: MessageRow, keep: number): void;
  /** Returns the rows that this changed. */
  setHidden(numbers: readonly number[], hidden: boolean): MessageRow[];
  /** Hides all messages of a person; returns the numbers of those that were shown. */
  hideOfPerson(personId: string): number[];
  /** Deletes for good and scrubs the medium as far as it can; returns the numbers. */
  deleteOfPerson(personId: string): number[];
  /** The same for every number up to this one; returns how many. */
  deleteThrough(number: number): number;
  /** The highest number of a message older than that; 0 when there is none. */
  lastNumberBefore(atMs: number): number;
}

/** A message that waits for a moderator. `id` is the primary key, made by the store. */
export type HeldRow = SaidRow & { id: number };

export interface HeldStore {
  /** In the order they came. */
  all(): HeldRow[];
  /** Returns the id. */
  add(row: SaidRow): number;
  delete(id: number): void;
}

/** Small settings that change at run time: JSON text by key. */
export interface SettingStore {
  get(key: string): string | undefined;
  /** undefined removes it. */
  set(key: string, json: string | undefined): void;
}
