import type { AttackFigures } from './attack.ts';
import type { GuessFigures } from './desk.ts';
import type { TalkFigures } from './people.ts';

export type Figures = {
  attackers: AttackFigures;
  people: TalkFigures;
  /** Of each page and each command at the desk. */
  deskMs: readonly number[];
  /** Messages that came up in the chat. */
  shown: { attackers: number; people: number };
  cores: number;
  rssBytes: number;
  /** The server's count of the last minute. */
  refusals: Readonly<Record<string, number>>;
  logIns: { guesses: GuessFigures; ms: readonly number[]; refused: number } | undefined;
};

export type Phase = { name: string; figures: Figures };

/** A table, one column for each phase. */
export function report(phases: readonly Phase[], load: string): string {
  const rows: [string, (figures: Figures) => string][] = [
    ['attackers: posts', ({ attackers }) => `${attackers.posts}`],
    ['  identities', ({ attackers }) => `${attackers.identities}`],
    ['  got no answer', ({ attackers }) => `${attackers.failed}`],
    ['  held back', ({ attackers }) => `${attackers.held}`],
    ['  GOT THROUGH', ({ shown }) => `${shown.attackers}`],
    ['people: tried', ({ people }) => `${people.tried}`],
    ['  said', ({ people, shown }) => `${people.said} (shown ${shown.people})`],
    ['  captchas on the way', ({ people }) => `${people.captchas}`],
    ['  p50 / p99 ms', ({ people }) => twoOf(people.ms)],
    ['share of people in chat', ({ shown }) => share(shown.people, shown.people + shown.attackers)],
    ['desk: answers', ({ deskMs }) => `${deskMs.length}`],
    ['  p50 / p99 ms', ({ deskMs }) => twoOf(deskMs)],
    ['wrong log-ins: tried', ({ logIns }) => (logIns ? `${logIns.guesses.guesses}` : '–')],
    ['  of broadcaster', ({ logIns }) => (logIns ? `${logIns.ms.length} in, ${logIns.refused} not` : '–')],
    ['  p50 / p99 ms', ({ logIns }) => (logIns ? twoOf(logIns.ms) : '–')],
    ['server: cores', ({ cores }) => cores.toFixed(2)],
    ['  RSS MB', ({ rssBytes }) => `${Math.round(rssBytes / 1e6)}`],
  ];
  const table = [
    ['', ...phases.map(({ name }) => name)],
    ...rows.map(([name, of]) => [name, ...phases.map(({ figures }) => of(figures))]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0))) ?? [];
  const lines = table.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const refused = phases.map(({ name, figures }) => {
    const reasons = Object.entries(figures.refusals).sort(([, a], [, b]) => b - a);
    const people =
      figures.people.refused.length > 0 ? `; people: ${[...new Set(figures.people.refused)]}` : '';
    return `refused in the last minute, ${name}: ${reasons.map(([why, n]) => `${why} ${n}`).join(', ')}${people}`;
  });
  return [...lines.map(line => line.trimEnd()), '', ...refused, `load before: ${load}`, ''].join('\n');
}

function twoOf(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return [0.5, 0.99].map(part => at(part)?.toFixed(0) ?? '–').join(' / ');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`;
}
