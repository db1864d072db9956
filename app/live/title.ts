import { readFile, stat } from 'node:fs/promises';
import { codeOf, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { Topic } from '../lib/topic.ts';

export const maxTitleBytes = 8 * 1024;

/** One line of text out of the file's bytes, or undefined when they are no UTF-8 or more than 8 KiB. */
export function parseTitle(bytes: Buffer): string | undefined {
  if (bytes.length > maxTitleBytes) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Control characters, and format characters that turn the direction of what follows the title.
    return text
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/\p{Bidi_Control}/gu, '')
      .replace(/ {2,}/g, ' ')
      .trim();
  } catch {
    return undefined;
  }
}

/** The title that people edit by hand in title.txt. A file that can't be used leaves the last title standing. */
export class Title {
  readonly changes = new Topic<string>();
  readonly #path: string;
  readonly #log: Log;
  #text = '';
  #version = '';
  #lastProblem = '';

  constructor(options: { path: string; log: Log }) {
    this.#path = options.path;
    this.#log = options.log;
  }

  get text(): string {
    return this.#text;
  }

  /** Reads the file if it is another than last time, and publishes a new title. What goes wrong is logged. */
  async refresh(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return;
      this.#version = version;
      const text = size <= maxTitleBytes ? parseTitle(await readFile(this.#path)) : undefined;
      // A later reading has begun meanwhile, and may have ended.
      if (version !== this.#version) return;
      if (text === undefined) {
        this.#complain(`is not UTF-8 text of at most ${maxTitleBytes} bytes`);
        return;
      }
      this.#lastProblem = '';
      if (text === this.#text) return;
      this.#text = text;
      this.changes.publish(text);
    } catch (error) {
      // An editor that replaces the file leaves a moment without one.
      if (codeOf(error) !== 'ENOENT') this.#complain(`can't be read: ${sentenceOf(error)}`);
    }
  }

  #complain(problem: string): void {
    if (problem !== this.#lastProblem) this.#log.warn(`title.txt ${problem}; the last title stays.`);
    this.#lastProblem = problem;
  }
}
