import { element } from '../dom.ts';
import type { Message } from '../wire.ts';
import { shownName, textOf } from './message.ts';

const everyMs = 5000;
const maxTextLength = 160;

/** Tells screen readers of new messages: one sentence at a time, however many there are. */
export class Announcer {
  readonly element = element('p', { class: 'visually-hidden', role: 'status' });
  #count = 0;
  #last: Message | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  announce(messages: readonly Message[], defaultName: string): void {
    if (document.hidden || messages.length === 0) return;
    this.#count += messages.length;
    this.#last = messages.at(-1);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#last) return;
      const said = `${shownName(this.#last.author, defaultName)}: ${textOf(this.#last).slice(0, maxTextLength)}`;
      this.element.textContent = this.#count === 1 ? said : `${this.#count} new messages. ${said}`;
      this.#count = 0;
    }, everyMs);
  }
}
