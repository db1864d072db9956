import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Failure, sentenceOf } from '../lib/failure.ts';
import { steps } from './schema.ts';

const inMemory = ':memory:';

// "onio", so that a database of another program is not taken for ours (SQLite file format, 1.3.19).
const applicationId = 0x6f6e696f;

// How long another process may keep us waiting. It blocks the whole of ours, but only while opening: see below.
const busyMs = 2000;

// locking_mode EXCLUSIVE: numbers are given by one process; a second one is told at once, not at its first write.
// synchronous NORMAL: what is committed is with the operating system and outlives our death (kill -9, too). A loss
// of power can take the last seconds of it, but leaves the file whole; FULL would wait for the disk at every message.
// The write-ahead log is merged from 1 MiB on and cut back to that size. temp_store: nothing in /tmp.
const lock = 'PRAGMA locking_mode = EXCLUSIVE';
const pragmas = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
PRAGMA wal_autocheckpoint = 256;
PRAGMA journal_size_limit = 1048576;
PRAGMA temp_store = MEMORY;
`;

/** One open SQLite database with our tables in it. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #path: string;

  /**
   * Throws Failure `store-unopenable`, `store-in-use`, `store-foreign`, `store-newer` or `store-corrupt`. The file
   * is made 0600, its folder 0700 if there was none.
   */
  constructor(path: string) {
    this.#path = path;
    let database: DatabaseSync | undefined;
    try {
      if (path !== inMemory) makePrivate(path);
      database = new DatabaseSync(path, { timeout: busyMs, allowUnknownNamedParameters: true });
      database.exec(lock);
      // Before the other pragmas: what is not ours must not be changed, not even to WAL.
      const version = versionOf(database, path);
      database.exec(pragmas);
      migrate(database, version);
      check(database, path);
      this.#database = database;
    } catch (error) {
      database?.close();
      throw openingFailure(error, path);
    }
  }

  static inMemory(): Database {
    return new Database(inMemory);
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /**
   * Runs `work` in one transaction: all of it is stored when this returns, or nothing when it throws. Throws
   * Failure `store-write-failed` when SQLite can't.
   */
  write<T>(work: () => T): T {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (sqliteCodeOf(error) === undefined) throw error;
      throw new Failure(
        'store-write-failed',
        `Writing to ${this.#path} failed: ${sentenceOf(error)}. Check that the disk has space and is writable.`,
        { path: this.#path },
        { cause: error },
      );
    }
  }

  /** After a deletion that was asked for: leaves no copy of it behind in the write-ahead log. */
  scrub(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** SQLite gives its log the rights of the database (os_unix.c, findCreateFileMode). */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/** The version of the tables, 0 for an empty file. */
function versionOf(database: DatabaseSync, path: string): number {
  const version = pragma(database, 'user_version');
  const id = pragma(database, 'application_id');
  if (id !== applicationId && (id !== 0 || version !== 0 || pragma(database, 'schema_version') !== 0)) {
    throw new Failure(
      'store-foreign',
      `${path} is a database of another program. Name another file, or move this one away.`,
      { path },
    );
  }
  if (version > steps.length) {
    throw new Failure(
      'store-newer',
      `${path} was written by a newer version (tables ${version}, known here ${steps.length}). Start that version, or move the file away to begin with an empty one.`,
      { path, version, known: steps.length },
    );
  }
  return version;
}

function migrate(database: DatabaseSync, version: number): void {
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.exec(
      `BEGIN IMMEDIATE;
       ${step}
       PRAGMA application_id = ${applicationId};
       PRAGMA user_version = ${index + 1};
       COMMIT;`,
    );
  }
}

function check(database: DatabaseSync, path: string): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw corrupt(path, String(found));
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function openingFailure(error: unknown, path: string): unknown {
  if (error instanceof Failure) return error;
  switch (sqliteCodeOf(error)) {
    case 5: // SQLITE_BUSY
      return new Failure(
        'store-in-use',
        `${path} is in use by another process, probably a server that still runs. Stop that one first.`,
        { path },
        { cause: error },
      );
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return corrupt(path, sentenceOf(error), error);
    default:
      return new Failure(
        'store-unopenable',
        `${path} can't be opened: ${sentenceOf(error)}. Check the folder and its rights, or name another file.`,
        { path },
        { cause: error },
      );
  }
}

function corrupt(path: string, found: string, cause?: unknown): Failure {
  return new Failure(
    'store-corrupt',
    `${path} is damaged (${found}). Move it away to begin with an empty one, put back a copy, or try sqlite3's .recover on it.`,
    { path },
    { cause },
  );
}

/** The primary result code of SQLite (https://sqlite.org/rescode.html), or undefined for other errors. */
function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return undefined;
  return error.errcode & 0xff;
}
