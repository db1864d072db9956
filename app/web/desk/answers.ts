import { randomBytes } from 'node:crypto';
import type { Typed } from './form.ts';

/** What became of a form, in words. */
export type Answer = Readonly<{
  sentence: string;
  lines: readonly string[];
  isError: boolean;
  /** A path on this site that the person is to pass on. */
  path?: string | undefined;
  /** The actions of the log that can be undone. */
  undo?: readonly number[];
  /** What stands in the form again. */
  typed?: Typed | undefined;
}>;

const maxKept = 200;
// An answer may carry a password or an invitation that is shown only once.
const keptMs = 15 * 60_000;

/** Answers on their way through a redirect: a reload shows the same one again, and does nothing twice. */
export class Answers {
  readonly #now: () => number;
  readonly #kept = new Map<string, { answer: Answer; atMs: number }>();

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** Returns what `find` wants. */
  keep(sessionId: string, answer: Answer): string {
    this.#forget();
    const id = randomBytes(9).toString('base64url');
    this.#kept.set(`${sessionId} ${id}`, { answer, atMs: this.#now() });
    return id;
  }

  /** undefined for those of another session, too. */
  find(sessionId: string, id: string): Answer | undefined {
    this.#forget();
    return this.#kept.get(`${sessionId} ${id}`)?.answer;
  }

  #forget(): void {
    // In the order they were kept: the oldest are first.
    for (const [key, { atMs }] of this.#kept) {
      if (this.#kept.size < maxKept && this.#now() - atMs < keptMs) return;
      this.#kept.delete(key);
    }
  }
}
