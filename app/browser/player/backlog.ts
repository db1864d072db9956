/**
 * How much of the stream is still on its way. A circuit can hold seconds of it, unseen by the server: what arrives then
 * is older each time. The least age ever seen stands for an empty line, so that no clock has to be compared (as LEDBAT
 * does, RFC 6817 §4.2). Pure: the caller brings the time.
 */
// Both clocks drift: the least of the last minutes counts, a number each.
const minuteMs = 60_000;
const keptMinutes = 5;
// Seconds that wait in the circuit while data keeps coming: what is asked for anew overtakes them.
const muchS = 4;
// What stood still for a while comes in a burst, and is soon over.
const lastsMs = 2000;

export class Backlog {
  #least: { minute: number; ageS: number }[] = [];
  #seconds = 0;
  #muchSinceMs: number | undefined;

  /** Media up to `mediaEndS` on the stream's timeline has arrived. */
  add(nowMs: number, mediaEndS: number): void {
    const ageS = nowMs / 1000 - mediaEndS;
    const minute = Math.floor(nowMs / minuteMs);
    const last = this.#least.at(-1);
    if (last?.minute === minute) last.ageS = Math.min(last.ageS, ageS);
    else this.#least = [...this.#least, { minute, ageS }].slice(-keptMinutes);
    this.#seconds = ageS - Math.min(...this.#least.map(least => least.ageS));
  }

  /** Of the newest data, against the least there was. */
  get seconds(): number {
    return this.#seconds;
  }

  get isMuch(): boolean {
    return this.#seconds >= muchS;
  }

  /** Whether it has been much for a while. To be looked at now and then; `isLive`: nothing else can be late. */
  lasts(nowMs: number, isLive: boolean): boolean {
    if (!isLive || !this.isMuch) this.#muchSinceMs = undefined;
    else this.#muchSinceMs ??= nowMs;
    return this.#muchSinceMs !== undefined && nowMs - this.#muchSinceMs > lastsMs;
  }

  /** The timeline or the clock has jumped: nothing from before counts. */
  reset(): void {
    this.#least = [];
    this.#seconds = 0;
  }
}
