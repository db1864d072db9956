import { plainLetter } from '../people/look-alike.ts';

/** A text as it is matched, and where each of its UTF-16 units comes from. */
export type SeenText = Readonly<{
  text: string;
  /** The stretch of the original that `start` to `end` of `text` comes from. */
  origin(start: number, end: number): { start: number; end: number };
}>;

const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/u;
const mark = /\p{M}/gu;

/** Without what can't be seen. */
export function visibleText(text: string): SeenText {
  return mapped(text, letter => (invisible.test(letter) ? '' : letter));
}

/** Also without accents and case, letters of other scripts that look like Latin ones as those. */
export function plainText(text: string): SeenText {
  return mapped(text, letter => {
    if (invisible.test(letter)) return '';
    const base = letter.normalize('NFKD').replace(mark, '');
    return Array.from(base, plainLetter).join('').toLowerCase();
  });
}

/** Letters that have a disguise in common, as one of them. */
const sameLetter: Readonly<Record<string, string>> = {
  ...{
    '4': 'a',
    '@': 'a',
    '8': 'b',
    '3': 'e',
    '9': 'g',
    '0': 'o',
    '5': 's',
    $: 's',
    '7': 't',
    '+': 't',
    '2': 'z',
  },
  ...{ '1': 'i', '!': 'i', '|': 'i', l: 'i' },
};

/**
 * What is left of a plain text without gaps, disguises and doubled letters. A word filter can match only where the
 * skeleton of its word lies within that of the text, which is soon seen.
 */
export function skeletonOf(plain: string): string {
  let skeleton = '';
  let last = '';
  for (const letter of plain.replace(/[^\p{L}\p{N}@$!|+]/gu, '')) {
    const same = sameLetter[letter] ?? letter;
    if (same !== last) skeleton += same;
    last = same;
  }
  return skeleton;
}

function mapped(original: string, change: (letter: string) => string): SeenText {
  const starts: number[] = [];
  const ends: number[] = [];
  let text = '';
  let at = 0;
  for (const letter of original) {
    const changed = change(letter);
    for (let unit = 0; unit < changed.length; unit++) {
      starts.push(at);
      ends.push(at + letter.length);
    }
    text += changed;
    at += letter.length;
  }
  return {
    text,
    origin: (start, end) => ({ start: starts[start] ?? at, end: ends[end - 1] ?? at }),
  };
}
