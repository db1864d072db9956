import { Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import { Bounded } from './bounded.ts';
import type { ModerationConfig } from './config.ts';
import { checkPattern, compilePattern, type Pattern, type Stretch, seenOf } from './filter-pattern.ts';
import type { FilterRow, FilterStore } from './store.ts';

export type Filter = Readonly<FilterRow>;
export type FilterOrder = Pick<Filter, 'kind' | 'pattern' | 'action' | 'forMs' | 'by'>;

export type FilterMatch = Readonly<{ filter: Filter; stretches: readonly Stretch[] }>;

export type FilterResult = Readonly<{
  matches: readonly FilterMatch[];
  /** With the stretches of censoring filters as stars. */
  text: string;
  /** The filter that took too long: whether it and those after it match is not known. */
  tooSlow: Filter | undefined;
}>;

type Compiled = { filter: Filter; find: Pattern };

/** Word filters, in the order they were made. Outlive a restart. */
export class Filters {
  /** All of them after each change. */
  readonly changes = new Topic<readonly Filter[]>();
  readonly #store: FilterStore;
  readonly #now: () => number;
  readonly #config: Pick<ModerationConfig, 'maxFilters' | 'filterMs'>;
  readonly #bounded = new Bounded();
  readonly #filters: Map<number, Compiled>;

  constructor(
    deps: { store: FilterStore; now: () => number },
    config: Pick<ModerationConfig, 'maxFilters' | 'filterMs'>,
  ) {
    this.#store = deps.store;
    this.#now = deps.now;
    this.#config = config;
    this.#filters = new Map(deps.store.all().map(row => [row.id, compiled(row)]));
  }

  list(): Filter[] {
    return [...this.#filters.values()].map(({ filter }) => filter);
  }

  /** Throws Failure `filter-invalid`, `filter-catastrophic` or `filters-full`. */
  add(order: FilterOrder): Filter {
    checkPattern(order, this.#bounded);
    if (this.#filters.size >= this.#config.maxFilters) {
      throw new Failure(
        'filters-full',
        `There are ${this.#config.maxFilters} filters already. Remove one first.`,
      );
    }
    const row = { ...order, atMs: this.#now(), suspendedAtMs: null };
    return this.#hold({ ...row, id: this.#store.add(row) });
  }

  /** Throws Failure `filter-unknown`. */
  remove(id: number): Filter {
    const filter = this.#filters.get(id)?.filter;
    if (!filter) throw new Failure('filter-unknown', `There is no filter ${id}. See: filters`);
    this.#store.delete(id);
    this.#filters.delete(id);
    this.changes.publish(this.list());
    return filter;
  }

  /** Puts a removed one back. */
  restore(filter: Filter): void {
    this.#store.save(filter);
    this.#hold(filter);
  }

  /** Switches one off that takes too long. */
  suspend(id: number): void {
    const held = this.#filters.get(id);
    if (!held) return;
    const filter = { ...held.filter, suspendedAtMs: this.#now() };
    this.#store.save(filter);
    this.#hold(filter);
  }

  /** What those that are on say to a text. */
  apply(text: string): FilterResult {
    return this.#apply(
      text,
      [...this.#filters.values()].filter(({ filter }) => filter.suspendedAtMs === null),
    );
  }

  /** The same for one that is not saved yet; throws like `add`. */
  try(order: FilterOrder, text: string): FilterResult {
    checkPattern(order, this.#bounded);
    return this.#apply(text, [compiled({ ...order, id: 0, atMs: this.#now(), suspendedAtMs: null })]);
  }

  #apply(text: string, filters: readonly Compiled[]): FilterResult {
    const matches: FilterMatch[] = [];
    const slowest = { filter: filters[0]?.filter, ms: 0 };
    let current: { filter: Filter; sinceMs: number } | undefined;
    const endCurrent = (): void => {
      const ms = current ? performance.now() - current.sinceMs : 0;
      if (current && ms > slowest.ms) Object.assign(slowest, { filter: current.filter, ms });
    };
    const inTime =
      filters.length === 0 ||
      this.#bounded.run(this.#config.filterMs, () => {
        const seen = seenOf(text);
        for (const { filter, find } of filters) {
          current = { filter, sinceMs: performance.now() };
          const stretches = find(seen);
          endCurrent();
          if (stretches.length > 0) matches.push({ filter, stretches });
        }
      });
    if (!inTime) endCurrent();
    const censored = matches.filter(({ filter }) => filter.action === 'censor');
    return {
      matches,
      text: starred(
        text,
        censored.flatMap(({ stretches }) => stretches),
      ),
      tooSlow: inTime ? undefined : slowest.filter,
    };
  }

  #hold(filter: Filter): Filter {
    this.#filters.set(filter.id, compiled(filter));
    this.changes.publish(this.list());
    return filter;
  }
}

function compiled(filter: Filter): Compiled {
  return { filter, find: compilePattern(filter) };
}

function starred(text: string, stretches: readonly Stretch[]): string {
  const stars = [...text];
  let at = 0;
  for (const [index, letter] of stars.entries()) {
    const start = at;
    at += letter.length;
    if (stretches.some(stretch => start >= stretch.start && at <= stretch.end) && letter.trim() !== '') {
      stars[index] = '*';
    }
  }
  return stars.join('');
}
