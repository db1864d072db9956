/**
 * Which of several qualities the line carries. A live stream comes at its own pace, so while all is well nobody knows
 * how much more there would be room for: down quickly when the line is too slow, and up by trying, a try that fails
 * being followed by a longer wait. Pure: the caller brings the time and the figures.
 */
export type LineFigures = {
  nowMs: number;
  /** What plays, as an index into `kbps`, best first. */
  at: number;
  kbps: readonly number[];
  /** Seconds that wait in the circuit. */
  backlogS: number;
  /** So far, and counting. */
  stalls: number;
  reconnects: number;
  arrivingKbps: number | undefined;
};

const lookMs = 8000;
const backlogDownS = 1.5;
// What stood still for a while comes in a burst, and is soon over.
const backloggedMs = 1500;
// A stall on its own may be anything.
const stallsDown = 2;
// So much of what arrives may be used: what is measured on a full line is all there is.
const share = 0.85;
const settleMs = 3000;
const firstTryMs = 20_000;
const maxTryMs = 10 * 60_000;
// What has carried it for so long may be tried again as if for the first time.
const provenMs = 3 * 60_000;

type Event = { atMs: number };

export class QualityChoice {
  #stalls: Event[] = [];
  #seen = { stalls: 0, reconnects: 0 };
  #changedMs: number;
  #backloggedSinceMs: number | undefined;
  /** So long a quality has to go well before the next better one is tried. */
  #tryMs = firstTryMs;
  /** What plays is a try, and the one below it has gone well. */
  #isTry = false;

  constructor(nowMs: number) {
    this.#changedMs = nowMs;
  }

  /** The quality has changed: what was seen of the one before does not count. */
  restart(nowMs: number): void {
    this.#changedMs = nowMs;
    this.#stalls = [];
    this.#isTry = false;
    this.#backloggedSinceMs = undefined;
  }

  /** The index of what should play now. */
  next(figures: LineFigures): number {
    const { nowMs, at, kbps } = figures;
    this.#count(figures);
    const heldMs = nowMs - this.#changedMs;
    if (heldMs < settleMs) return at;
    if (this.#isTooMuch(figures)) {
      // The same trouble with the least there is: nothing to be done here.
      if (at === kbps.length - 1) return at;
      this.#tryMs = heldMs < provenMs ? Math.min(maxTryMs, this.#tryMs * 2) : firstTryMs;
      const next = this.#isTry ? at + 1 : lower(figures);
      this.restart(nowMs);
      return next;
    }
    const isCalm = this.#stalls.length === 0 && figures.backlogS < backlogDownS / 3;
    if (at === 0 || !isCalm || heldMs < this.#tryMs) return at;
    this.restart(nowMs);
    this.#isTry = true;
    return at - 1;
  }

  #count({ nowMs, stalls, reconnects }: LineFigures): void {
    const more = Math.max(0, stalls - this.#seen.stalls) + Math.max(0, reconnects - this.#seen.reconnects);
    this.#seen = { stalls, reconnects };
    const settled = nowMs - this.#changedMs >= settleMs;
    // The change itself may cost a stall.
    if (settled) for (let count = 0; count < more; count += 1) this.#stalls.push({ atMs: nowMs });
    this.#stalls = this.#stalls.filter(({ atMs }) => nowMs - atMs < lookMs);
  }

  #isTooMuch({ nowMs, backlogS }: LineFigures): boolean {
    if (backlogS < backlogDownS) this.#backloggedSinceMs = undefined;
    else this.#backloggedSinceMs ??= nowMs;
    const isBacklogged =
      this.#backloggedSinceMs !== undefined && nowMs - this.#backloggedSinceMs >= backloggedMs;
    return isBacklogged || this.#stalls.length >= stallsDown;
  }
}

/** The best that what arrives has room for, and lower than what plays. */
function lower({ at, kbps, arrivingKbps }: LineFigures): number {
  const room = (arrivingKbps ?? 0) * share;
  const fitting = kbps.findIndex((each, index) => index > at && each <= room);
  return fitting > 0 ? fitting : arrivingKbps === undefined ? at + 1 : kbps.length - 1;
}
