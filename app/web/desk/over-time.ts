import type { Counters } from '../../moderation/counters.ts';
import type { ViewersOverTime } from '../../moderation/viewers-over-time.ts';
import { drawChart, scaleTop } from './chart.ts';
import { refusalWords } from './words.ts';

const hourMs = 3_600_000;
const spans = [1, 6, 24] as const;
const tableRows = 12;

type Viewers = Pick<ViewersOverTime, 'series' | 'samples'>;

/** One of the spans that can be asked for. */
export function hoursOf(asked: string): number {
  return spans.find(hours => String(hours) === asked) ?? 1;
}

/** Columns that are as wide as the time between two samples, or wider. */
export function chartPng(viewers: Viewers, hours: number): Buffer {
  return drawChart(viewers.series(hours * hourMs, 320));
}

/** What stands around the picture, and in its place for those who can't see it. */
export function overTime(viewers: Viewers, asked: string) {
  const hours = hoursOf(asked);
  const series = viewers.series(hours * hourMs, tableRows);
  const known = series.filter(value => value !== undefined);
  const most = Math.max(0, ...known);
  const stepMinutes = (hours * 60) / tableRows;
  return {
    hours,
    spans: spans.map(each => ({ hours: each, isCurrent: each === hours })),
    most,
    top: scaleTop(Math.max(1, most)),
    isEmpty: known.length === 0,
    // A new address when there is something new: then a page that stays open asks for the picture again.
    version: viewers.samples().at(-1)?.atMs.toString(36) ?? '',
    rows: series.map((value, index) => ({
      from: minutesAgo((tableRows - index) * stepMinutes),
      to: index === tableRows - 1 ? 'now' : minutesAgo((tableRows - index - 1) * stepMinutes),
      most: value === undefined ? 'unknown' : String(value),
    })),
  };
}

/** Why messages were refused, in the last minute and the last hour; the most frequent first. */
export function refusals(counters: Pick<Counters, 'lastMinute' | 'minutes'>) {
  const minute = counters.lastMinute().refusals;
  const hour = new Map<string, number>();
  for (const { refusals } of counters.minutes(60)) {
    for (const [reason, count] of Object.entries(refusals)) hour.set(reason, (hour.get(reason) ?? 0) + count);
  }
  const words: Readonly<Record<string, string>> = refusalWords;
  return [...hour]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => ({ why: words[reason] ?? reason, minute: minute[reason] ?? 0, hour: count }));
}

function minutesAgo(minutes: number): string {
  return minutes < 120 ? `${minutes} min ago` : `${minutes / 60} h ago`;
}
