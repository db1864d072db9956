/** Who watches by asking again and again, as HLS players do: in from the first question on, out when none comes any more. */
type Watching = { leave: () => void; untilMs: number };

// A slow circuit, and a player that has enough for the moment, take their time between two questions.
const quietMs = 12_000;

export class Returning {
  readonly #now: () => number;
  readonly #max: number;
  readonly #watching = new Map<string, Watching>();

  /** `max`: more than so many are not counted. */
  constructor({ now, max }: { now: () => number; max: number }) {
    this.#now = now;
    this.#max = max;
  }

  /** `key` has asked; `enter` lets them in, and returns what lets them out again. */
  came(key: string, enter: () => () => void): void {
    const untilMs = this.#now() + quietMs;
    const there = this.#watching.get(key);
    if (there) there.untilMs = untilMs;
    else if (this.#watching.size < this.#max) this.#watching.set(key, { leave: enter(), untilMs });
  }

  /** At once, whenever they would have asked next. */
  leave(key: string): void {
    this.#watching.get(key)?.leave();
    this.#watching.delete(key);
  }

  /** To be called every second or so. */
  sweep(): void {
    const nowMs = this.#now();
    for (const [key, { untilMs }] of this.#watching) if (untilMs <= nowMs) this.leave(key);
  }
}
