type Run = { first: number; last: number };

/** Numbers that only rise, kept as runs: a document holds thousands of messages, with hardly a gap between them. */
export class Runs {
  readonly #runs: Run[] = [];

  /** The lowest of them. */
  get first(): number | undefined {
    return this.#runs[0]?.first;
  }

  /** The highest of them. */
  get last(): number | undefined {
    return this.#runs.at(-1)?.last;
  }

  /** False for one that is not above all the others. */
  add(number: number): boolean {
    const run = this.#runs.at(-1);
    if (run && number <= run.last) return false;
    if (run && number === run.last + 1) run.last = number;
    else this.#runs.push({ first: number, last: number });
    return true;
  }

  has(number: number): boolean {
    return this.#runs.some(({ first, last }) => first <= number && number <= last);
  }
}
