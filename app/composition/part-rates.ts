import type { LivePart } from '../live/window.ts';

type Seen = { atMs: number; bytes: number; latencyMs: number };

const spanMs = 10_000;
const maxSeen = 2000;

/** How the parts of a stream come in, over the last 10 seconds. */
export class PartRates {
  readonly #now: () => number;
  #seen: Seen[] = [];

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  add({ bytes, durationMs, completedAtMs }: Pick<LivePart, 'bytes' | 'durationMs' | 'completedAtMs'>): void {
    const atMs = this.#now();
    const latencyMs = Math.max(0, atMs - completedAtMs) + durationMs;
    this.#seen = [...this.#recent(), { atMs, bytes: bytes.length, latencyMs }].slice(-maxSeen);
  }

  current(): { bitrateKbps: number | undefined; partsPerSecond: number; latencyMs: number | undefined } {
    const seen = this.#recent();
    const [first] = seen;
    if (!first) return { bitrateKbps: undefined, partsPerSecond: 0, latencyMs: undefined };
    // A stream that has just begun has no 10 seconds behind it.
    const spanS = Math.max(1000, this.#now() - first.atMs) / 1000;
    const sum = (of: (each: Seen) => number) => seen.reduce((total, each) => total + of(each), 0);
    return {
      bitrateKbps: (sum(each => each.bytes) * 8) / 1000 / spanS,
      partsPerSecond: seen.length / spanS,
      latencyMs: sum(each => each.latencyMs) / seen.length,
    };
  }

  #recent(): Seen[] {
    const nowMs = this.#now();
    return this.#seen.filter(({ atMs }) => atMs > nowMs - spanMs && atMs <= nowMs);
  }
}
