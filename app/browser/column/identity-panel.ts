import { button, element } from '../dom.ts';

/** Name, colour and tripcode: the page that visitors without JavaScript use, in a frame above the input. */
export class IdentityPanel {
  readonly element = element('section', { class: 'identity-panel', id: 'identity', hidden: '' });
  readonly button = button('link', 'Name, colour, tripcode', () =>
    this.element.hidden ? this.#open() : this.close(),
  );
  readonly #url: string;
  readonly #onClose: () => void;

  /** `query` is the page's `?t=…`, or empty. */
  constructor(query: string, onClose: () => void) {
    this.#url = `/chat/me${query}`;
    this.#onClose = onClose;
    this.element.setAttribute('aria-label', 'Name, colour, tripcode');
    this.button.setAttribute('aria-expanded', 'false');
    this.button.setAttribute('aria-controls', 'identity');
    this.button.accessKey = 'n';
    this.element.addEventListener('keydown', event => this.#onKey(event));
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.button.setAttribute('aria-expanded', 'false');
    this.#onClose();
  }

  #open(): void {
    const frame = element('iframe', { title: 'Name, colour, tripcode', src: this.#url });
    frame.addEventListener('load', () => this.#loaded(frame));
    const close = button('close', '×', () => this.close());
    close.setAttribute('aria-label', 'Close');
    this.element.replaceChildren(frame, close);
    this.element.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
  }

  #loaded(frame: HTMLIFrameElement): void {
    // null for a page of the browser's own, such as one that says that the connection was lost.
    const page = frame.contentDocument;
    if (!page || page.URL === 'about:blank') return;
    // Saved, or gone back: both lead to the form that we have ourselves.
    if (new URL(page.URL).pathname !== '/chat/me') {
      this.close();
      return;
    }
    page.addEventListener('keydown', event => this.#onKey(event));
    page.querySelector<HTMLElement>('[name="name"]')?.focus();
    const form = page.querySelector('form');
    if (form) frame.style.height = `${Math.ceil(form.getBoundingClientRect().bottom) + 8}px`;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.close();
  }
}
