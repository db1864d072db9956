import type { StatementSync } from 'node:sqlite';
import { columnsOf, nullable, number, oneOf, readerOf, type Shape, saveSql, text } from './columns.ts';
import type { Database } from './database.ts';
import { type PersonRow, roles, tripcodeKinds } from './rows.ts';

const shape: Shape<PersonRow> = {
  id: text,
  name: nullable(text),
  colour: nullable(text),
  tripcode: nullable(text),
  tripcodeKind: nullable(oneOf(tripcodeKinds)),
  tripcodeForeground: nullable(text),
  tripcodeBackground: nullable(text),
  role: oneOf(roles),
  memberSinceMs: nullable(number),
  captchaPassedAtMs: nullable(number),
  wroteAtMs: nullable(number),
  createdAtMs: number,
  seenAtMs: number,
};
const read = readerOf(shape);

const isForgettable = "role = 'viewer' AND memberSinceMs IS NULL";

export class Persons {
  readonly #database: Database;
  readonly #find: StatementSync;
  readonly #staff: StatementSync;
  readonly #members: StatementSync;
  readonly #save: StatementSync;
  readonly #deleteUnseen: StatementSync;
  readonly #deleteSurplus: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare('SELECT * FROM persons WHERE id = ?');
    this.#staff = database.prepare("SELECT * FROM persons WHERE role <> 'viewer' ORDER BY id");
    this.#members = database.prepare(
      'SELECT * FROM persons WHERE memberSinceMs IS NOT NULL ORDER BY memberSinceMs, id',
    );
    this.#save = database.prepare(saveSql('persons', columnsOf(shape)));
    this.#deleteUnseen = database.prepare(`DELETE FROM persons WHERE seenAtMs < ? AND ${isForgettable}`);
    this.#deleteSurplus = database.prepare(
      `DELETE FROM persons WHERE id IN (
         SELECT id FROM persons WHERE ${isForgettable} ORDER BY seenAtMs
         LIMIT max(0, (SELECT count(*) FROM persons) - ?))`,
    );
  }

  find(id: string): PersonRow | undefined {
    const row = this.#find.get(id);
    return row && read(row);
  }

  /** Everyone whose role is not `viewer`. */
  staff(): PersonRow[] {
    return this.#staff.all().map(read);
  }

  /** Everyone with `memberSinceMs`, in its order. */
  members(): PersonRow[] {
    return this.#members.all().map(read);
  }

  /** Inserts or replaces by id, all of them or none. */
  save(rows: readonly PersonRow[]): void {
    this.#database.write(() => {
      for (const row of rows) this.#save.run(row);
    });
  }

  /** Never forgets members, moderators or the broadcaster, even if that leaves more than `maxRows`. */
  prune({ seenBeforeMs, maxRows }: { seenBeforeMs: number; maxRows: number }): number {
    return this.#database.write(() => {
      const unseen = this.#deleteUnseen.run(seenBeforeMs);
      const surplus = this.#deleteSurplus.run(maxRows);
      return Number(unseen.changes) + Number(surplus.changes);
    });
  }
}
