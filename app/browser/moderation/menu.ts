import { button, element } from '../dom.ts';
import type { Act } from '../wire.ts';

type Opening = {
  title: string;
  acts: readonly Act[];
  /** Where it opens: below this, or above where there is no room. */
  at: DOMRect;
  /** What has the focus again when it closes. */
  backTo(): HTMLElement | null;
  onChoose(act: Act): void;
};

const edgePx = 4;
// So many characters typed one after the other are the beginning of a word, as in every menu.
const typingMs = 700;

/** A menu of acts: arrows, Home, End and first letters move, Enter chooses, Escape and a press elsewhere close. */
export class ActMenu {
  readonly element = element('div', { class: 'act-menu', role: 'menu', popover: 'manual' });
  #opening: Opening | undefined;
  #typed = { text: '', atMs: 0 };

  constructor(lifetime: AbortSignal) {
    this.element.addEventListener('keydown', event => this.#onKey(event));
    // The key that opened it asks for the browser's own when it is released.
    this.element.addEventListener('contextmenu', event => event.preventDefault());
    // Not the browser's own way to close it elsewhere: the release of the button that opened it would do that.
    const onPress = (event: Event): void => {
      if (this.isOpen && !event.composedPath().includes(this.element)) this.#hide();
    };
    document.addEventListener('pointerdown', onPress, { signal: lifetime });
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.element.contains(relatedTarget)) this.#hide();
    });
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  open(opening: Opening): void {
    this.#hide();
    this.#opening = opening;
    this.#typed = { text: '', atMs: 0 };
    const { title, acts, at } = opening;
    this.element.setAttribute('aria-label', title);
    this.element.replaceChildren(
      element('p', { role: 'presentation' }, title),
      ...acts.map(act => this.#item(act)),
    );
    this.element.showPopover();
    const { width, height } = this.element.getBoundingClientRect();
    const below = at.bottom + height <= innerHeight - edgePx ? at.bottom : at.top - height;
    this.element.style.top = `${Math.max(edgePx, Math.min(below, innerHeight - height - edgePx))}px`;
    this.element.style.left = `${Math.max(edgePx, Math.min(at.right - width, innerWidth - width - edgePx))}px`;
    this.#items[0]?.focus();
  }

  /** And gives the focus back. */
  close(): void {
    const opening = this.#opening;
    this.#hide();
    opening?.backTo()?.focus({ preventScroll: true });
  }

  #hide(): void {
    if (!this.isOpen) return;
    this.#opening = undefined;
    this.element.hidePopover();
  }

  get #items(): HTMLElement[] {
    return [...this.element.querySelectorAll('button')];
  }

  #item(act: Act): HTMLElement {
    const item = button(act.isGrave ? 'grave' : '', act.isGrave ? `${act.label}…` : act.label, () => {
      const opening = this.#opening;
      this.close();
      opening?.onChoose(act);
    });
    item.setAttribute('role', 'menuitem');
    item.tabIndex = -1;
    return item;
  }

  #onKey(event: KeyboardEvent): void {
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const items = this.#items;
    const { activeElement } = document;
    const at = items.findIndex(item => item.contains(activeElement));
    if (key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
    else if (key === 'ArrowUp') items.at(at - 1)?.focus();
    else if (key === 'Home') items[0]?.focus();
    else if (key === 'End') items.at(-1)?.focus();
    else if (key === 'Escape' || key === 'Tab') this.close();
    else if (key === 'Enter' || key === ' ') items[at]?.click();
    else if (key.length === 1) this.#type(key, items, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #type(key: string, items: readonly HTMLElement[], at: number): void {
    const nowMs = performance.now();
    const isGoingOn = nowMs - this.#typed.atMs < typingMs;
    const text = (isGoingOn ? this.#typed.text : '') + key.toLowerCase();
    this.#typed = { text, atMs: nowMs };
    // Another first letter goes on behind where one is; a longer beginning may be what one is at.
    const from = text.length === 1 ? at + 1 : at;
    const inTurn = [...items.slice(from), ...items.slice(0, from)];
    inTurn.find(item => item.textContent.toLowerCase().startsWith(text))?.focus();
  }
}
