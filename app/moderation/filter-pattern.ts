import { Failure } from '../lib/failure.ts';
import type { Bounded } from './bounded.ts';
import { dangerOf } from './regex-check.ts';
import { plainText, type SeenText, visibleText } from './seen-text.ts';
import type { FilterRow } from './store.ts';
import { wordPattern } from './word-pattern.ts';

export type Seen = Readonly<{ plain: SeenText; visible: SeenText }>;
export type Stretch = Readonly<{ start: number; end: number }>;

/** Finds where a filter matches; takes as long as its regular expression does. */
export type Pattern = (seen: Seen) => Stretch[];

export const maxPatternLength = 200;
const probeLength = 1000;
const probeMs = 20;
const allProbesMs = 400;
const maxTries = 4;

export function seenOf(text: string): Seen {
  return { plain: plainText(text), visible: visibleText(text) };
}

/** Throws Failure `filter-invalid`. */
export function compilePattern({ kind, pattern }: Pick<FilterRow, 'kind' | 'pattern'>): Pattern {
  if (pattern.length > maxPatternLength) {
    throw invalid(`it has ${pattern.length} characters, at most ${maxPatternLength} are allowed`);
  }
  if (kind === 'word') {
    const regex = wordPattern(pattern);
    if (!regex) throw invalid('there is no word in it');
    return ({ plain }) => stretches(plain, regex);
  }
  const regex = parseRegex(pattern);
  return ({ visible }) => stretches(visible, regex);
}

/**
 * Refuses regular expressions that may take too long: by their form, and by trying them on texts made of their own
 * letters. What slips through is cut short when it runs. Throws Failure `filter-invalid` or `filter-catastrophic`.
 */
export function checkPattern(filter: Pick<FilterRow, 'kind' | 'pattern'>, bounded: Bounded): void {
  const pattern = compilePattern(filter);
  if (filter.kind === 'word') return;
  if (pattern(seenOf('')).length > 0 || parseRegex(filter.pattern).test('')) {
    throw invalid('it matches every message');
  }
  const danger = dangerOf(filter.pattern);
  if (danger !== undefined) throw catastrophic(`because ${danger}`);
  if (isSlow(filter.pattern, bounded)) throw catastrophic('on some texts');
}

function isSlow(pattern: string, bounded: Bounded): boolean {
  const regex = parseRegex(pattern);
  for (let tries = 0; tries < maxTries; tries++) {
    let isSlow = false;
    const outcome = bounded.run(allProbesMs, () => {
      for (const probe of probesOf(pattern)) isSlow ||= cpuMsOf(regex, probe) > probeMs;
    });
    if (outcome !== 'starved') return isSlow || outcome === 'slow';
  }
  // Whether it would be in time on a machine with time to spare we can't say.
  return true;
}

function parseRegex(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'giu');
  } catch {
    // The words of V8 would say the same, with the pattern between slashes.
    throw invalid('it is no regular expression of JavaScript (with the flags i and u)');
  }
}

function stretches({ text, origin }: SeenText, regex: RegExp): Stretch[] {
  return Array.from(text.matchAll(regex), match => ({
    start: match.index,
    end: match.index + match[0].length,
  }))
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => origin(start, end));
}

/** Long texts that look at first as if the pattern would match, and then do not. */
function* probesOf(pattern: string): Iterable<string> {
  const letters = [...new Set([...pattern.replace(/[\\^$.*+?()[\]{}|]/g, ''), 'a', '0', ' '])].slice(0, 12);
  const literal = pattern.replace(/\\?[^\p{L}\p{N}\s]/gu, '');
  for (const one of letters) {
    for (const other of letters) {
      for (const start of ['', literal]) yield `${start}${(one + other).repeat(probeLength / 2)}\u0001`;
    }
  }
}

function cpuMsOf(regex: RegExp, text: string): number {
  const before = process.threadCpuUsage();
  text.replace(regex, '');
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function invalid(why: string): Failure {
  return new Failure('filter-invalid', `This filter can’t be used: ${why}.`);
}

function catastrophic(why: string): Failure {
  return new Failure(
    'filter-catastrophic',
    `This regular expression may take far too long, ${why}. Write it without repeats inside repeats, or as several.`,
  );
}
