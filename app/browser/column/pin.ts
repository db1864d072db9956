import { button } from '../dom.ts';

const withinPx = 40;

/**
 * Keeps a reversed column at its newest line, or where the reader scrolled to: then it counts what comes, and has a
 * button that leads there.
 */
export class Pin {
  readonly button = button('to-newest', '', () => {
    // It goes away now: on the page itself letters would be keys of the player.
    this.#scroller.focus({ preventScroll: true });
    this.toNewest();
  });
  readonly #scroller: HTMLElement;
  #isPinned = true;
  #missed = 0;

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller;
    this.#show();
    // Near the end is not at the end for the browser: a form or a picture that grows would push the newest out of view.
    const sizes = new ResizeObserver(() => {
      if (this.#isPinned) scroller.scrollTop = 0;
    });
    for (const sized of [scroller, ...scroller.children]) sizes.observe(sized);
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // The same for a scroll that comes to rest there after the sizes have changed.
    scroller.addEventListener('scrollend', () => {
      if (this.#isPinned) scroller.scrollTop = 0;
    });
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  toNewest(): void {
    this.#scroller.scrollTop = 0;
    this.#scrolled();
  }

  /** So many lines were put at the end. */
  added(lines: number): void {
    // Of one who reads further up the browser keeps the lines in their place by itself.
    if (this.#isPinned) this.#scroller.scrollTop = 0;
    else this.#missed += lines;
    this.#show();
  }

  #scrolled(): void {
    // In a reversed column 0 is the bottom, and what lies above is negative.
    this.#isPinned = Math.abs(this.#scroller.scrollTop) <= withinPx;
    if (this.#isPinned) this.#missed = 0;
    this.#show();
  }

  #show(): void {
    this.button.hidden = this.#isPinned;
    const messages = this.#missed === 1 ? 'new message' : 'new messages';
    this.button.textContent = this.#missed === 0 ? 'To the newest ↓' : `${this.#missed} ${messages} ↓`;
  }
}
