import type { StatementSync } from 'node:sqlite';
import { type Columns, insertSql, nullable, number, oneOf, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import { type FilterRow, filterActions, filterKinds } from './rows.ts';

const columns = [
  'kind',
  'pattern',
  'action',
  'forMs',
  'by',
  'atMs',
  'suspendedAtMs',
] as const satisfies readonly (keyof FilterRow)[];

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
    this.#insert = database.prepare(insertSql('filters', columns));
    this.#save = database.prepare(saveSql('filters', ['id', ...columns]));
    this.#delete = database.prepare('DELETE FROM filters WHERE id = ?');
  }

  all(): FilterRow[] {
    return this.#all.all().map(filterRow);
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

function filterRow(row: Columns): FilterRow {
  return {
    id: number(row, 'id'),
    kind: oneOf(filterKinds)(row, 'kind'),
    pattern: text(row, 'pattern'),
    action: oneOf(filterActions)(row, 'action'),
    forMs: nullable(number, row, 'forMs'),
    by: text(row, 'by'),
    atMs: number(row, 'atMs'),
    suspendedAtMs: nullable(number, row, 'suspendedAtMs'),
  };
}
