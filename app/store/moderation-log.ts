import type { StatementSync } from 'node:sqlite';
import { type Columns, insertSql, nullable, number, text } from './columns.ts';
import type { Database } from './database.ts';
import type { ModerationRow } from './rows.ts';

const columns = [
  'atMs',
  'by',
  'action',
  'target',
  'undo',
  'undoes',
] as const satisfies readonly (keyof ModerationRow)[];

export const moderationRowsKept = 10_000;

/** Who did what, when. Rows are added and, far behind, forgotten; never changed. */
export class ModerationLog {
  readonly #database: Database;
  readonly #keep: number;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  readonly #find: StatementSync;
  readonly #recent: StatementSync;
  readonly #undoing: StatementSync;

  constructor(database: Database, keep = moderationRowsKept) {
    this.#database = database;
    this.#keep = keep;
    this.#insert = database.prepare(insertSql('moderationLog', columns));
    this.#forget = database.prepare('DELETE FROM moderationLog WHERE id <= ?');
    this.#find = database.prepare('SELECT * FROM moderationLog WHERE id = ?');
    this.#recent = database.prepare('SELECT * FROM moderationLog WHERE id < ? ORDER BY id DESC LIMIT ?');
    this.#undoing = database.prepare(
      'SELECT * FROM moderationLog WHERE undoes = ? AND id > ? ORDER BY id LIMIT 1',
    );
  }

  /** Returns the id. */
  append(row: Omit<ModerationRow, 'id'>): number {
    return this.#database.write(() => {
      const id = Number(this.#insert.run(row).lastInsertRowid);
      this.#forget.run(id - this.#keep);
      return id;
    });
  }

  find(id: number): ModerationRow | undefined {
    const row = this.#find.get(id);
    return row && moderationRow(row);
  }

  /** The newest `limit` rows before the row `beforeId`, newest first. */
  recent(limit: number, beforeId: number = Number.MAX_SAFE_INTEGER): ModerationRow[] {
    return this.#recent.all(beforeId, limit).map(moderationRow);
  }

  /** The row that undid the row `id`, if one did. */
  undoing(id: number): ModerationRow | undefined {
    const row = this.#undoing.get(id, id);
    return row && moderationRow(row);
  }
}

function moderationRow(row: Columns): ModerationRow {
  return {
    id: number(row, 'id'),
    atMs: number(row, 'atMs'),
    by: text(row, 'by'),
    action: text(row, 'action'),
    target: text(row, 'target'),
    undo: nullable(text, row, 'undo'),
    undoes: nullable(number, row, 'undoes'),
  };
}
