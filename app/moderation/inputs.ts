/** Fields of commands, as forms and typed lines bring them: mostly text. */
import { z } from 'zod';
import { parseDuration } from './duration.ts';

export const maxNumbers = 2000;

/** `10m`, `2h`, `7d`, `forever` → milliseconds, null for good. */
export const time = z.string().transform((text, context) => {
  const forMs = parseDuration(text);
  if (forMs !== undefined) return forMs;
  context.addIssue({
    code: 'custom',
    message: `“${text.slice(0, 20)}” is no time such as 10m, 2h, 7d or forever`,
  });
  return z.NEVER;
});

/** A form's empty field is one that was left out. */
export function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess(value => (value === '' ? undefined : value), schema.optional());
}

export function shortText(maxLength: number, what: string) {
  return z
    .string({ error: `${what} is missing` })
    .trim()
    .min(1, `${what} is missing`)
    .max(maxLength, `at most ${maxLength} characters`);
}

/** #tag, id, name or the number of a message. */
export const person = shortText(100, 'who');

export const wholeNumber = z.coerce
  .number({ error: 'must be a whole number' })
  .int('must be a whole number')
  .positive('must be a whole number from 1 on');

/** `12`, `>>12`, `12,14`, `12-20`, one text, number or several → numbers, each once, in order. */
export const numbers = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], {
    error: 'numbers are missing',
  })
  .transform((given, context) => {
    const found = parseNumbers([given].flat().join(' '));
    if (found !== undefined) return found;
    context.addIssue({
      code: 'custom',
      message: `numbers such as 12 or 12-20, at most ${maxNumbers}, are wanted`,
    });
    return z.NEVER;
  });

/** undefined for anything else than 1 to `maxNumbers` whole numbers and ranges. */
export function parseNumbers(text: string): number[] | undefined {
  const found = new Set<number>();
  for (const piece of text.split(/[\s,;]+/).filter(part => part !== '')) {
    const [, from, to = from] = /^(?:>>|#)?([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/.exec(piece) ?? [];
    const first = Number(from);
    const last = Number(to);
    if (from === undefined || last < first || last - first >= maxNumbers) return undefined;
    for (let number = first; number <= last; number++) found.add(number);
    if (found.size > maxNumbers) return undefined;
  }
  return found.size === 0 ? undefined : [...found].sort((a, b) => a - b);
}
