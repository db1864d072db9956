import { button, element } from '../dom.ts';
import type { CaptchaAnswer } from '../wire.ts';

const hint = 'Type the letters in the picture';

/** The captcha that a message waits for, above the input: the same as in templates/form.html. */
export class CaptchaBox {
  readonly element = element('div', { class: 'captcha', hidden: '' });
  readonly #picture = element('img', {
    width: '220',
    height: '80',
    alt: 'Captcha: type the letters in this picture',
  });
  readonly #sentence = element('span');
  readonly #answer = element('input', {
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
  });
  readonly #another: HTMLButtonElement;
  readonly #listen = element('a', { target: '_blank' }, 'Listen');
  #id: string | undefined;

  /** `onAnother`: the reader wants another picture; `show` brings it. */
  constructor(onAnother: () => void) {
    this.#another = button('link', 'Another picture', () => {
      this.#another.disabled = true;
      onAnother();
    });
    const side = element(
      'div',
      { class: 'captcha-side' },
      element('label', {}, this.#sentence, ' ', this.#answer),
      element('p', {}, this.#another, ' ', this.#listen),
    );
    this.element.append(this.#picture, side);
  }

  get isOpen(): boolean {
    return this.#id !== undefined;
  }

  get answer(): CaptchaAnswer | undefined {
    return this.#id === undefined ? undefined : { id: this.#id, answer: this.#answer.value };
  }

  show(id: string, options: { sentence?: string | undefined; spoken: boolean }): void {
    this.#id = id;
    this.#picture.src = `/captcha/${id}.png`;
    this.#listen.href = `/captcha/${id}.wav`;
    this.#listen.hidden = !options.spoken;
    this.#sentence.textContent = options.sentence ?? hint;
    this.#sentence.className = options.sentence === undefined ? '' : 'notice';
    this.#answer.value = '';
    this.#another.disabled = false;
    this.element.hidden = false;
  }

  /** There is a connection: a picture that was asked for on another one does not come. */
  connected(): void {
    this.#another.disabled = false;
  }

  focus(): void {
    this.#answer.focus();
  }

  close(): void {
    this.#id = undefined;
    this.element.hidden = true;
  }
}
