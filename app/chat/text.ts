import { Failure } from '../lib/failure.ts';

export type TextLimits = { maxLength: number; maxLines: number };

// A family emoji takes 25 bytes and a stacked letter as many as one likes: bytes need a bound of their own.
const maxBytesPerCharacter = 8;

// Line breaks of every kind; they would else count as one line here and as several on the page.
const lineBreak = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;

// Control characters except LF, whatever turns the direction of the text after the message (UAX #9: embeddings,
// overrides, isolates), U+206A–206F, annotation marks, BOM, and code points that are no characters.
const unwanted =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufeff\p{Noncharacter_Code_Point}]/gu;

// No script stacks so many marks on one letter; more of them reach into the lines above and below.
const markPile = /(\p{M}{6})\p{M}+/gu;

// What leaves ink: neither space nor invisible by definition, nor the blank Braille pattern.
const visible = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

const maxBlankLines = 2;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * What is stored of a text as it was typed: NFC, LF, no control or bidirectional override characters, no
 * trailing spaces, no blank lines at either end and at most two in a row. Cleaning twice is cleaning once.
 * Throws Failure `message-empty`, `message-too-long` or `message-too-many-lines`.
 */
export function cleanText(typed: string, limits: TextLimits): string {
  const { maxLength, maxLines } = limits;
  const maxBytes = maxLength * maxBytesPerCharacter;
  // Before any work on it: what is removed can't be the most of an honest text.
  if (typed.length > 2 * maxBytes) throw tooLong(typed.length, maxLength);
  const text = withoutNeedlessBlanks(
    typed
      .toWellFormed()
      .replace(lineBreak, '\n')
      .replaceAll('\t', '  ')
      .replace(unwanted, '')
      .normalize('NFC')
      .replace(markPile, '$1'),
  );
  if (text === '') throw new Failure('message-empty', 'The message is empty. Write something first.');
  const lines = lineCount(text);
  if (lines > maxLines) {
    throw new Failure(
      'message-too-many-lines',
      `The message has ${lines} lines, at most ${maxLines} are allowed. Join or drop some.`,
      { lines, maxLines },
    );
  }
  const length = characterCount(text);
  if (length > maxLength) throw tooLong(length, maxLength);
  if (Buffer.byteLength(text) > maxBytes) {
    throw new Failure(
      'message-too-long',
      'The message is made of too many composed characters. Use fewer emoji or marks.',
      { maxBytes },
    );
  }
  return text;
}

export function lineCount(text: string): number {
  return text.split('\n').length;
}

/** Characters as a person counts them (UAX #29 extended grapheme clusters). */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}

function withoutNeedlessBlanks(text: string): string {
  const kept: string[] = [];
  let blanks = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd();
    if (!visible.test(trimmed)) {
      blanks++;
      continue;
    }
    if (kept.length > 0) for (let i = 0; i < Math.min(blanks, maxBlankLines); i++) kept.push('');
    kept.push(trimmed);
    blanks = 0;
  }
  return kept.join('\n');
}

function tooLong(length: number, maxLength: number): Failure {
  return new Failure(
    'message-too-long',
    `The message has ${length} characters, at most ${maxLength} are allowed. Shorten it or send it in parts.`,
    { length, maxLength },
  );
}
