/** So many people who begin to write one right after the other are no coincidence. */
const crowd = 10;
const maxGapMs = 5000;
const lookBackMs = 10 * 60_000;

/**
 * When the attack began that a moderator has just seen, from the times (ms, in any order) at which people wrote their
 * first message: where the earliest crowd of the last ten minutes set in, or `nowMs` when there was none.
 */
export function onsetOf(firstMessagesAtMs: readonly number[], nowMs: number): number {
  const times = firstMessagesAtMs.filter(atMs => atMs > nowMs - lookBackMs).sort((a, b) => a - b);
  let first = 0;
  for (const [index, atMs] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined && atMs - before > maxGapMs) first = index;
    if (index - first + 1 >= crowd) return times[first] ?? nowMs;
  }
  return nowMs;
}
