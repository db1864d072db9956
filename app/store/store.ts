/**
 * What outlives a restart. Owns the database file, its tables and their versions; knows nothing of what the rows
 * mean. Calls are synchronous: a write takes some 30 µs, less than handing it to a thread, and is with the
 * operating system when the call returns.
 */
import { Database } from './database.ts';
import { Filters } from './filters.ts';
import { Held } from './held.ts';
import { Messages } from './messages.ts';
import { ModerationLog } from './moderation-log.ts';
import { Persons } from './persons.ts';
import { Settings } from './settings.ts';
import { openTables, type Tables } from './tables.ts';

export type Store = Tables &
  Readonly<{
    messages: Messages;
    held: Held;
    persons: Persons;
    settings: Settings;
    moderationLog: ModerationLog;
    filters: Filters;
    close(): void;
  }>;

export type StoreOptions = { kind: 'sqlite'; path: string } | { kind: 'memory' };

/**
 * Opens the store, bringing the tables up to date. Throws Failure `store-unopenable`, `store-in-use`,
 * `store-foreign`, `store-newer` or `store-corrupt`; every write throws `store-write-failed` when it can't.
 */
export function openStore(options: StoreOptions): Store {
  const database = options.kind === 'memory' ? Database.inMemory() : new Database(options.path);
  return {
    ...openTables(database),
    messages: new Messages(database),
    held: new Held(database),
    persons: new Persons(database),
    settings: new Settings(database),
    moderationLog: new ModerationLog(database),
    filters: new Filters(database),
    close: () => database.close(),
  };
}
