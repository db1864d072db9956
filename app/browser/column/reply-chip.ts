import { button, element } from '../dom.ts';

type Options = {
  onJump(number: number): void;
  onChange(): void;
  /** It was taken away by hand. */
  onCancel(): void;
};

/** Says which message is being answered. */
export class ReplyChip {
  readonly element = element('p', { class: 'replying', hidden: '' });
  readonly #options: Options;
  #number: number | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  get number(): number | undefined {
    return this.#number;
  }

  show(number: number, name: string): void {
    if (number === this.#number) return;
    const link = element('a', { class: 'reply', href: `#m${number}` }, `>>${number}`);
    link.addEventListener('click', event => {
      event.preventDefault();
      this.#options.onJump(number);
    });
    const cancel = button('link', 'Not a reply', () => {
      this.clear();
      this.#options.onCancel();
    });
    this.element.replaceChildren('Reply to ', link, ' ', element('bdi', {}, name), ' ', cancel);
    this.#set(number);
  }

  clear(): void {
    if (this.#number !== undefined) this.#set(undefined);
  }

  #set(number: number | undefined): void {
    this.#number = number;
    this.element.hidden = number === undefined;
    this.#options.onChange();
  }
}
