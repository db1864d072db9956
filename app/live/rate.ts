import type { Window } from './window.ts';

/** Bits of what is in the window, in kbit/s of 1000 bits; 0 while it is empty. */
export type Rate = {
  /** Over all of it. */
  averageKbps: number;
  /** Of its heaviest segment. */
  peakKbps: number;
};

export function rateOf({ segments }: Pick<Window, 'segments'>): Rate {
  const measured = segments.map(({ parts, durationMs, complete }) => ({
    bits: parts.reduce((sum, part) => sum + part.bytes.length * 8, 0),
    durationMs,
    complete,
  }));
  const sum = (of: (each: (typeof measured)[number]) => number) =>
    measured.reduce((total, each) => total + of(each), 0);
  const durationMs = sum(each => each.durationMs);
  const averageKbps = durationMs === 0 ? 0 : sum(each => each.bits) / durationMs;
  const peaks = measured.filter(each => each.complete && each.durationMs > 0);
  return {
    averageKbps,
    peakKbps: Math.max(averageKbps, ...peaks.map(each => each.bits / each.durationMs)),
  };
}
