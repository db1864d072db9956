import { button, element } from '../dom.ts';

/** What went wrong, in words, over the picture, with a button to try again. */
export class PlayerNotice {
  readonly element = element('div', { class: 'stage-error', role: 'alert', hidden: '' });
  readonly #again: () => void;

  constructor(again: () => void) {
    this.#again = again;
  }

  tell(sentence: string): void {
    const told = this.element.querySelector('p')?.textContent;
    // The same alert again would be read aloud again.
    if (told === sentence && !this.element.hidden) return;
    const again = button('button', 'Try again', () => this.#again());
    this.element.replaceChildren(element('p', {}, sentence), again);
    this.element.hidden = false;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
