/** The tables that are no more than their rows. */
import { flag, nullable, number, oneOf, type Shape, text } from './columns.ts';
import type { Database } from './database.ts';
import {
  type BanRow,
  banKinds,
  grants,
  type InvitationRow,
  type LoginRow,
  type ModeratorRow,
} from './rows.ts';
import { Table } from './table.ts';

const ban: Shape<BanRow> = {
  id: text,
  kind: oneOf(banKinds),
  personId: nullable(text),
  tripcode: nullable(text),
  ofStaff: flag,
  name: text,
  reason: text,
  by: text,
  atMs: number,
  untilMs: nullable(number),
};

const invitation: Shape<InvitationRow> = {
  id: text,
  tokenHash: text,
  grants: oneOf(grants),
  note: text,
  by: text,
  createdAtMs: number,
  expiresAtMs: nullable(number),
  redeemedAtMs: nullable(number),
  redeemedBy: nullable(text),
};

const moderator: Shape<ModeratorRow> = { id: text, passwordHash: text, by: text, createdAtMs: number };

const login: Shape<LoginRow> = {
  id: text,
  name: text,
  personId: text,
  createdAtMs: number,
  seenAtMs: number,
};

export type Tables = Readonly<{
  /** Bans and mutes. */
  bans: Table<BanRow>;
  invitations: Table<InvitationRow>;
  /** Their accounts. */
  moderators: Table<ModeratorRow>;
  /** The sessions of staff. */
  logins: Table<LoginRow>;
}>;

export function openTables(database: Database): Tables {
  return {
    bans: new Table(database, 'bans', 'atMs', ban),
    invitations: new Table(database, 'invitations', 'createdAtMs', invitation),
    moderators: new Table(database, 'moderators', 'createdAtMs', moderator),
    logins: new Table(database, 'logins', 'createdAtMs', login),
  };
}
