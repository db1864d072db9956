import type { StatementSync } from 'node:sqlite';
import { type Columns, number, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import type { ModeratorRow } from './rows.ts';

const columns = [
  'id',
  'passwordHash',
  'by',
  'createdAtMs',
] as const satisfies readonly (keyof ModeratorRow)[];

/** The accounts of moderators. */
export class Moderators {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM moderators ORDER BY createdAtMs, rowid');
    this.#save = database.prepare(saveSql('moderators', columns));
    this.#delete = database.prepare('DELETE FROM moderators WHERE id = ?');
  }

  all(): ModeratorRow[] {
    return this.#all.all().map(moderatorRow);
  }

  /** Inserts or replaces by id. */
  save(row: ModeratorRow): void {
    this.#database.write(() => this.#save.run(row));
  }

  delete(id: string): void {
    this.#database.write(() => this.#delete.run(id));
  }
}

function moderatorRow(row: Columns): ModeratorRow {
  return {
    id: text(row, 'id'),
    passwordHash: text(row, 'passwordHash'),
    by: text(row, 'by'),
    createdAtMs: number(row, 'createdAtMs'),
  };
}
