/** The form that one writes in, the same as in templates/form.html. What becomes of what is sent: writing.ts. */

import { element } from '../dom.ts';
import { CaptchaBox } from './captcha-box.ts';
import type { Completion } from './completion.ts';
import { type Reader, shownName } from './message.ts';
import { ReplyChip } from './reply-chip.ts';
import { SendButton } from './send-button.ts';

type Options = {
  completion: Completion;
  /** Opens name, colour and tripcode. */
  identity: HTMLButtonElement;
  onSend(): void;
  onChange(): void;
  onAnotherPicture(): void;
  onJump(number: number): void;
};

// From this share of the limit on it is told how much is left.
const tellFrom = 0.8;
// A character as a person counts them is seldom more code units than this, but could be made endless.
const maxUnitsPerCharacter = 8;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

export class Composer {
  readonly element: HTMLFormElement;
  readonly captcha: CaptchaBox;
  readonly send: SendButton;
  readonly reply: ReplyChip;
  readonly #options: Options;
  readonly #input = element('textarea', {
    name: 'text',
    rows: '1',
    accesskey: 'm',
    'aria-label': 'Message',
    placeholder: 'Write a message',
    enterkeyhint: 'send',
    autocomplete: 'off',
  });
  readonly #notice = element('p', { class: 'notice', role: 'alert', hidden: '' });
  readonly #name = element('bdi', { class: 'me' });
  readonly #counter = element('span', { class: 'counter', hidden: '' });
  #limit = Number.POSITIVE_INFINITY;
  #length = 0;

  constructor(options: Options) {
    this.#options = options;
    this.captcha = new CaptchaBox(options.onAnotherPicture);
    const { onJump, onChange } = options;
    this.reply = new ReplyChip({ onJump, onChange, onCancel: () => this.focus() });
    this.send = new SendButton(() => this.tell(undefined));
    this.element = element(
      'form',
      { class: 'composer' },
      this.#notice,
      this.reply.element,
      this.captcha.element,
      element('div', { class: 'compose-row' }, this.#input, this.send.element),
      element('p', { class: 'composer-links' }, this.#name, ' ', options.identity, ' ', this.#counter),
    );
    this.element.addEventListener('submit', event => {
      event.preventDefault();
      options.onSend();
    });
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape' && !event.defaultPrevented) this.reply.clear();
    });
    this.#input.addEventListener('keydown', event => this.#onKey(event));
    this.#input.addEventListener('blur', () => options.completion.end());
    this.#input.addEventListener('input', () => {
      this.#measure();
      options.onChange();
    });
  }

  get text(): string {
    return this.#input.value;
  }

  set text(text: string) {
    this.#input.value = text;
    this.#measure();
  }

  /** What is too much, in a sentence. */
  get excess(): string | undefined {
    if (this.#length <= this.#limit) return undefined;
    return `The message has ${this.#length} characters, at most ${this.#limit} are allowed. Shorten it or send it in parts.`;
  }

  get hasFocus(): boolean {
    return this.element.contains(document.activeElement);
  }

  focus(): void {
    this.#input.focus();
  }

  showPerson({ you, settings }: Reader): void {
    this.#limit = settings.maxLength;
    this.#name.textContent = shownName(you, settings.defaultName);
    this.#name.style.color = you.colour;
    this.#measure();
  }

  tell(sentence: string | undefined): void {
    this.#notice.textContent = sentence ?? '';
    this.#notice.hidden = sentence === undefined;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (this.#options.completion.key(event, this.#input)) {
      event.preventDefault();
      // Escape has ended the completion, and nothing else.
      event.stopPropagation();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#options.onSend();
    }
  }

  #measure(): void {
    const { value } = this.#input;
    const isShort = value.length < this.#limit * tellFrom;
    const isEndless = value.length > this.#limit * maxUnitsPerCharacter;
    this.#length = isShort || isEndless ? value.length : [...segmenter.segment(value.trim())].length;
    this.#counter.hidden = isShort || this.#length < this.#limit * tellFrom;
    this.#counter.textContent = `${this.#length}/${this.#limit}`;
    this.#counter.classList.toggle('over', this.#length > this.#limit);
    // As high as its lines; the sheet sets the most.
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight + 2}px`;
  }
}
