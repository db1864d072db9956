/** How long to wait before the next try: twice as long each time, and not all viewers at the same moment. */
const firstMs = 300;
const maxMs = 15_000;

export class RetryWait {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  nextMs(): number {
    const ms = Math.min(maxMs, firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return ms * (0.75 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
