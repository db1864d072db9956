import { RE2JS, RE2JSException } from 're2js';
import { Failure } from '../lib/failure.ts';
import { plainText, type SeenText, skeletonOf, visibleText } from './seen-text.ts';
import type { FilterRow } from './store.ts';
import { shapeOf, wordPattern } from './word-pattern.ts';

export type Seen = Readonly<{ plain: SeenText; visible: SeenText; shape: string; skeleton: string }>;
export type Stretch = Readonly<{ start: number; end: number }>;

export type Pattern = Readonly<{
  /** How much work it is for each character of a text, in steps of a regular expression's program; 0 for words. */
  size: number;
  /** Where it matches. Once `isLate` says so, what is left of the text belongs to the last match. */
  find: (seen: Seen, isLate: () => boolean) => Stretch[];
}>;

export const maxPatternLength = 200;

export function seenOf(text: string): Seen {
  const plain = plainText(text);
  const shape = shapeOf(plain.text);
  return { plain, visible: visibleText(text), shape, skeleton: skeletonOf(plain.text) };
}

/** Throws Failure `filter-invalid`. */
export function compilePattern({ kind, pattern }: Pick<FilterRow, 'kind' | 'pattern'>): Pattern {
  if (pattern.length > maxPatternLength) {
    throw invalid(`it has ${pattern.length} characters, at most ${maxPatternLength} are allowed`);
  }
  return kind === 'word' ? word(pattern) : regularExpression(pattern);
}

function word(typed: string): Pattern {
  const found = wordPattern(typed);
  if (!found) throw invalid('there is no word in it');
  const { regex, isExact, skeleton } = found;
  return {
    size: 0,
    find(seen) {
      if (!seen.skeleton.includes(skeleton)) return [];
      const { text, origin } = seen.plain;
      return Array.from((isExact ? text : seen.shape).matchAll(regex), ({ index, 0: { length } }) =>
        origin(index, index + length),
      );
    },
  };
}

const goesBack = /\\[1-9]|\\k<|\(\?(?:[=!]|<[=!])/;

/** Of RE2, which never goes back in a text: the time is that of the text's length, whatever the expression. */
function regularExpression(source: string): Pattern {
  const regex = compiled(source);
  if (regex.test('')) throw invalid('it matches every message');
  return {
    size: regex.programSize(),
    find({ visible: { text, origin } }, isLate) {
      const stretches: Stretch[] = [];
      // Whether there is a match at all is known sooner than where.
      if (!regex.test(text)) return stretches;
      const matcher = regex.matcher(text);
      while (matcher.find()) {
        // Each search may look at all that is left.
        const end = isLate() ? text.length : matcher.end();
        if (end > matcher.start()) stretches.push(origin(matcher.start(), end));
        if (end === text.length) break;
      }
      return stretches;
    },
  };
}

function compiled(source: string): RE2JS {
  if (goesBack.test(source)) throw invalid('references back and looks ahead or behind are not possible');
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw invalid(error.message.replace(/^error parsing regexp: /, ''));
  }
}

function invalid(why: string): Failure {
  return new Failure('filter-invalid', `This filter can’t be used: ${why}.`);
}
