import { Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import type { ModerationConfig } from './config.ts';
import { compilePattern, type Pattern, type Stretch, seenOf } from './filter-pattern.ts';
import type { FilterRow, FilterStore } from './store.ts';

export type Filter = Readonly<FilterRow>;
export type FilterOrder = Pick<Filter, 'kind' | 'pattern' | 'action' | 'forMs' | 'by'>;

export type FilterMatch = Readonly<{ filter: Filter; stretches: readonly Stretch[] }>;

export type FilterResult = Readonly<{
  matches: readonly FilterMatch[];
  /** With the stretches of censoring filters as stars. */
  text: string;
  /** Whether all filters had their turn within the time. */
  isComplete: boolean;
}>;

/** Of one regular expression, and of all together: so many steps for each character of each message. */
export const maxSize = 200;
export const maxSizeOfAll = 400;

type Compiled = { filter: Filter; pattern: Pattern };

type FiltersConfig = Pick<ModerationConfig, 'maxFilters' | 'filterMs'>;

/** Word filters, in the order they were made. Outlive a restart. */
export class Filters {
  /** All of them after each change. */
  readonly changes = new Topic<readonly Filter[]>();
  readonly #store: FilterStore;
  readonly #now: () => number;
  readonly #config: FiltersConfig;
  readonly #filters = new Map<number, Compiled>();

  constructor(deps: { store: FilterStore; now: () => number }, config: FiltersConfig) {
    this.#store = deps.store;
    this.#now = deps.now;
    this.#config = config;
    for (const row of deps.store.all()) this.#load(row);
  }

  list(): Filter[] {
    return [...this.#filters.values()].map(({ filter }) => filter);
  }

  /** Throws Failure `filter-invalid`, `filter-too-large` or `filters-full`. */
  add(order: FilterOrder): Filter {
    const { size } = this.#checked(order);
    if (this.#filters.size >= this.#config.maxFilters) {
      throw new Failure(
        'filters-full',
        `There are ${this.#config.maxFilters} filters already. Remove one first.`,
      );
    }
    const sizeOfAll = [...this.#filters.values()].reduce((sum, each) => sum + each.pattern.size, size);
    if (sizeOfAll > maxSizeOfAll) {
      throw new Failure(
        'filters-full',
        'All regular expressions together would take too long. Remove one, or use words, which cost less.',
        { sizeOfAll },
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

  /** What those that are on say to a text. */
  apply(text: string): FilterResult {
    const filters = [...this.#filters.values()].filter(({ filter }) => filter.suspendedAtMs === null);
    return apply(text, filters, this.#config.filterMs);
  }

  /** The same for one that is not saved yet; throws like `add`. */
  try(order: FilterOrder, text: string): FilterResult {
    const filter = { ...order, id: 0, atMs: this.#now(), suspendedAtMs: null };
    return apply(text, [{ filter, pattern: this.#checked(order) }], this.#config.filterMs);
  }

  #checked(order: FilterOrder): Pattern {
    const pattern = compilePattern(order);
    if (pattern.size <= maxSize) return pattern;
    throw new Failure(
      'filter-too-large',
      `This regular expression would take too long: ${pattern.size} steps, at most ${maxSize} are allowed. Repeat less often, or write * or +.`,
      { size: pattern.size },
    );
  }

  /** One that another version saved, and that can't be used any more, stays in the list and is off. */
  #load(row: FilterRow): void {
    try {
      this.#filters.set(row.id, { filter: row, pattern: warm(this.#checked(row), row.pattern) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const filter = { ...row, suspendedAtMs: row.suspendedAtMs ?? this.#now() };
      this.#filters.set(row.id, { filter, pattern: { size: 0, find: () => [] } });
    }
  }

  #hold(filter: Filter): Filter {
    this.#load(filter);
    this.changes.publish(this.list());
    return filter;
  }
}

/** The machine compiles a pattern when it runs: then that is done before somebody's message waits for it. */
function warm(pattern: Pattern, typed: string): Pattern {
  const seen = seenOf(`${typed} in a text like any other, number 1234567890. `.repeat(4));
  for (let round = 0; round < 2; round++) pattern.find(seen, () => false);
  return pattern;
}

function apply(text: string, filters: readonly Compiled[], ms: number): FilterResult {
  const first = applyOnce(text, filters, ms);
  // Once more: others may have kept the processor, or the machine had to compile what it ran for the first time.
  return first.isComplete ? first : applyOnce(text, filters, ms);
}

function applyOnce(text: string, filters: readonly Compiled[], ms: number): FilterResult {
  const untilMs = performance.now() + ms;
  const isLate = (): boolean => performance.now() >= untilMs;
  // So that what one finds over and over leaves time for the others.
  const isLong = (): boolean => performance.now() >= untilMs - ms / 2;
  const seen = seenOf(text);
  const matches: FilterMatch[] = [];
  let isComplete = true;
  for (const { filter, pattern } of filters) {
    isComplete &&= !isLate();
    if (!isComplete) break;
    const stretches = pattern.find(seen, isLong);
    if (stretches.length > 0) matches.push({ filter, stretches });
  }
  return { matches, text: censored(text, matches), isComplete };
}

function censored(text: string, matches: readonly FilterMatch[]): string {
  const hidden = new Uint8Array(text.length);
  for (const { filter, stretches } of matches) {
    if (filter.action === 'censor') for (const { start, end } of stretches) hidden.fill(1, start, end);
  }
  let at = 0;
  const letters = Array.from(text, letter => {
    const isHidden = hidden.subarray(at, at + letter.length).every(unit => unit === 1);
    at += letter.length;
    return isHidden && letter.trim() !== '' ? '*' : letter;
  });
  return letters.join('');
}
