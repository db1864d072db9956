import type { StatementSync } from 'node:sqlite';
import { type Columns, number, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import type { LoginRow } from './rows.ts';

const columns = [
  'id',
  'name',
  'personId',
  'createdAtMs',
  'seenAtMs',
] as const satisfies readonly (keyof LoginRow)[];

/** The sessions of staff. */
export class Logins {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM logins ORDER BY createdAtMs, rowid');
    this.#save = database.prepare(saveSql('logins', columns));
    this.#delete = database.prepare('DELETE FROM logins WHERE id = ?');
  }

  all(): LoginRow[] {
    return this.#all.all().map(loginRow);
  }

  /** Inserts or replaces by id. */
  save(row: LoginRow): void {
    this.#database.write(() => this.#save.run(row));
  }

  delete(ids: readonly string[]): void {
    this.#database.write(() => {
      for (const id of ids) this.#delete.run(id);
    });
  }
}

function loginRow(row: Columns): LoginRow {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    personId: text(row, 'personId'),
    createdAtMs: number(row, 'createdAtMs'),
    seenAtMs: number(row, 'seenAtMs'),
  };
}
