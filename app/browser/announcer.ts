import { element } from './dom.ts';
import { shownName, textOf } from './message.ts';
import type { Message } from './wire.ts';

const everyMs = 5000;
const maxTextLength = 160;

/** Tells screen readers of new messages: one sentence at a time, however many there are. */
export class Announcer {
  readonly element = element('p', { class: 'visually-hidden', role: 'status' });
  #waiting: Message[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  announce(messages: readonly Message[], defaultName: string): void {
    if (document.hidden || messages.length === 0) return;
    this.#waiting.push(...messages);
    this.#timer ??= setTimeout(() => {
      const last = this.#waiting.at(-1);
      const count = this.#waiting.length;
      this.#waiting = [];
      this.#timer = undefined;
      if (!last) return;
      const said = `${shownName(last.author, defaultName)}: ${textOf(last).slice(0, maxTextLength)}`;
      this.element.textContent = count === 1 ? said : `${count} new messages. ${said}`;
    }, everyMs);
  }
}
