/** What has arrived over the last seconds. Pure: the caller brings the time. */
const spanMs = 5000;
const slotMs = 250;

export class Arrivals {
  #slots: { slot: number; bytes: number }[] = [];
  #sinceMs: number;
  #totalBytes = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  add(nowMs: number, bytes: number): void {
    this.#totalBytes += bytes;
    const slot = Math.floor(nowMs / slotMs);
    const last = this.#slots.at(-1);
    if (last?.slot === slot) last.bytes += bytes;
    else this.#slots.push({ slot, bytes });
    const oldest = Math.floor((nowMs - spanMs) / slotMs);
    this.#slots = this.#slots.filter(each => each.slot > oldest);
  }

  /** Begins to count anew: another response, another pace. */
  restart(nowMs: number): void {
    this.#slots = [];
    this.#sinceMs = nowMs;
  }

  /** Kilobits a second, or undefined before there is a second to tell of. */
  kbps(nowMs: number): number | undefined {
    const oldest = Math.floor((nowMs - spanMs) / slotMs);
    const ms = nowMs - Math.max(this.#sinceMs, (oldest + 1) * slotMs);
    if (ms < 1000) return undefined;
    const bytes = this.#slots.reduce((sum, each) => sum + (each.slot > oldest ? each.bytes : 0), 0);
    return (bytes * 8) / ms;
  }
}
