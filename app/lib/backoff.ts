import { setTimeout as delay } from 'node:timers/promises';

export type BackoffConfig = { firstMs: number; maxMs: number };

/** Waits `firstMs`, then twice as long at each further call, up to `maxMs`; `reset` begins anew. */
export class Backoff {
  readonly #config: BackoffConfig;
  #nextMs: number;

  constructor(config: BackoffConfig) {
    this.#config = config;
    this.#nextMs = config.firstMs;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Resolves after the wait, or rejects with an AbortError when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, this.#config.maxMs);
    await delay(waitMs, undefined, { signal });
  }

  reset(): void {
    this.#nextMs = this.#config.firstMs;
  }
}
