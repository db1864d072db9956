import { addressed } from './addressed.ts';

/** A way to another time, for the frame that shows the picture. */
export type RewindLink = { href: string; label: string };

const shortS = 60;

function lengthInWords(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** `dvrS`: what is kept in the end, `keptS`: by now, in seconds. */
type Kept = { dvrS: number; keptS: number };

/** The ways back in time, and the way to what is live again. None where nothing is ever kept. */
export function rewindLinks(
  { dvrS, keptS }: Kept,
  { query, sound }: { query: string; sound: boolean },
): RewindLink[] {
  if (dvrS === 0) return [];
  const to = (ago: number | undefined, label: string): RewindLink => ({
    href: addressed('/player', { query, sound: sound ? '1' : undefined, ago: ago?.toString() }),
    label,
  });
  return [
    ...(keptS > shortS ? [to(shortS, '1 min ago')] : []),
    // All that is kept, also when the page has been open for a while.
    to(Math.ceil(dvrS), keptS > 0 ? `From the start (${lengthInWords(keptS)})` : 'From the start'),
    to(undefined, 'Back to live'),
  ];
}
