/**
 * How much a viewer has and has not played yet, where his clock stops while he has nothing: a second a second of what
 * has come. After a standstill he plays what was under way then, late as it is, and nobody can make that shorter.
 */
export class Unplayed {
  #ms = 0;
  #atMs: number;
  #givenMs = 0;
  #cameMs = 0;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** More of the stream was written for him. */
  give(ms: number): void {
    this.#givenMs += ms;
  }

  /** `waitingMs` of what was written has not come to him; what was believed to have come may turn out not to have. */
  advance(nowMs: number, waitingMs: number): void {
    const cameMs = this.#givenMs - Math.min(waitingMs, this.#givenMs);
    this.#ms = Math.max(0, this.#ms + cameMs - this.#cameMs - (nowMs - this.#atMs));
    this.#cameMs = cameMs;
    this.#atMs = nowMs;
  }
}
