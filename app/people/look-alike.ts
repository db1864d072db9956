import { resolveConfusablesTransformer } from 'obscenity';

const { transform: withoutConfusion } = resolveConfusablesTransformer();

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
 * The first of `reserved` that people may take `name` for: the same letters but for look-alikes from other scripts,
 * digits, separators, doubled letters and additions. A long word counts anywhere in the name, a short one only as a
 * word of its own.
 */
export function lookAlike(name: string, reserved: readonly string[]): string | undefined {
  const whole = skeleton(name);
  const parts = [name, ...name.split(/[^\p{L}\p{M}\p{N}]+/u)];
  // A number at the end (`anna2`) may be an addition or may stand for letters.
  const words = new Set([...parts, ...parts.map(part => part.replace(/\p{N}+$/u, ''))].map(skeleton));
  return reserved.find(other => {
    const wanted = skeleton(other);
    if (wanted === '') return false;
    return words.has(wanted) || (wanted.length >= minTellingLength && whole.includes(wanted));
  });
}

/** The shapes of the letters, without accents, case, separators and doublings. */
function skeleton(text: string): string {
  const letters = Array.from(text.normalize('NFKD').replace(/\p{M}/gu, ''), plainLetter)
    .join('')
    .toLowerCase();
  const folded = shapes.reduce((word, [shape, letter]) => word.replace(shape, letter), letters);
  return folded.replace(/[^\p{L}\p{N}]/gu, '').replace(/(.)\1+/gu, '$1');
}

/** The Latin letter that one of another script looks like; any other as it is. */
export function plainLetter(letter: string): string {
  const plainer = withoutConfusion(letter.codePointAt(0) ?? 0);
  return plainer === undefined ? letter : String.fromCodePoint(plainer);
}
