/**
 * The rows as they are kept: strings, numbers, booleans and null, times in ms since the epoch. Who needs them
 * declares them again in its own words (people/store.ts, chat/store.ts); the two meet in the composition root.
 */

export const roles = ['viewer', 'moderator', 'broadcaster'] as const;
export const tripcodeKinds = ['secure', 'classic'] as const;
export const messageKinds = ['said', 'notice'] as const;
export const banKinds = ['ban', 'mute'] as const;
export const filterKinds = ['word', 'regex'] as const;
export const filterActions = ['hold', 'censor', 'mute', 'ban'] as const;
export const grants = ['member', 'moderator'] as const;

type Role = (typeof roles)[number];

/** The four are null together. */
type TripcodeColumns = {
  tripcode: string | null;
  tripcodeKind: (typeof tripcodeKinds)[number] | null;
  tripcodeForeground: string | null;
  tripcodeBackground: string | null;
};

export type SaidRow = TripcodeColumns & {
  atMs: number;
  personId: string;
  tag: string;
  name: string | null;
  colour: string;
  role: Role;
  text: string;
  replyTo: number | null;
  nonce: string | null;
};

export type MessageRow = SaidRow & { number: number; kind: (typeof messageKinds)[number]; hidden: boolean };

export type HeldRow = SaidRow & { id: number };

export type PersonRow = TripcodeColumns & {
  id: string;
  name: string | null;
  colour: string | null;
  role: Role;
  memberSinceMs: number | null;
  captchaPassedAtMs: number | null;
  wroteAtMs: number | null;
  createdAtMs: number;
  seenAtMs: number;
};

export type BanRow = {
  id: string;
  kind: (typeof banKinds)[number];
  personId: string | null;
  tripcode: string | null;
  ofStaff: boolean;
  name: string;
  reason: string;
  by: string;
  atMs: number;
  untilMs: number | null;
};

export type InvitationRow = {
  id: string;
  tokenHash: string;
  grants: (typeof grants)[number];
  note: string;
  by: string;
  createdAtMs: number;
  expiresAtMs: number | null;
  redeemedAtMs: number | null;
  redeemedBy: string | null;
};

/** `id` is the name. */
export type ModeratorRow = { id: string; passwordHash: string; by: string; createdAtMs: number };

/** A session of staff; `id` is the hash of the session's own. */
export type LoginRow = { id: string; name: string; personId: string; createdAtMs: number; seenAtMs: number };

export type FilterRow = {
  id: number;
  kind: (typeof filterKinds)[number];
  pattern: string;
  action: (typeof filterActions)[number];
  forMs: number | null;
  by: string;
  atMs: number;
  suspendedAtMs: number | null;
};

/** Something a moderator did. Undoing is another row, with `undoes`. */
export type ModerationRow = {
  id: number;
  atMs: number;
  /** `broadcaster` or a moderator's name. */
  by: string;
  /** `hide`, `ban`, `modes`, … */
  action: string;
  /** What or whom: a message number, a person's id, … */
  target: string;
  /** JSON of what it takes to undo it, null when it can't be undone. */
  undo: string | null;
  /** The id of the row that this one undid. */
  undoes: number | null;
};
