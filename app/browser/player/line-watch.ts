/** What is known of the line that data comes by: whether it is dead, has settled, and when to try again. */
import { RetryWait } from './retry-wait.ts';

// Once data has come, silence means that the line is dead. A new circuit takes its time: a question that got no answer is
// asked again on another connection, with more patience each time.
const answerMs = 8000;
const answerAtMostMs = 30_000;
const silenceMs = 6000;
const settleMs = 5000;

export class LineWatch {
  readonly #retryWait = new RetryWait();
  #bytesMs = performance.now();
  #begunMs: number | undefined;

  /** Failures in a row. */
  get failures(): number {
    return this.#retryWait.failures;
  }

  /** When data came last. */
  get bytesMs(): number {
    return this.#bytesMs;
  }

  get isDead(): boolean {
    const patienceMs = Math.min(answerAtMostMs, answerMs * 2 ** this.failures);
    return performance.now() - this.#bytesMs > (this.#begunMs === undefined ? patienceMs : silenceMs);
  }

  /** Nothing has come for a while; too early to call it dead. */
  get isSilent(): boolean {
    return performance.now() - this.#bytesMs > silenceMs / 2;
  }

  /** Data has come for long enough to judge by. */
  get hasSettled(): boolean {
    return this.#begunMs !== undefined && performance.now() - this.#begunMs > settleMs;
  }

  /** `alone`: nothing else is being read meanwhile. */
  asked(alone: boolean): void {
    this.#bytesMs = performance.now();
    if (alone) this.#begunMs = undefined;
  }

  begun(): void {
    this.#begunMs = performance.now();
  }

  came(): void {
    this.#bytesMs = performance.now();
  }

  /** Another failure: how long to wait before the next try. */
  failed(): number {
    return this.#retryWait.nextMs();
  }

  /** What failed before does not count any more. */
  forgive(): void {
    this.#retryWait.reset();
  }
}
