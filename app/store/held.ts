import type { StatementSync } from 'node:sqlite';
import { columnsOf, insertSql, number, readerOf } from './columns.ts';
import type { Database } from './database.ts';
import type { HeldRow, SaidRow } from './rows.ts';
import { said } from './said.ts';

const read = readerOf<HeldRow>({ ...said, id: number });

/** Messages that wait for a moderator. */
export class Held {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM held ORDER BY id');
    this.#insert = database.prepare(insertSql('held', columnsOf(said)));
    this.#delete = database.prepare('DELETE FROM held WHERE id = ?');
  }

  all(): HeldRow[] {
    return this.#all.all().map(read);
  }

  add(row: SaidRow): number {
    return this.#database.write(() => Number(this.#insert.run(row).lastInsertRowid));
  }

  delete(id: number): void {
    this.#database.write(() => this.#delete.run(id));
  }
}
