import { plainText, skeletonOf } from './seen-text.ts';

const syntax = /[\\^$.*+?()[\]{}|/]/g;

/** What is written for a letter instead. */
const disguises: Readonly<Record<string, string>> = {
  a: 'a4@',
  b: 'b8',
  e: 'e3',
  g: 'g9',
  i: 'i1!|',
  l: 'l1|!',
  o: 'o0',
  s: 's5$',
  t: 't7+',
  z: 'z2',
};

// No symbol that may stand for a letter is a gap as well: each text can be read in one way only, in linear time.
const gapMark = '\u0001';
const restMark = '\u0002';
const oneGap = `${gapMark}${restMark}?`;
const gap = `(?:${oneGap}){0,3}`;
const wideGap = String.raw`(?:${oneGap}|\s){1,5}`;
const anyGap = String.raw`(?:${oneGap}|\s){0,5}`;
const letterOrNumber = String.raw`[^${gapMark}${restMark}\s@$!|+]`;
const startOfWord = `(?<!${letterOrNumber})`;
const endOfWord = `(?!${letterOrNumber})`;

/** So that a text of one letter, read from each of its places on, takes no time in the square of its length. */
const maxDoubling = 40;

/** Scripts that put no space between words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const plain = /^[\p{L}\p{N}\s.,'’_-]+$/u;

/**
 * `regex` is for the shape of a plain text, or for that text itself where `isExact`; `skeleton` is in the skeleton of
 * every text that it matches.
 */
export type WordPattern = { regex: RegExp; isExact: boolean; skeleton: string };

/**
 * A plain text of which each symbol that is neither letter nor number nor may stand for one is only a gap, unit for
 * unit. Patterns then need no class of all the letters there are, which takes the machine long to compile.
 */
export function shapeOf(plain: string): string {
  return plain.replace(/[^\p{L}\p{N}\s@$!|+]/gu, ({ length }) => (length > 1 ? gapMark + restMark : gapMark));
}

/**
 * A word or phrase however it is disguised, by other letters, dots between (`b.a.d`), letters
 * doubled or spaced out. Whole words, unless a `*` stands before or behind; with symbols in it, exactly as it is.
 * undefined when nothing of it can be seen.
 */
export function wordPattern(typed: string): WordPattern | undefined {
  const [, before = '', middle = '', behind = ''] = /^\s*(\*?)(.*?)(\*?)\s*$/su.exec(typed) ?? [];
  const { text } = plainText(middle);
  if (text.trim() === '') return undefined;
  const skeleton = skeletonOf(text);
  if (!plain.test(text) || !/[\p{L}\p{N}]/u.test(text))
    return { regex: new RegExp(text.trim().replace(syntax, '\\$&'), 'gu'), isExact: true, skeleton };
  const words = text.split(/\s+/).map(word => word.replace(/[^\p{L}\p{N}]/gu, ''));
  const runs = words.filter(word => word !== '').map(runsOf);
  const tight = runs.map(word => word.map(tightRun).join(gap)).join(anyGap);
  const spaced = runs.flat().flatMap(({ letter, count }) => new Array<string>(count).fill(letter));
  const forms = spaced.length > 1 ? `(?:${tight}|${spaced.join(wideGap)})` : tight;
  const whole = !unspaced.test(text);
  const start = before === '' && whole ? startOfWord : '';
  const end = behind === '' && whole ? endOfWord : '';
  return { regex: new RegExp(`${start}${forms}${end}`, 'gu'), isExact: false, skeleton };
}

type Run = { letter: string; count: number };

/** `ass` → a once, s twice. */
function runsOf(word: string): Run[] {
  const runs: Run[] = [];
  for (const character of word) {
    const letter = `[${disguises[character] ?? character}]`;
    const last = runs.at(-1);
    if (last?.letter === letter) last.count++;
    else runs.push({ letter, count: 1 });
  }
  return runs;
}

/** As often as in the word, or more often. */
function tightRun({ letter, count }: Run): string {
  return `${letter}(?:${gap}${letter}){${count - 1},${count + maxDoubling}}`;
}
