import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { Failure } from '../lib/failure.ts';

/** A row as SQLite hands it out. */
export type Columns = Readonly<Record<string, SQLOutputValue>>;

type Read<T> = (row: Columns, column: string) => T;

/** How each column of a row is read; its keys are the columns. */
export type Shape<Row> = { readonly [Column in keyof Row & string]: Read<Row[Column]> };

export const text: Read<string> = (row, column) => {
  const value = row[column];
  return typeof value === 'string' ? value : unfit(column, value);
};

export const number: Read<number> = (row, column) => {
  const value = row[column];
  return typeof value === 'number' ? value : unfit(column, value);
};

export const flag: Read<boolean> = (row, column) => number(row, column) === 1;

/** NULL or what `read` reads. */
export function nullable<T>(read: Read<T>): Read<T | null> {
  return (row, column) => (row[column] === null ? null : read(row, column));
}

export function oneOf<T extends string>(values: readonly T[]): Read<T> {
  return (row, column) => {
    const value = text(row, column);
    return values.find(known => known === value) ?? unfit(column, value);
  };
}

export function columnsOf<Row>(shape: Shape<Row>): (keyof Row & string)[] {
  return Object.keys(shape) as (keyof Row & string)[];
}

/** Throws Failure `store-corrupt` for a value of the wrong kind. */
export function readerOf<Row>(shape: Shape<Row>): (row: Columns) => Row {
  const columns = columnsOf(shape);
  return row => {
    const read: Partial<Row> = {};
    for (const column of columns) read[column] = shape[column](row, column);
    return read as Row;
  };
}

/** A row as SQLite takes it, which has no booleans. */
export function bound(row: Readonly<Record<string, SQLInputValue | boolean>>): Record<string, SQLInputValue> {
  const columns = Object.entries(row);
  return Object.fromEntries(
    columns.map(([column, value]) => [column, typeof value === 'boolean' ? Number(value) : value]),
  );
}

/** `INSERT INTO table ("a", "b") VALUES (:a, :b)` */
export function insertSql(table: string, columns: readonly string[]): string {
  const names = columns.map(column => `"${column}"`);
  const values = columns.map(column => `:${column}`);
  return `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`;
}

/** The same, or an update of the row with that id. */
export function saveSql(table: string, columns: readonly string[]): string {
  const updates = columns.map(column => `"${column}" = excluded."${column}"`);
  return `${insertSql(table, columns)} ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`;
}

// The value itself may be somebody's message: it stays out of the sentence.
function unfit(column: string, value: unknown): never {
  throw new Failure(
    'store-corrupt',
    `The stored ${column} is of the wrong kind (${value === null ? 'null' : typeof value}). Move the database away and start with an empty one, or put back a copy.`,
    { column },
  );
}
