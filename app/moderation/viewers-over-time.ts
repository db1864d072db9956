export type Sample = Readonly<{ atMs: number; viewers: number }>;

const everyMs = 10_000;
const kept = (24 * 3600 * 1000) / everyMs;

/** How many watched: a sample every 10 s over the last 24 hours of this process. */
export class ViewersOverTime {
  readonly #now: () => number;
  #samples: Sample[] = [];

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** To be called about once a second. */
  tick(viewers: number): void {
    const atMs = this.#now();
    const last = this.#samples.at(-1);
    if (last && atMs >= last.atMs && atMs - last.atMs < everyMs) return;
    this.#samples.push({ atMs, viewers });
    if (this.#samples.length > kept) this.#samples = this.#samples.slice(-kept);
  }

  /**
   * The last `spanMs` in `points` equal stretches, oldest first: the most that watched in each, or undefined where
   * there is no sample.
   */
  series(spanMs: number, points: number): (number | undefined)[] {
    const fromMs = this.#now() - spanMs;
    const series = new Array<number | undefined>(points).fill(undefined);
    for (const { atMs, viewers } of this.#samples) {
      const point = Math.min(points - 1, Math.floor(((atMs - fromMs) / spanMs) * points));
      if (point >= 0) series[point] = Math.max(series[point] ?? 0, viewers);
    }
    return series;
  }

  /** Oldest first. */
  samples(): readonly Sample[] {
    return this.#samples;
  }
}
