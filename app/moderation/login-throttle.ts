import { RecencyMap } from '../chat/recency-map.ts';
import { waitText } from '../chat/refusal.ts';
import { Failure } from '../lib/failure.ts';

type Failures = { count: number; lastAtMs: number };

const freeFailures = 3;
const firstWaitMs = 2000;
const maxWaitMs = 5 * 60_000;
const forgottenAfterMs = 3_600_000;
const maxSources = 20_000;

/**
 * Makes whoever guesses passwords wait longer each time, by session and by circuit. Never by account: nobody can lock
 * anyone else out.
 */
export class LoginThrottle {
  readonly #now: () => number;
  readonly #failures = new RecencyMap<Failures>(maxSources);

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** Throws Failure `login-wait` (facts: `retryAtMs`) for a source that has to wait. */
  assertMayTry(sources: readonly string[]): void {
    const retryAtMs = Math.max(...sources.map(source => this.#retryAtMs(source)));
    const waitMs = retryAtMs - this.#now();
    if (waitMs <= 0) return;
    throw new Failure('login-wait', `Too many wrong passwords from here. Try again ${waitText(waitMs)}.`, {
      retryAtMs,
    });
  }

  /** To be called before the password is checked: tries that run side by side count as well. */
  begin(sources: readonly string[]): void {
    const lastAtMs = this.#now();
    for (const source of sources) {
      this.#failures.set(source, { count: this.#count(source) + 1, lastAtMs });
    }
  }

  /** It was the right one, or was not checked at all. */
  forgive(sources: readonly string[], all: boolean): void {
    for (const source of sources) {
      const failures = this.#failures.get(source);
      if (all || !failures || failures.count <= 1) this.#failures.delete(source);
      else this.#failures.set(source, { ...failures, count: failures.count - 1 });
    }
  }

  #count(source: string): number {
    const failures = this.#failures.get(source);
    return failures && this.#now() - failures.lastAtMs < forgottenAfterMs ? failures.count : 0;
  }

  #retryAtMs(source: string): number {
    const tooMany = this.#count(source) - freeFailures;
    const lastAtMs = this.#failures.get(source)?.lastAtMs ?? 0;
    return tooMany < 0 ? 0 : lastAtMs + Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(tooMany, 20));
  }
}
