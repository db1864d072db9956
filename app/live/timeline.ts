/** A part on its encoder run's own timeline, in ms, and when the encoder had finished it. */
export type TimedPart = { startMs: number; durationMs: number; completedAtMs: number };

/** One run of an encoder: `shiftMs` leads from its own timeline to the channel's. */
export type EncoderRun = {
  readonly shiftMs: number;
  /** When its time was zero, by its first part and by its newest: a source may come in a burst at first. */
  readonly firstOriginMs: number;
  originMs: number;
};

// Renditions of one encoder differ by what their codecs take; two runs by at least the wait between them.
const sameRunMs = 1000;
const maxRuns = 8;
// Nobody streams for so long: an encoder that counts from there tells its machine's clock, or how long that has been on.
const clockMs = 24 * 3_600_000;
// Another rendition of the same run may begin a little earlier than the one that is seen first.
const leadMs = 10_000;

const originOf = ({ startMs, durationMs, completedAtMs }: TimedPart): number =>
  completedAtMs - durationMs - startMs;

/**
 * The timeline that all renditions of a channel share: every encoder run counts from zero, and goes on here where the
 * wall clock is. Renditions of one run are moved by the same shift, so that a player may go from one to the other.
 */
export class Timeline {
  #runs: EncoderRun[] = [];
  #edge: { endMs: number; completedAtMs: number } | undefined;

  /**
   * The run that a part begins for its rendition. `before` is the run which that rendition comes from: what another one
   * has begun since then is the same, if its time was zero at the same moment. `endMs` is where the rendition ends so
   * far.
   */
  begin(part: TimedPart, before: EncoderRun | undefined, endMs: number): EncoderRun {
    const originMs = originOf(part);
    const since = before ? this.#runs.slice(this.#runs.indexOf(before) + 1) : this.#runs;
    const isSame = (run: EncoderRun) =>
      [run.originMs, run.firstOriginMs].some(origin => Math.abs(origin - originMs) < sameRunMs);
    const known = since.findLast(run => isSame(run) && part.startMs + run.shiftMs >= endMs - sameRunMs);
    if (known) return known;
    const nowEndMs = this.#edge
      ? this.#edge.endMs + part.completedAtMs - this.#edge.completedAtMs
      : undefined;
    const firstMs = part.startMs < clockMs ? part.startMs : leadMs;
    const shiftMs =
      (nowEndMs === undefined ? firstMs : Math.max(endMs, nowEndMs - part.durationMs)) - part.startMs;
    const run = { shiftMs, firstOriginMs: originMs, originMs };
    this.#runs = [...this.#runs, run].slice(-maxRuns);
    return run;
  }

  /** A part of `run` has come. */
  advance(run: EncoderRun, part: TimedPart): void {
    run.originMs = originOf(part);
    const endMs = part.startMs + run.shiftMs + part.durationMs;
    if (!this.#edge || endMs >= this.#edge.endMs) this.#edge = { endMs, completedAtMs: part.completedAtMs };
  }
}
