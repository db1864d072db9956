import type { StatementSync } from 'node:sqlite';
import {
  columnsOf,
  insertSql,
  nullable,
  number,
  oneOf,
  readerOf,
  type Shape,
  saveSql,
  text,
} from './columns.ts';
import type { Database } from './database.ts';
import { type FilterRow, filterActions, filterKinds } from './rows.ts';

const added: Shape<Omit<FilterRow, 'id'>> = {
  kind: oneOf(filterKinds),
  pattern: text,
  action: oneOf(filterActions),
  forMs: nullable(number),
  by: text,
  atMs: number,
  suspendedAtMs: nullable(number),
};
const shape: Shape<FilterRow> = { id: number, ...added };
const read = readerOf(shape);

/** Word filters. */
export class Filters {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM filters ORDER BY id');
    this.#insert = database.prepare(insertSql('filters', columnsOf(added)));
    this.#save = database.prepare(saveSql('filters', columnsOf(shape)));
    this.#delete = database.prepare('DELETE FROM filters WHERE id = ?');
  }

  all(): FilterRow[] {
    return this.#all.all().map(read);
  }

  /** Returns the id. */
  add(row: Omit<FilterRow, 'id'>): number {
    return this.#database.write(() => Number(this.#insert.run(row).lastInsertRowid));
  }

  /** Inserts or replaces by id. */
  save(row: FilterRow): void {
    this.#database.write(() => this.#save.run(row));
  }

  delete(id: number): void {
    this.#database.write(() => this.#delete.run(id));
  }
}
