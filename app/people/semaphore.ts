import { Failure } from '../lib/failure.ts';

export type SemaphoreConfig = { atOnce: number; maxWaiting: number };

/** Lets `atOnce` jobs run and `maxWaiting` more wait their turn, in order; refuses the rest. */
export class Semaphore {
  readonly #config: SemaphoreConfig;
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(config: SemaphoreConfig) {
    this.#config = config;
  }

  /** What `job` resolves to; throws Failure `busy` at once when too many wait already. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#config.atOnce) this.#running += 1;
    else await this.#turn();
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      // Whoever waited takes over our place, so that no newcomer slips in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#config.maxWaiting) {
      throw new Failure('busy', 'Too many people want this at once. Try again in a few seconds.', {
        waiting: this.#waiting.length,
      });
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }
}
