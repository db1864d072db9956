import { Failure } from '../lib/failure.ts';
import { lookAlike } from './look-alike.ts';

export type NameRules = {
  /** User-perceived characters (UAX #29 extended grapheme clusters). */
  maxNameLength: number;
  /** Choosing this one is choosing none. */
  defaultName: string;
  /** Names no one may imitate. */
  reservedNames: readonly string[];
};

/** One user-perceived character is seldom more than this, but can be made endless. */
const maxBytesPerCharacter = 8;

/** No name this long is worth the work of cleaning it. */
const maxInput = 1024;

// Control, format (bidi, zero-width), surrogate, private and unassigned code points; what Unicode says to ignore
// (fillers, variation selectors, tags); enclosing marks; and what is drawn as nothing or as a box: BRAILLE PATTERN
// BLANK, the object and the plain replacement character, MUSICAL SYMBOL NULL NOTEHEAD.
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Me}\u2800\uFFFC\uFFFD\u{1D159}]/gu;

// Marks on nothing; more than any language stacks: two that go with every script, three of a script's own.
const floatingMarks = /(?<=^|\s)\p{M}+/gu;
const stackedMarks = /(\p{M}{3})\p{M}+/gu;
const stackedCommonMarks =
  /((?:(?=\p{M})[\p{Script=Inherited}\p{Script=Common}]){2})(?:(?=\p{M})[\p{Script=Inherited}\p{Script=Common}])+/gu;

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A name as it may be shown, or undefined for the default name. Unicode is normalised (NFKC), what can't be seen
 * is dropped, spaces are collapsed. Throws Failure `name-too-long`, `name-number-sign` or `name-reserved`.
 */
export function parseName(text: string, rules: NameRules): string | undefined {
  if (text.length > maxInput) throw tooLong(text.length, rules.maxNameLength);
  const name = clean(text);
  if (name === '' || name === rules.defaultName) return undefined;
  const length = [...characters.segment(name)].length;
  if (length > rules.maxNameLength) throw tooLong(length, rules.maxNameLength);
  if (Buffer.byteLength(name) > rules.maxNameLength * maxBytesPerCharacter) {
    throw new Failure('name-too-long', 'This name piles up too many marks. Choose a plainer one.');
  }
  // Tags begin so; and who types name#password, as elsewhere, must not show everyone the password.
  if (name.includes('#')) {
    throw new Failure(
      'name-number-sign',
      'A name can’t contain #. The password for a tripcode has a field of its own.',
    );
  }
  const reserved = lookAlike(name, rules.reservedNames);
  if (reserved !== undefined) {
    throw new Failure(
      'name-reserved',
      `“${name}” looks too much like “${reserved}”, which is not free. Choose another name.`,
      { reserved },
    );
  }
  return name;
}

/** Dropping one code point can bring together others that compose or count anew, so: until nothing changes. */
function clean(text: string): string {
  let name = text.toWellFormed();
  for (let before = ''; name !== before; ) {
    before = name;
    name = name
      .normalize('NFKC')
      .replace(/\p{White_Space}+/gu, ' ')
      .replace(unseen, '')
      .replace(stackedCommonMarks, '$1')
      .replace(stackedMarks, '$1')
      .replace(floatingMarks, '')
      .trim();
  }
  return name;
}

function tooLong(length: number, max: number): Failure {
  return new Failure('name-too-long', `A name has at most ${max} characters, this one ${length}.`, {
    length,
    max,
  });
}
