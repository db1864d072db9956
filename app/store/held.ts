import type { StatementSync } from 'node:sqlite';
import { insertSql, number } from './columns.ts';
import type { Database } from './database.ts';
import type { HeldRow, SaidRow } from './rows.ts';
import { saidColumns, saidRow } from './said.ts';

/** Messages that wait for a moderator. */
export class Held {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM held ORDER BY id');
    this.#insert = database.prepare(insertSql('held', saidColumns));
    this.#delete = database.prepare('DELETE FROM held WHERE id = ?');
  }

  all(): HeldRow[] {
    return this.#all.all().map(row => ({ ...saidRow(row), id: number(row, 'id') }));
  }

  add(row: SaidRow): number {
    return this.#database.write(() => Number(this.#insert.run(row).lastInsertRowid));
  }

  delete(id: number): void {
    this.#database.write(() => this.#delete.run(id));
  }
}
