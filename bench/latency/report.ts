/** Figures as a table for people. */
import type { SourceDelay } from './broadcast.ts';
import type { Measured } from './measure.ts';
import { firstPictureTargetMs, peers, pictureAgainTargetMs, type Row, recoveryTargetMs } from './rows.ts';

const ms = (value: number | null | undefined): string =>
  value === undefined || value === null ? '–' : `${Math.round(value)}`;

const columns: readonly [string, (measured: Measured, row: Row, path: 'loopback' | 'tor') => string][] = [
  ['row', measured => measured.row],
  ['median', measured => ms(measured.medianMs)],
  ['target', (_, row, path) => ms(row.targetMs[path])],
  ['p90', measured => ms(measured.p90Ms)],
  ['first', measured => ms(measured.firstPictureMs)],
  ['again', measured => ms(measured.pictureAgainMs)],
  ['freezes', measured => `${measured.freezes}`],
  ['longest', measured => ms(measured.longestPauseMs)],
  ['p99', measured => ms(measured.p99PauseMs)],
  ['drift', measured => (measured.drift === undefined ? '–' : `${Math.round(measured.drift * 100)} %`)],
  ['back after', measured => ms(measured.recoveryMs)],
  ['then', measured => ms(measured.afterStallMs)],
  ['tone', measured => (measured.heard ? `${Math.round(measured.heard.toneShare * 100)} %` : '–')],
  ['n', measured => `${measured.samples}`],
  ['load', measured => measured.load.toFixed(1)],
];

export type Outcome = { row: Row; measured: Measured | { failure: string } };

export function report(
  outcomes: readonly Outcome[],
  path: 'loopback' | 'tor',
  source: SourceDelay | undefined,
): string {
  const lines = [columns.map(([title]) => title)];
  for (const { row, measured } of outcomes) {
    lines.push(
      'failure' in measured
        ? [row.name, `failed: ${measured.failure}`]
        : columns.map(([, cell]) => cell(measured, row, path)),
    );
  }
  const widths = columns.map((_, index) =>
    Math.max(...lines.filter(line => line.length > 2).map(line => (line[index] ?? '').length)),
  );
  const table = lines.map(line =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  '),
  );
  return [
    `Glass to glass, ms, ${path === 'tor' ? 'through a private Tor network' : 'on loopback'}:`,
    '',
    ...table,
    '',
    `Targets: first picture ${firstPictureTargetMs[path]} ms, opened again ${pictureAgainTargetMs[path]} ms; after a stall back at 1.3 × the median within ${recoveryTargetMs} ms.`,
    ...(source
      ? [
          `Of each figure ${ms(source.medianMs)} ms (at worst ${ms(source.worstMs)}) is the scene's own way into the launcher; ${source.skipped} of its pictures were skipped.`,
        ]
      : []),
    'Beside it:',
    ...peers.map(peer => `  ${peer}`),
    '',
  ].join('\n');
}
