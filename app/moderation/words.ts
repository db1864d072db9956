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

/** As typed, or as a shell has split it. */
export type Words = string | readonly string[];

const oneWord = /^\s*(?:"([^"]*)"(?=\s|$)|(\S+))/u;

/** Takes the first word, quotes removed; undefined when there is none. */
export function takeWord(words: Words): { word: string; rest: Words } | undefined {
  if (typeof words !== 'string') {
    const [word, ...rest] = words;
    return word === undefined ? undefined : { word, rest };
  }
  const match = oneWord.exec(words);
  if (!match) return undefined;
  return { word: match[1] ?? match[2] ?? '', rest: words.slice(match[0].length) };
}

function allWords(words: Words): string[] {
  const all: string[] = [];
  for (let taken = takeWord(words); taken; taken = takeWord(taken.rest)) all.push(taken.word);
  return all;
}

/**
 * The fields that the words fill, in the order of `places`; what they have not is left out. Throws Failure
 * `command-arguments` when something is left over.
 */
export function fieldsOf(words: Words, places: readonly Word[], usage: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let rest = words;
  for (const { field, kind, like } of places) {
    const taken = takeWord(rest);
    if (!taken) break;
    if (kind === 'word') {
      if (like && !like.test(taken.word)) continue;
      fields[field] = taken.word;
      rest = taken.rest;
    } else {
      const text = typeof rest === 'string' ? rest : rest.join(' ');
      fields[field] = kind === 'rest' ? text.trim() : allWords(rest);
      rest = '';
    }
  }
  const left = takeWord(rest);
  if (!left) return fields;
  throw new Failure('command-arguments', `“${left.word}” is too much. The form is: ${usage}`, { usage });
}
