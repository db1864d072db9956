import { addressed } from './addressed.ts';

/** A way to another time, for the frame that shows the picture. */
export type RewindLink = { href: string; label: string };

const shortS = 60;

function lengthInWords(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** The ways back in time where `dvrS` seconds are kept, and the way to what is live again. None where nothing is kept. */
export function rewindLinks(dvrS: number, { query, sound }: { query: string; sound: boolean }): RewindLink[] {
  if (dvrS === 0) return [];
  const to = (ago: number | undefined, label: string): RewindLink => ({
    href: addressed('/player', { query, sound: sound ? '1' : undefined, ago: ago?.toString() }),
    label,
  });
  return [
    ...(dvrS > shortS ? [to(shortS, '1 min ago')] : []),
    to(Math.ceil(dvrS), `From the start (up to ${lengthInWords(dvrS)})`),
    to(undefined, 'Back to live'),
  ];
}
