/**
 * The tables, as the steps by which they came to be: step n takes the file from version n to n + 1. Steps that
 * were released never change; a change is a new step at the end. Names of columns are those of the rows.
 */

const author = `
  personId TEXT NOT NULL,
  tag TEXT NOT NULL,
  name TEXT,
  colour TEXT NOT NULL,
  role TEXT NOT NULL,
  tripcode TEXT,
  tripcodeKind TEXT,
  tripcodeForeground TEXT,
  tripcodeBackground TEXT`;

// AUTOINCREMENT: a number is never given twice, also when its row is gone.
const first = `
CREATE TABLE messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  atMs INTEGER NOT NULL,${author},
  text TEXT NOT NULL,
  replyTo INTEGER,
  nonce TEXT,
  hidden INTEGER NOT NULL
) STRICT;
CREATE INDEX messagesOfPerson ON messages (personId, number);
CREATE UNIQUE INDEX messagesByNonce ON messages (personId, nonce) WHERE nonce IS NOT NULL;

CREATE TABLE held (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  atMs INTEGER NOT NULL,${author},
  text TEXT NOT NULL,
  replyTo INTEGER,
  nonce TEXT
) STRICT;

CREATE TABLE persons (
  id TEXT PRIMARY KEY,
  name TEXT,
  colour TEXT,
  tripcode TEXT,
  tripcodeKind TEXT,
  tripcodeForeground TEXT,
  tripcodeBackground TEXT,
  role TEXT NOT NULL,
  memberSinceMs INTEGER,
  captchaPassedAtMs INTEGER,
  wroteAtMs INTEGER,
  createdAtMs INTEGER NOT NULL,
  seenAtMs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bans (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  personId TEXT,
  tripcode TEXT,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  "by" TEXT NOT NULL,
  atMs INTEGER NOT NULL,
  untilMs INTEGER
) STRICT;

CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  tokenHash TEXT NOT NULL UNIQUE,
  grants TEXT NOT NULL,
  note TEXT NOT NULL,
  "by" TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL,
  expiresAtMs INTEGER,
  redeemedAtMs INTEGER,
  redeemedBy TEXT
) STRICT;

CREATE TABLE settings (
  id TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE moderationLog (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  atMs INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  undo TEXT,
  undoes INTEGER
) STRICT;
CREATE INDEX moderationUndone ON moderationLog (undoes) WHERE undoes IS NOT NULL;
`;

const moderation = `
CREATE TABLE moderators (
  id TEXT PRIMARY KEY,
  passwordHash TEXT NOT NULL,
  "by" TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL
) STRICT;

CREATE TABLE logins (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  personId TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL,
  seenAtMs INTEGER NOT NULL
) STRICT;

CREATE TABLE filters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  pattern TEXT NOT NULL,
  action TEXT NOT NULL,
  forMs INTEGER,
  "by" TEXT NOT NULL,
  atMs INTEGER NOT NULL,
  suspendedAtMs INTEGER
) STRICT;

CREATE INDEX personsMembers ON persons (memberSinceMs) WHERE memberSinceMs IS NOT NULL;
`;

const logByActor = `
CREATE INDEX moderationBy ON moderationLog ("by");
`;

const bansOfStaff = `
ALTER TABLE bans ADD COLUMN ofStaff INTEGER NOT NULL DEFAULT 0;
`;

export const steps: readonly string[] = [first, moderation, logByActor, bansOfStaff];
