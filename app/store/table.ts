import type { StatementSync } from 'node:sqlite';
import { bound, type Columns, columnsOf, readerOf, type Shape, saveSql } from './columns.ts';
import type { Database } from './database.ts';

/** A table that is read as a whole, and written a row at a time. */
export class Table<Row extends { id: string }> {
  readonly #database: Database;
  readonly #read: (row: Columns) => Row;
  readonly #all: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  /** `orderBy`: a column; rows that are alike in it come as they were added. */
  constructor(database: Database, name: string, orderBy: keyof Row & string, shape: Shape<Row>) {
    this.#database = database;
    this.#read = readerOf(shape);
    this.#all = database.prepare(`SELECT * FROM ${name} ORDER BY ${orderBy}, rowid`);
    this.#save = database.prepare(saveSql(name, columnsOf(shape)));
    this.#delete = database.prepare(`DELETE FROM ${name} WHERE id = ?`);
  }

  all(): Row[] {
    return this.#all.all().map(this.#read);
  }

  /** Inserts or replaces by id. */
  save(row: Row): void {
    this.#database.write(() => this.#save.run(bound(row)));
  }

  delete(ids: readonly string[]): void {
    this.#database.write(() => {
      for (const id of ids) this.#delete.run(id);
    });
  }
}
