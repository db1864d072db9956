import { button, element } from '../dom.ts';

// A short loss is nobody's business.
const shownAfterMs = 1000;

/** Says that the connection is lost, once that has lasted. */
export class LossNotice {
  readonly element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onTry: () => void) {
    const again = button('link', 'Try now', onTry);
    this.element = element('p', { class: 'lost', role: 'status', hidden: '' });
    this.element.append('Connection lost. Reconnecting… ', again);
  }

  lost(): void {
    this.#timer ??= setTimeout(() => {
      this.element.hidden = false;
    }, shownAfterMs);
  }

  found(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.element.hidden = true;
  }
}
