import type { Author } from '../wire.ts';

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/** What is written behind `@` to mean somebody: one word, with the tag where there is no name. */
export function mentionOf({ name, tag }: Author, defaultName: string): string {
  const word = (name ?? defaultName).replace(/[^\p{L}\p{M}\p{N}_.-]/gu, '_').replace(/[.-]+$/, '');
  return name === undefined ? word + tag : word;
}

/** Whether `@name` or `@name#tag` means this person. */
export function isMentionOf(mention: { name: string; tag?: string }, person: Author): boolean {
  if (mention.tag !== undefined && mention.tag !== person.tag) return false;
  if (person.name === undefined) return mention.tag !== undefined;
  return fold(mention.name) === fold(mentionOf(person, ''));
}

/** The word before the caret that begins with `@`, if there is one. */
export function mentionBefore(text: string, caret: number): { at: number; typed: string } | undefined {
  const match = /(?:^|[^\p{L}\p{N}_@])(@[\p{L}\p{M}\p{N}_.#-]*)$/u.exec(text.slice(0, caret));
  if (!match?.[1]) return undefined;
  return { at: caret - match[1].length, typed: match[1].slice(1) };
}

/** Those of `people` that `typed` may become, in their order, each once. */
export function completionsOf(typed: string, people: readonly Author[], defaultName: string): string[] {
  const words = people.map(person => mentionOf(person, defaultName));
  return [...new Set(words)].filter(word => fold(word).startsWith(fold(typed)));
}
