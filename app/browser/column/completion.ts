import type { Author } from '../wire.ts';
import { completionsOf, mentionBefore } from './mention.ts';

/** `@` is at `at`; `turn` is the place in `words` of what stands there now. */
type Begun = { at: number; typed: string; words: string[]; turn: number };

/** Completes `@na` to a name with Tab; further ones bring the next name, with Shift the one before. */
export class Completion {
  readonly #candidates: () => { people: Author[]; defaultName: string };
  #begun: Begun | undefined;

  constructor(candidates: () => { people: Author[]; defaultName: string }) {
    this.#candidates = candidates;
  }

  /** Whether the key was taken. */
  key(event: KeyboardEvent, input: HTMLTextAreaElement): boolean {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (key === 'Shift') return false;
    if (key === 'Tab' && !ctrlKey && !altKey && !metaKey) return this.#turn(input, shiftKey ? -1 : 1);
    const begun = this.#begun;
    this.#begun = undefined;
    if (key !== 'Escape' || !begun) return false;
    this.#write(input, begun.at, begun.typed);
    return true;
  }

  end(): void {
    this.#begun = undefined;
  }

  #turn(input: HTMLTextAreaElement, step: 1 | -1): boolean {
    const begun = this.#begun ?? this.#begin(input);
    if (!begun) return false;
    const { words } = begun;
    begun.turn = (begun.turn + step + words.length) % words.length;
    this.#write(input, begun.at, `${words[begun.turn]} `);
    this.#begun = begun;
    return true;
  }

  #begin(input: HTMLTextAreaElement): Begun | undefined {
    const mention = mentionBefore(input.value, input.selectionEnd);
    if (!mention || input.selectionStart !== input.selectionEnd) return undefined;
    const { people, defaultName } = this.#candidates();
    const words = completionsOf(mention.typed, people, defaultName);
    return words.length === 0 ? undefined : { ...mention, words, turn: -1 };
  }

  /** Puts `word` behind the `@` at `at`, in the place of what is there up to the caret. */
  #write(input: HTMLTextAreaElement, at: number, word: string): void {
    input.setRangeText(word, at + 1, input.selectionEnd, 'end');
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
}
