import { resolveConfusablesTransformer } from 'obscenity';

const { transform: plainLetter } = resolveConfusablesTransformer();

/** From this length on a word is not part of other words by chance. */
const minTellingLength = 7;

// What the eye takes for one letter, in lower case. I, l, 1 and | are all one.
const shapes: ReadonlyArray<readonly [RegExp, string]> = [
  [/[il1|!]3/g, 'b'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[i1|!]/g, 'l'],
  [/[0ꮎθ]/g, 'o'],
  [/2/g, 'z'],
  [/3/g, 'e'],
  [/[4@]/g, 'a'],
  [/[5$]/g, 's'],
  [/[68]/g, 'b'],
  [/[7+]/g, 't'],
  [/9/g, 'g'],
];

/**
 * Whether people may take `name` for `reserved`: the same letters but for look-alikes from other scripts, digits,
 * separators, doubled letters and additions; a long word anywhere in the name, a short one as a word of its own.
 */
export function looksLike(name: string, reserved: string): boolean {
  const wanted = skeleton(reserved);
  if (wanted === '') return false;
  const whole = skeleton(name);
  if (whole === wanted || (wanted.length >= minTellingLength && whole.includes(wanted))) return true;
  // A number after it (`anna2`) is an addition, unless it stands for letters, which `whole` has covered.
  const words = [name, ...name.split(/[^\p{L}\p{M}\p{N}]+/u)];
  return words.some(word => skeleton(word) === wanted || skeleton(word.replace(/\p{N}+$/u, '')) === wanted);
}

/** The shapes of the letters, without accents, case, separators and doublings. */
function skeleton(text: string): string {
  const letters = Array.from(text.normalize('NFKD').replace(/\p{M}/gu, ''), plain).join('').toLowerCase();
  const folded = shapes.reduce((word, [shape, letter]) => word.replace(shape, letter), letters);
  return folded.replace(/[^\p{L}\p{N}]/gu, '').replace(/(.)\1+/gu, '$1');
}

function plain(letter: string): string {
  const plainer = plainLetter(letter.codePointAt(0) ?? 0);
  return plainer === undefined ? letter : String.fromCodePoint(plainer);
}
