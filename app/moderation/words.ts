import { Failure } from '../lib/failure.ts';

/** What a typed line holds at one place. */
export type Word = Readonly<{
  /** The field of the command's input. */
  field: string;
  /** word: one, or several in double quotes; rest: all that is left, as typed; all: every word that is left. */
  kind: 'word' | 'rest' | 'all';
  /** An optional word that does not look so is left for the next place. */
  like?: RegExp;
}>;

const oneWord = /^\s*(?:"([^"]*)"(?=\s|$)|(\S+))/u;

/** Takes the first word of `text`, quotes removed; undefined when there is none. */
export function takeWord(text: string): { word: string; rest: string } | undefined {
  const match = oneWord.exec(text);
  if (!match) return undefined;
  return { word: match[1] ?? match[2] ?? '', rest: text.slice(match[0].length) };
}

/** Every word of `text`. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (let taken = takeWord(text); taken; taken = takeWord(taken.rest)) words.push(taken.word);
  return words;
}

/**
 * The fields that the rest of a line fills, in the order of `places`; what the line has not is left out. Throws
 * Failure `command-arguments` when something is left over.
 */
export function fieldsOf(line: string, places: readonly Word[], usage: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let rest = line;
  for (const { field, kind, like } of places) {
    if (rest.trim() === '') break;
    if (kind === 'word') {
      const taken = takeWord(rest);
      if (!taken || (like && !like.test(taken.word))) continue;
      fields[field] = taken.word;
      rest = taken.rest;
    } else {
      fields[field] = kind === 'rest' ? rest.trim() : wordsOf(rest);
      rest = '';
    }
  }
  const [left] = wordsOf(rest);
  if (left === undefined) return fields;
  throw new Failure('command-arguments', `“${left}” is too much. The form is: ${usage}`, { usage });
}
