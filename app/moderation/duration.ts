const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** What looks like a time, so that a reason may follow or stand in its place. */
export const timeLike = /^(?:\d+[smhdw]|forever)$/i;

// 8.64e15 ms is the end of Date; ten years are for good as far as a chat goes.
const maxMs = 3650 * 86_400_000;

/** `10m`, `2h`, `7d` → milliseconds; `forever` → null; undefined for anything else, nothing and over 10 years. */
export function parseDuration(text: string): number | null | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'forever') return null;
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(word) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  return ms > 0 && ms <= maxMs ? ms : undefined;
}

/** `10m`, `1h30m`, `forever`: the two largest units, rounded up. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return 'forever';
  let leftS = Math.max(1, Math.ceil(ms / 1000));
  // Seconds of a day and minutes of a week are of no interest.
  if (leftS > 86_400) leftS = Math.ceil(leftS / 3600) * 3600;
  else if (leftS > 3600) leftS = Math.ceil(leftS / 60) * 60;
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(leftS / seconds);
    leftS -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join('');
}

/** `for 10m`, `for good`. */
export function forHowLong(forMs: number | null): string {
  return forMs === null ? 'for good' : `for ${formatDuration(forMs)}`;
}
