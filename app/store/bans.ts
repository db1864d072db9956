import type { StatementSync } from 'node:sqlite';
import { type Columns, nullable, number, oneOf, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import { type BanRow, banKinds } from './rows.ts';

const columns = [
  'id',
  'kind',
  'personId',
  'tripcode',
  'name',
  'reason',
  'by',
  'atMs',
  'untilMs',
] as const satisfies readonly (keyof BanRow)[];

/** Bans and mutes. */
export class Bans {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM bans ORDER BY atMs, rowid');
    this.#save = database.prepare(saveSql('bans', columns));
    this.#delete = database.prepare('DELETE FROM bans WHERE id = ?');
  }

  all(): BanRow[] {
    return this.#all.all().map(banRow);
  }

  /** Inserts or replaces by id. */
  save(row: BanRow): void {
    this.#database.write(() => this.#save.run(row));
  }

  delete(ids: readonly string[]): void {
    this.#database.write(() => {
      for (const id of ids) this.#delete.run(id);
    });
  }
}

function banRow(row: Columns): BanRow {
  return {
    id: text(row, 'id'),
    kind: oneOf(banKinds)(row, 'kind'),
    personId: nullable(text, row, 'personId'),
    tripcode: nullable(text, row, 'tripcode'),
    name: text(row, 'name'),
    reason: text(row, 'reason'),
    by: text(row, 'by'),
    atMs: number(row, 'atMs'),
    untilMs: nullable(number, row, 'untilMs'),
  };
}
