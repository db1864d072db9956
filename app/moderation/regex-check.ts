/** Whether a regular expression of a moderator's may take exponential time, by its form alone. */

type Group = {
  /** Something in it can match in more than one length. */
  isVariable: boolean;
  choices: Choice[];
};

/** One of several between `|`: the plain letters it begins with, and whether it is nothing but those. */
type Choice = { letters: string; isPlain: boolean };

type Quantifier = { length: number; isVariable: boolean; isLong: boolean };

const longRepeat = 10;

/**
 * A sentence on what makes it dangerous, or undefined. `source` is valid with the flag `u`. Repeats within repeats,
 * and repeated choices that begin alike, are refused also where they would do no harm.
 */
export function dangerOf(source: string): string | undefined {
  const groups: Group[] = [newGroup()];
  let at = 0;
  while (at < source.length) {
    const group = groups.at(-1) ?? newGroup();
    const rest = source.slice(at);
    const [opening] = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/.exec(rest) ?? [];
    if (opening !== undefined) {
      noteAtom(group, undefined);
      groups.push(newGroup());
      at += opening.length;
      continue;
    }
    if (rest.startsWith('|')) {
      group.choices.push({ letters: '', isPlain: true });
      at += 1;
      continue;
    }
    if (/^\\(?:[1-9]|k<)/.test(rest)) return 'it refers back to a group';
    const atom = atomOf(rest);
    at += atom.length;
    const quantifier = quantifierOf(source.slice(at));
    at += quantifier?.length ?? 0;
    if (rest.startsWith(')')) {
      groups.pop();
      const outer = groups.at(-1) ?? newGroup();
      if (quantifier?.isLong) {
        if (group.isVariable) return 'it repeats a group that holds a repeat';
        if (!beginDifferently(group.choices)) return 'it repeats a choice whose parts may begin alike';
      }
      outer.isVariable ||= group.isVariable || group.choices.length > 1 || (quantifier?.isVariable ?? false);
      continue;
    }
    noteAtom(group, quantifier ? undefined : letterOf(atom));
    group.isVariable ||= quantifier?.isVariable ?? false;
  }
  return undefined;
}

function newGroup(): Group {
  return { isVariable: false, choices: [{ letters: '', isPlain: true }] };
}

/** `letter`: undefined for anything that is not just a letter. */
function noteAtom({ choices }: Group, letter: string | undefined): void {
  const choice = choices.at(-1);
  if (!choice?.isPlain) return;
  if (letter === undefined) choice.isPlain = false;
  else choice.letters += letter;
}

/** Whether no text can begin with one of them and with another, too. */
function beginDifferently(choices: readonly Choice[]): boolean {
  return choices.every((one, index) => choices.slice(index + 1).every(other => areDifferent(one, other)));
}

function areDifferent(one: Choice, other: Choice): boolean {
  const common = Math.min(one.letters.length, other.letters.length);
  return one.letters.slice(0, common) !== other.letters.slice(0, common);
}

/** A class, an escape or a character. */
function atomOf(rest: string): string {
  const special =
    /^(?:\[(?:\\[\s\S]|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\c[a-z]|\\[\s\S])/iu;
  return special.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
}

function letterOf(atom: string): string | undefined {
  const letter = /^\\[^\p{L}\p{N}]$/u.test(atom) ? atom.slice(1) : atom;
  return /^[^\\.^$[]$/u.test(letter) ? letter.toLowerCase() : undefined;
}

function quantifierOf(rest: string): Quantifier | undefined {
  const [all, least, comma, most] = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(rest) ?? [];
  if (all === undefined) return undefined;
  if (all.startsWith('?')) return { length: all.length, isVariable: true, isLong: false };
  if (least === undefined) return { length: all.length, isVariable: true, isLong: true };
  const max = comma === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most);
  const isVariable = max !== Number(least);
  return { length: all.length, isVariable, isLong: isVariable && max > longRepeat };
}
