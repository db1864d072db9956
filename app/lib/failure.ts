/**
 * What went wrong, said once: a stable `code` for programs, a sentence for people that names the thing, the
 * value and the next step, and the facts as fields. Everything thrown on purpose in this project is one.
 */
export class Failure extends Error {
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    sentence: string,
    facts: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(sentence, options);
    this.name = 'Failure';
    this.code = code;
    this.facts = facts;
  }
}

/** The `code` of a Failure or of a system error (`ENOENT`), or undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** One line for people out of whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
