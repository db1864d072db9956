/** What a run's samples say, in figures. Pure. */

/** One grab of the screen: when, and the time in the barcode it showed; undefined where none could be read. */
export type Sample = { atMs: number; shownMs: number | undefined };

export type Stall = { fromMs: number; untilMs: number };

export type Figures = {
  samples: number;
  medianMs: number | undefined;
  p90Ms: number | undefined;
  /** How often no new picture came for more than 0.3 s, and the longest wait for one; stalls are not counted. */
  freezes: number;
  longestPauseMs: number;
  /** The 99th percentile of the waits for a new picture. */
  p99PauseMs: number | undefined;
  /** The median of the last third over that of the first, minus one. */
  drift: number | undefined;
  /** From the end of the stall until, for a second, every sample was at most 1.3 × the median before it. */
  recoveryMs: number | undefined;
  /** The median of what followed the recovery, or of the last 5 s where there was none. */
  afterStallMs: number | undefined;
};

const freezeMs = 300;
const recoveredFactor = 1.3;
const recoveredForMs = 1000;

export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const median = (values: readonly number[]): number | undefined => quantile(values, 0.5);

type Seen = { atMs: number; delayMs: number; shownMs: number };

/** `samples` in order of time, from the moment on from which they count. */
export function figuresOf(samples: readonly Sample[], stall?: Stall): Figures {
  const seen = samples.flatMap(({ atMs, shownMs }): Seen[] =>
    shownMs === undefined ? [] : [{ atMs, shownMs, delayMs: atMs - shownMs }],
  );
  const calm = stall ? seen.filter(({ atMs }) => atMs < stall.fromMs) : seen;
  const delaysMs = calm.map(({ delayMs }) => delayMs);
  const medianMs = median(delaysMs);
  const third = Math.floor(delaysMs.length / 3);
  const [early, late] = [median(delaysMs.slice(0, third)), median(delaysMs.slice(-third))];
  const lastAtMs = (stall ? stall.fromMs : samples.at(-1)?.atMs) ?? 0;
  const pausesMs = pausesOf(calm, lastAtMs);
  return {
    samples: delaysMs.length,
    medianMs,
    p90Ms: quantile(delaysMs, 0.9),
    freezes: pausesMs.filter(pause => pause > freezeMs).length,
    longestPauseMs: Math.max(0, ...pausesMs),
    p99PauseMs: quantile(pausesMs, 0.99),
    drift: early && late ? late / early - 1 : undefined,
    ...(stall && medianMs !== undefined
      ? afterwards(seen, stall, medianMs)
      : { recoveryMs: undefined, afterStallMs: undefined }),
  };
}

/** How long each picture stood until the next one was seen. */
function pausesOf(seen: readonly Seen[], endMs: number): number[] {
  const changes = seen.filter(({ shownMs }, index) => index === 0 || shownMs !== seen[index - 1]?.shownMs);
  return changes.map(({ atMs }, index) => (changes[index + 1]?.atMs ?? endMs) - atMs);
}

function afterwards(seen: readonly Seen[], stall: Stall, medianMs: number) {
  const later = seen.filter(({ atMs }) => atMs >= stall.untilMs);
  const isGood = ({ delayMs }: Seen): boolean => delayMs <= recoveredFactor * medianMs;
  const back = later.find(({ atMs }, index) => {
    const second = later.slice(index).filter(other => other.atMs < atMs + recoveredForMs);
    const isWhole = (later.at(-1)?.atMs ?? 0) >= atMs + recoveredForMs;
    return isWhole && second.length > 1 && second.every(isGood);
  });
  const lastMs = later.at(-1)?.atMs ?? 0;
  const settled = later.filter(({ atMs }) => atMs >= (back?.atMs ?? lastMs - 5000));
  return {
    recoveryMs: back ? back.atMs - stall.untilMs : undefined,
    afterStallMs: median(settled.map(({ delayMs }) => delayMs)),
  };
}
