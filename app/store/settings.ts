import type { StatementSync } from 'node:sqlite';
import { saveSql, text } from './columns.ts';
import type { Database } from './database.ts';

/** Small settings that change at run time: JSON text by key. */
export class Settings {
  readonly #database: Database;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#get = database.prepare('SELECT json FROM settings WHERE id = ?');
    this.#set = database.prepare(saveSql('settings', ['id', 'json']));
    this.#delete = database.prepare('DELETE FROM settings WHERE id = ?');
  }

  get(key: string): string | undefined {
    const row = this.#get.get(key);
    return row && text(row, 'json');
  }

  /** undefined removes it. */
  set(key: string, json: string | undefined): void {
    this.#database.write(() =>
      json === undefined ? this.#delete.run(key) : this.#set.run({ id: key, json }),
    );
  }
}
