import { Failure } from '../lib/failure.ts';

export type SemaphoreConfig = { atOnce: number; maxWaiting: number };

type Waiting = { rank: number; begin: () => void; refuse: (reason: Failure) => void };

/** Lets `atOnce` jobs run and `maxWaiting` more wait their turn: the lowest rank first, then in order; refuses the rest. */
export class Semaphore {
  readonly #config: SemaphoreConfig;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(config: SemaphoreConfig) {
    this.#config = config;
  }

  /** What `job` resolves to; throws Failure `busy` once too many wait who go first. */
  async run<T>(job: () => Promise<T>, rank = 0): Promise<T> {
    if (this.#running < this.#config.atOnce) this.#running += 1;
    else await this.#turn(rank);
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      // Whoever waited takes over our place, so that no newcomer slips in between.
      if (next === undefined) this.#running -= 1;
      else next.begin();
    }
  }

  #turn(rank: number): Promise<void> {
    return new Promise((begin, refuse) => {
      const place = this.#waiting.findLastIndex(each => each.rank <= rank) + 1;
      this.#waiting.splice(place, 0, { rank, begin, refuse });
      if (this.#waiting.length > this.#config.maxWaiting) this.#waiting.pop()?.refuse(this.#busy());
    });
  }

  #busy(): Failure {
    const { maxWaiting: waiting } = this.#config;
    return new Failure('busy', 'Too many people want this at once. Try again in a few seconds.', { waiting });
  }
}
