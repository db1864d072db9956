import type { Random } from './random.ts';

/** Capitals that people tell apart when they lean and overlap: no I, J, O, Q, G, U, V and no digits. */
export const alphabet = 'ABCDEFHKLMNPRSTWXYZ';

/** What is typed for a letter of ours by those who see, or whose keyboard has, its double. */
const doubles: Readonly<Record<string, string>> = {
  ...{ 0: 'D', O: 'D', Q: 'D', 2: 'Z', 3: 'E', 4: 'A', 5: 'S', 8: 'B', G: 'C', V: 'Y' },
  ...{ 1: 'L', I: 'L', J: 'L', '|': 'L' },
  ...{ А: 'A', В: 'B', Е: 'E', К: 'K', М: 'M', Н: 'H', Р: 'P', С: 'C', Т: 'T', У: 'Y', Х: 'X' }, // Cyrillic
  ...{ Α: 'A', Β: 'B', Ε: 'E', Ζ: 'Z', Η: 'H', Κ: 'K', Μ: 'M', Ν: 'N', Ρ: 'P', Τ: 'T', Υ: 'Y', Χ: 'X' }, // Greek
};

/** An answer as it is compared: capitals without spaces, doubles replaced, no longer than `maxAnswerLength`. */
export function foldAnswer(answer: string): string {
  const letters = answer.slice(0, maxAnswerLength).normalize('NFKC').toUpperCase();
  return [...letters.replace(/[\s\p{Cf}.,_-]/gu, '')].map(letter => doubles[letter] ?? letter).join('');
}

const maxAnswerLength = 64;

export function randomText(length: number, random: Random): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
}
