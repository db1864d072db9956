import type { StatementSync } from 'node:sqlite';
import {
  bound,
  type Columns,
  columnsOf,
  flag,
  insertSql,
  number,
  oneOf,
  readerOf,
  type Shape,
} from './columns.ts';
import type { Database } from './database.ts';
import { type MessageRow, messageKinds } from './rows.ts';
import { said } from './said.ts';

const shape: Shape<MessageRow> = { ...said, number, kind: oneOf(messageKinds), hidden: flag };
const read = readerOf(shape);

/** The messages in the order of their numbers. */
export class Messages {
  readonly #database: Database;
  readonly #lastNumber: StatementSync;
  readonly #recent: StatementSync;
  readonly #find: StatementSync;
  readonly #findByNonce: StatementSync;
  readonly #ofPerson: StatementSync;
  readonly #insert: StatementSync;
  readonly #setHidden: StatementSync;
  readonly #hideOfPerson: StatementSync;
  readonly #deleteOfPerson: StatementSync;
  readonly #deleteThrough: StatementSync;
  readonly #lastNumberBefore: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#lastNumber = database.prepare("SELECT seq AS number FROM sqlite_sequence WHERE name = 'messages'");
    this.#recent = database.prepare('SELECT * FROM messages WHERE hidden = ? ORDER BY number DESC LIMIT ?');
    this.#find = database.prepare('SELECT * FROM messages WHERE number = ?');
    this.#findByNonce = database.prepare('SELECT * FROM messages WHERE personId = ? AND nonce = ?');
    this.#ofPerson = database.prepare(
      'SELECT * FROM messages WHERE personId = ? ORDER BY number DESC LIMIT ?',
    );
    this.#insert = database.prepare(insertSql('messages', columnsOf(shape)));
    this.#setHidden = database.prepare(
      'UPDATE messages SET hidden = :hidden WHERE number = :number AND hidden <> :hidden RETURNING *',
    );
    this.#hideOfPerson = database.prepare(
      'UPDATE messages SET hidden = 1 WHERE personId = ? AND hidden = 0 RETURNING number',
    );
    this.#deleteOfPerson = database.prepare('DELETE FROM messages WHERE personId = ? RETURNING number');
    this.#deleteThrough = database.prepare('DELETE FROM messages WHERE number <= ?');
    this.#lastNumberBefore = database.prepare(
      'SELECT coalesce(max(number), 0) AS number FROM messages WHERE atMs < ?',
    );
  }

  /** The highest number ever stored, also when that message is gone; 0 at first. */
  lastNumber(): number {
    const row = this.#lastNumber.get();
    return row ? number(row, 'number') : 0;
  }

  recent(limit: number, hidden: boolean): MessageRow[] {
    return this.#recent.all(Number(hidden), limit).reverse().map(read);
  }

  find(messageNumber: number): MessageRow | undefined {
    return optionalRow(this.#find.get(messageNumber));
  }

  findByNonce(personId: string, nonce: string): MessageRow | undefined {
    return optionalRow(this.#findByNonce.get(personId, nonce));
  }

  ofPerson(personId: string, limit: number): MessageRow[] {
    return this.#ofPerson.all(personId, limit).reverse().map(read);
  }

  append(row: MessageRow, keep: number): void {
    this.#database.write(() => {
      this.#insert.run(bound(row));
      this.#deleteThrough.run(row.number - keep);
    });
  }

  setHidden(numbers: readonly number[], hidden: boolean): MessageRow[] {
    return this.#database.write(() =>
      ascending(numbers).flatMap(
        messageNumber =>
          optionalRow(this.#setHidden.get({ number: messageNumber, hidden: Number(hidden) })) ?? [],
      ),
    );
  }

  hideOfPerson(personId: string): number[] {
    return this.#database.write(() => numbersOf(this.#hideOfPerson.all(personId)));
  }

  deleteOfPerson(personId: string): number[] {
    const numbers = this.#database.write(() => numbersOf(this.#deleteOfPerson.all(personId)));
    this.#database.scrub();
    return numbers;
  }

  deleteThrough(messageNumber: number): number {
    const { changes } = this.#database.write(() => this.#deleteThrough.run(messageNumber));
    this.#database.scrub();
    return Number(changes);
  }

  lastNumberBefore(atMs: number): number {
    const row = this.#lastNumberBefore.get(atMs);
    return row ? number(row, 'number') : 0;
  }
}

function optionalRow(row: Columns | undefined): MessageRow | undefined {
  return row && read(row);
}

function numbersOf(rows: readonly Columns[]): number[] {
  return ascending(rows.map(row => number(row, 'number')));
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}
