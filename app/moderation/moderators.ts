import { Failure } from '../lib/failure.ts';
import type { PeopleConfig } from '../people/config.ts';
import { lookAlike } from '../people/look-alike.ts';
import { parseName } from '../people/name.ts';
import type { ModerationConfig } from './config.ts';
import { broadcasterName, filtersName } from './staff.ts';
import type { ModeratorRow, ModeratorStore } from './store.ts';

export type ModeratorsConfig = Pick<ModerationConfig, 'maxModerators'> &
  Pick<PeopleConfig, 'maxNameLength' | 'defaultName' | 'reservedNames'>;

/** The accounts of moderators, by name. */
export class Moderators {
  readonly #store: ModeratorStore;
  readonly #config: ModeratorsConfig;
  readonly #rows: Map<string, ModeratorRow>;

  constructor({ store }: { store: ModeratorStore }, config: ModeratorsConfig) {
    this.#store = store;
    this.#config = config;
    this.#rows = new Map(store.all().map(row => [row.id, row]));
  }

  all(): ModeratorRow[] {
    return [...this.#rows.values()];
  }

  /** However the name is written. */
  find(name: string): ModeratorRow | undefined {
    return this.all().find(({ id }) => foldedName(id) === foldedName(name));
  }

  /** Throws Failure `moderator-unknown`. */
  need(name: string): ModeratorRow {
    const row = this.find(name);
    if (row) return row;
    throw new Failure('moderator-unknown', `There is no moderator “${name.slice(0, 64)}”. See: mods`);
  }

  /** The name as a new account would have it. Throws Failure `name-…`, `moderator-name` or `moderators-full`. */
  newName(typed: string): string {
    const { maxModerators, reservedNames } = this.#config;
    // The log would not tell apart what they did and what these did.
    const others = [broadcasterName, filtersName];
    const name = parseName(typed, { ...this.#config, reservedNames: [...reservedNames, ...others] });
    if (name === undefined)
      throw new Failure('moderator-name', 'A moderator needs a name of their own. Give one.');
    const taken = lookAlike(name, [...this.#rows.keys()]);
    if (taken !== undefined) {
      throw new Failure(
        'moderator-name',
        `“${name}” looks too much like the moderator “${taken}”. Choose another name.`,
        {
          taken,
        },
      );
    }
    if (this.#rows.size >= maxModerators) {
      throw new Failure(
        'moderators-full',
        `There are ${maxModerators} moderators already. Remove one first.`,
      );
    }
    return name;
  }

  save(row: ModeratorRow): void {
    this.#store.save(row);
    this.#rows.set(row.id, row);
  }

  delete(id: string): void {
    this.#store.delete([id]);
    this.#rows.delete(id);
  }
}

export function foldedName(name: string): string {
  return name.slice(0, 200).normalize('NFKC').trim().toLowerCase();
}
