import type { StatementSync } from 'node:sqlite';
import { columnsOf, insertSql, nullable, number, readerOf, type Shape, text } from './columns.ts';
import type { Database } from './database.ts';
import type { ModerationRow } from './rows.ts';

const added: Shape<Omit<ModerationRow, 'id'>> = {
  atMs: number,
  by: text,
  action: text,
  target: text,
  undo: nullable(text),
  undoes: nullable(number),
};
const read = readerOf<ModerationRow>({ ...added, id: number });

export const moderationRowsKept = 10_000;

/**
 * Who did what, when. Rows are added and, far behind, forgotten. When it is full, whoever has the most rows loses their
 * oldest: nobody can push out what others did by doing much themselves.
 */
export class ModerationLog {
  readonly #database: Database;
  readonly #keep: number;
  readonly #insert: StatementSync;
  readonly #oldestOf: StatementSync;
  readonly #noUndo: StatementSync;
  readonly #forget: StatementSync;
  readonly #find: StatementSync;
  readonly #recent: StatementSync;
  readonly #undoing: StatementSync;
  /** How many rows each has; no name without one. */
  readonly #counts: Map<string, number>;
  #rows: number;

  constructor(database: Database, keep = moderationRowsKept) {
    this.#database = database;
    this.#keep = keep;
    this.#insert = database.prepare(insertSql('moderationLog', columnsOf(added)));
    this.#oldestOf = database.prepare(
      'SELECT id, undoes FROM moderationLog WHERE "by" = ? ORDER BY id LIMIT 1',
    );
    this.#noUndo = database.prepare('UPDATE moderationLog SET undo = NULL WHERE id = ?');
    this.#forget = database.prepare('DELETE FROM moderationLog WHERE id = ?');
    this.#find = database.prepare('SELECT * FROM moderationLog WHERE id = ?');
    this.#recent = database.prepare('SELECT * FROM moderationLog WHERE id < ? ORDER BY id DESC LIMIT ?');
    this.#undoing = database.prepare(
      'SELECT * FROM moderationLog WHERE undoes = ? AND id > ? ORDER BY id LIMIT 1',
    );
    const counted = database.prepare('SELECT "by", COUNT(*) AS rows FROM moderationLog GROUP BY "by"').all();
    this.#counts = new Map(counted.map(row => [text(row, 'by'), number(row, 'rows')]));
    this.#rows = [...this.#counts.values()].reduce((sum, rows) => sum + rows, 0);
  }

  /** Returns the id. */
  append(row: Omit<ModerationRow, 'id'>): number {
    const loser = this.#rows < this.#keep ? undefined : this.#busiest(row.by);
    const id = this.#database.write(() => {
      const id = Number(this.#insert.run(row).lastInsertRowid);
      if (loser !== undefined) this.#forgetOldestOf(loser);
      return id;
    });
    this.#count(row.by, 1);
    if (loser !== undefined) this.#count(loser, -1);
    return id;
  }

  find(id: number): ModerationRow | undefined {
    const row = this.#find.get(id);
    return row && read(row);
  }

  /** The newest `limit` rows before the row `beforeId`, newest first. */
  recent(limit: number, beforeId: number = Number.MAX_SAFE_INTEGER): ModerationRow[] {
    return this.#recent.all(beforeId, limit).map(read);
  }

  /** The row that undid the row `id`, if one did. */
  undoing(id: number): ModerationRow | undefined {
    const row = this.#undoing.get(id, id);
    return row && read(row);
  }

  /** Who has the most rows once `next` has one more. */
  #busiest(next: string): string {
    let busiest = next;
    let most = (this.#counts.get(next) ?? 0) + 1;
    for (const [by, rows] of this.#counts) if (rows >= most) [busiest, most] = [by, rows];
    return busiest;
  }

  #forgetOldestOf(by: string): void {
    const row = this.#oldestOf.get(by);
    if (!row) return;
    const undone = nullable(number)(row, 'undoes');
    // Else it could be undone a second time, as nothing tells any more that it was.
    if (undone !== null) this.#noUndo.run(undone);
    this.#forget.run(number(row, 'id'));
  }

  #count(by: string, change: number): void {
    const rows = (this.#counts.get(by) ?? 0) + change;
    if (rows === 0) this.#counts.delete(by);
    else this.#counts.set(by, rows);
    this.#rows += change;
  }
}
