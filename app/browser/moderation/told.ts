import { button, element } from '../dom.ts';
import type { Acted } from '../wire.ts';

/** The line that tells what became of an act, with the way back. */
export class Told {
  readonly element = element('div', { class: 'acted', hidden: '' });
  readonly #text = element('p', { role: 'status' });
  readonly #undo = button('button small', 'Undo', () => this.#onUndo(this.#ids));
  readonly #onUndo: (ids: number[]) => void;
  #ids: number[] = [];
  #isWaiting = false;

  constructor(onUndo: (ids: number[]) => void) {
    this.#onUndo = onUndo;
    const close = button('close', '×', () => {
      this.element.hidden = true;
    });
    close.ariaLabel = 'Close';
    this.element.append(this.#text, this.#undo, close);
  }

  show({ ok, sentence, undo }: Pick<Acted, 'ok' | 'sentence' | 'undo'>): void {
    this.#isWaiting = false;
    this.#ids = undo;
    this.#undo.hidden = undo.length === 0;
    // Shown before it has its text: screen readers tell of what changes in a line that is there.
    this.element.hidden = false;
    this.#text.classList.toggle('refused', !ok);
    this.#text.textContent = sentence;
  }

  /** Something was asked for, or could not be. */
  sent(isSent: boolean): void {
    const lost = 'There is no connection: nothing was done. Try again in a moment.';
    this.show({ ok: isSent, sentence: isSent ? 'Doing it…' : lost, undo: [] });
    this.#isWaiting = isSent;
  }

  /** The connection was lost, and an answer with it. */
  lost(): void {
    if (!this.#isWaiting) return;
    const sentence = 'The connection was lost before the answer: look whether it was done.';
    this.show({ ok: false, sentence, undo: [] });
  }
}
