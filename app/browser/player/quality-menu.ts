/** The button that tells the quality, and the menu it opens. Knows what is offered; decides nothing. */
import { button, element } from '../dom.ts';
import { costOf, type Rendition } from './rendition.ts';

/** What is chosen when the player does the choosing; else the name of a rendition. */
export const automatic = 'auto';

export type Offer = {
  renditions: readonly Rendition[];
  /** A rendition's name, or `automatic`. */
  chosen: string;
  current: Rendition | undefined;
  /** What plays, in words. */
  label: string;
};

export class QualityMenu {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  readonly #onChoice: (name: string) => void;
  readonly #rows = new Map<string, HTMLElement>();
  #offer: Offer = { renditions: [], chosen: automatic, current: undefined, label: '' };

  constructor(onChoice: (name: string) => void) {
    this.#onChoice = onChoice;
    this.button = button('player-button to-quality', '', () => this.toggle());
    this.button.setAttribute('aria-controls', 'qualities');
    this.element = element('section', {
      class: 'qualities',
      id: 'qualities',
      'aria-label': 'Quality',
      hidden: '',
    });
  }

  show(offer: Offer): void {
    this.#offer = offer;
    this.#update();
  }

  toggle(): void {
    if (this.button.hidden) return;
    this.element.hidden = !this.element.hidden;
    this.#update();
    if (!this.element.hidden) this.element.querySelector<HTMLInputElement>('input:checked')?.focus();
  }

  /** False when it is closed already. */
  close(): boolean {
    if (this.element.hidden) return false;
    this.element.hidden = true;
    this.#update();
    this.button.focus();
    return true;
  }

  #update(): void {
    const { renditions, current, label } = this.#offer;
    const isOpen = !this.element.hidden;
    this.button.setAttribute('aria-expanded', String(isOpen));
    this.button.textContent = current?.label ?? 'Quality';
    this.button.title = `Quality: ${label} (Q)`;
    this.button.setAttribute('aria-label', `Quality: ${label}`);
    if (!isOpen) return;
    const automaticCost = 'what your line carries';
    const rows = [
      this.#row(automatic, 'Automatic', element('span', { class: 'cost' }, automaticCost)),
      ...renditions.map(each => this.#row(each.name, each.label, costOf(each))),
    ];
    // Rows that stay are left where they are: a press that has begun on one must not lose it.
    const isSame =
      rows.length === this.element.children.length && rows.every(row => this.element.contains(row));
    if (isSame) return;
    const focused = document.activeElement;
    this.element.replaceChildren(...rows);
    if (focused instanceof HTMLElement) focused.focus();
  }

  /** The row of a quality, as it is now; the same element each time. */
  #row(value: string, name: string, cost: HTMLElement): HTMLElement {
    const { chosen, current } = this.#offer;
    const row = this.#rows.get(value) ?? this.#newRow(value);
    this.#rows.set(value, row);
    const [input, ...told] = row.children;
    if (input instanceof HTMLInputElement) input.checked = chosen === value;
    if (row.textContent !== `${name}${cost.textContent}`) {
      for (const each of told) each.remove();
      row.append(element('span', {}, name), cost);
    }
    row.dataset.plays = current?.name === value ? 'yes' : 'no';
    return row;
  }

  #newRow(value: string): HTMLElement {
    const input = element('input', { type: 'radio', name: 'quality', value });
    input.addEventListener('change', () => this.#onChoice(value));
    return element('label', {}, input);
  }
}
