/**
 * What people/ needs kept over a restart, as plain rows: strings, numbers and null only, times in ms since the
 * epoch. Calls are synchronous and durable when they return. Whoever implements these lives elsewhere.
 */

/** Only people who left something behind (a name, a colour, a tripcode, a message, a right) have a row. */
export type PersonRow = {
  /** Primary key, 16 hex digits. */
  id: string;
  name: string | null;
  /** `#rrggbb` if they chose one. */
  colour: string | null;
  /** The three are null together. */
  tripcode: string | null;
  tripcodeKind: 'secure' | 'classic' | null;
  tripcodeForeground: string | null;
  tripcodeBackground: string | null;
  role: 'viewer' | 'moderator' | 'broadcaster';
  memberSinceMs: number | null;
  captchaPassedAtMs: number | null;
  wroteAtMs: number | null;
  createdAtMs: number;
  seenAtMs: number;
};

export interface PersonStore {
  find(id: string): PersonRow | undefined;
  /** Everyone whose role is not `viewer`. */
  staff(): PersonRow[];
  /** Inserts or replaces by id, all of them or none. */
  save(rows: readonly PersonRow[]): void;
  /**
   * Forgets viewers (never members, moderators or the broadcaster) last seen before `seenBeforeMs`, and of the
   * rest the longest unseen viewers until at most `maxRows` rows are left. Returns how many it forgot.
   */
  prune(limit: { seenBeforeMs: number; maxRows: number }): number;
}

/** A ban or a mute. At least one of personId and tripcode is set. */
export type BanRow = {
  /** Primary key. */
  id: string;
  kind: 'ban' | 'mute';
  personId: string | null;
  tripcode: string | null;
  /** They were staff when it began, whatever they are since. */
  ofStaff: boolean;
  /** The name as it was shown then, for the list. */
  name: string;
  reason: string;
  /** Who did it: `broadcaster` or a moderator's name. */
  by: string;
  atMs: number;
  /** null: for good. */
  untilMs: number | null;
};

export interface BanStore {
  /** In order of atMs. */
  all(): BanRow[];
  /** Inserts or replaces by id. */
  save(row: BanRow): void;
  /** All of these ids, or none; ids without a row are passed over. */
  delete(ids: readonly string[]): void;
}

export type InvitationRow = {
  /** Primary key; public, names the invitation on the desk. */
  id: string;
  /** SHA-256 of the token, hex; unique. The token itself is shown once and kept nowhere. */
  tokenHash: string;
  grants: 'member' | 'moderator';
  /** For whom it is, in the maker's words. */
  note: string;
  by: string;
  createdAtMs: number;
  /** null: never. */
  expiresAtMs: number | null;
  redeemedAtMs: number | null;
  /** The id of the person who used it. */
  redeemedBy: string | null;
};

export interface InvitationStore {
  /** In order of createdAtMs. */
  all(): InvitationRow[];
  /** Inserts or replaces by id. */
  save(row: InvitationRow): void;
  delete(ids: readonly string[]): void;
}
