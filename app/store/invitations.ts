import type { StatementSync } from 'node:sqlite';
import { type Columns, nullable, number, oneOf, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import { grants, type InvitationRow } from './rows.ts';

const columns = [
  'id',
  'tokenHash',
  'grants',
  'note',
  'by',
  'createdAtMs',
  'expiresAtMs',
  'redeemedAtMs',
  'redeemedBy',
] as const satisfies readonly (keyof InvitationRow)[];

export class Invitations {
  readonly #database: Database;
  readonly #all: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#all = database.prepare('SELECT * FROM invitations ORDER BY createdAtMs, rowid');
    this.#save = database.prepare(saveSql('invitations', columns));
    this.#delete = database.prepare('DELETE FROM invitations WHERE id = ?');
  }

  all(): InvitationRow[] {
    return this.#all.all().map(invitationRow);
  }

  /** Inserts or replaces by id. */
  save(row: InvitationRow): void {
    this.#database.write(() => this.#save.run(row));
  }

  delete(ids: readonly string[]): void {
    this.#database.write(() => {
      for (const id of ids) this.#delete.run(id);
    });
  }
}

function invitationRow(row: Columns): InvitationRow {
  return {
    id: text(row, 'id'),
    tokenHash: text(row, 'tokenHash'),
    grants: oneOf(grants)(row, 'grants'),
    note: text(row, 'note'),
    by: text(row, 'by'),
    createdAtMs: number(row, 'createdAtMs'),
    expiresAtMs: nullable(number, row, 'expiresAtMs'),
    redeemedAtMs: nullable(number, row, 'redeemedAtMs'),
    redeemedBy: nullable(text, row, 'redeemedBy'),
  };
}
