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
  /** A filter that takes too long on this text. */
  tooSlow: Filter | undefined;
  /** Whether all filters had their turn within the time. */
  isComplete: boolean;
}>;

const maxTries = 3;

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
    for (let tries = 0; tries < maxTries; tries++) {
      const { matches, unfinished } = this.#run(text, filters);
      if (!unfinished)
        return { matches, text: censored(text, matches), tooSlow: undefined, isComplete: true };
      // Once more and alone: the others, the machine, or V8, which had to compile it, may have taken the time.
      const isGuilty =
        this.#bounded.run(this.#config.filterMs, () => unfinished.find(seenOf(text))) === 'slow';
      if (isGuilty) return { matches, text, tooSlow: unfinished.filter, isComplete: false };
    }
    return { matches: [], text, tooSlow: undefined, isComplete: false };
  }

  /** `unfinished`: of those that had their turn before the time was over, the slowest. */
  #run(
    text: string,
    filters: readonly Compiled[],
  ): { matches: FilterMatch[]; unfinished: Compiled | undefined } {
    const matches: FilterMatch[] = [];
    let slowest = { compiled: filters[0], ms: 0 };
    let current: { compiled: Compiled; sinceMs: number } | undefined;
    const compare = (): void => {
      const ms = current ? performance.now() - current.sinceMs : 0;
      if (current && ms > slowest.ms) slowest = { compiled: current.compiled, ms };
    };
    const outcome =
      filters.length === 0
        ? 'done'
        : this.#bounded.run(this.#config.filterMs, () => {
            const seen = seenOf(text);
            for (const compiled of filters) {
              current = { compiled, sinceMs: performance.now() };
              const stretches = compiled.find(seen);
              compare();
              if (stretches.length > 0) matches.push({ filter: compiled.filter, stretches });
            }
          });
    if (outcome === 'done') return { matches, unfinished: undefined };
    compare();
    return { matches, unfinished: slowest.compiled };
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

function censored(text: string, matches: readonly FilterMatch[]): string {
  const censoring = matches.filter(({ filter }) => filter.action === 'censor');
  return starred(
    text,
    censoring.flatMap(({ stretches }) => stretches),
  );
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
