/**
 * What people said, in the order of its numbers. Owns the elements; how a message looks is in message.ts, what a click
 * or a key does in log-actions.ts, which of it is in view in pin.ts.
 */
import { element } from '../dom.ts';
import type { Author, Change, Message } from '../wire.ts';
import { dayOf, messageNode, type Reader } from './message.ts';
import { Pin } from './pin.ts';

// A reader who scrolled up keeps what he reads, within reason.
const maxPinned = 300;
const maxScrolled = 1200;
// Cut in one go now and then, not at every message.
const slack = 50;
const maxAuthors = 100;

type Line = { message: Message; node: HTMLElement };

export class Log {
  readonly element: HTMLElement;
  /** Is given each line as it comes in. */
  onLine: (node: HTMLElement) => void = () => {};
  readonly scroller = element('div', { class: 'log', role: 'log', 'aria-label': 'Chat', tabindex: '0' });
  readonly #rows = element('div', { class: 'log-lines' });
  readonly #pin: Pin;
  /** In the order of their numbers. */
  #lines = new Map<number, Line>();
  #pending: HTMLElement | undefined;
  /** Messages up to here were dropped for their age. */
  #dropped = 0;
  #highest = 0;
  #day = '';

  constructor() {
    // The summary of new messages is spoken elsewhere: every line of a busy chat would be a flood.
    this.scroller.setAttribute('aria-live', 'off');
    this.scroller.append(this.#rows);
    this.#pin = new Pin(this.scroller);
    this.element = element('div', { class: 'log-box' }, this.scroller, this.#pin.button);
  }

  /** Shows exactly these; returns those that are new since the last ones. */
  reset(messages: readonly Message[], reader: Reader): Message[] {
    const times = new Map(messages.map(({ number, atMs }) => [number, atMs]));
    // A server that keeps nothing counts from 1 again: another message may have a number that was here.
    this.#remove(number => times.get(number) !== this.message(number)?.atMs);
    this.#update(messages);
    const seen = Math.min(this.#highest, messages.at(-1)?.number ?? 0);
    const fresh = messages.filter(
      ({ number, hidden }) => !hidden && (number > seen || !this.#lines.has(number)),
    );
    this.#highest = Math.max(0, ...this.#lines.keys());
    this.#dropped = 0;
    this.#insert(messages, reader);
    this.#arrange();
    const wasEmpty = fresh.length === messages.length;
    return wasEmpty ? [] : fresh;
  }

  /** Returns the messages that are new. */
  apply(change: Change, reader: Reader): Message[] {
    switch (change.type) {
      case 'message': {
        const isNew = change.message.number > this.#highest;
        this.#insert([change.message], reader);
        return isNew ? [change.message] : [];
      }
      case 'hide': {
        const hidden = new Set(change.numbers);
        this.#remove(number => hidden.has(number));
        const veiled = (change.veiled ?? []).flatMap(number => this.message(number) ?? []);
        this.#update(veiled.map(message => ({ ...message, hidden: true })));
        break;
      }
      case 'unhide':
        this.#update(change.messages);
        this.#insert(change.messages, reader);
        break;
      case 'clear':
        this.#remove(number => number <= change.through);
        break;
    }
    this.#arrange();
    return [];
  }

  /** A last line for what is on its way. */
  showPending(node: HTMLElement | undefined): void {
    this.#pending?.remove();
    this.#pending = node;
    if (!node) return;
    this.#rows.append(node);
    this.#pin.toNewest();
  }

  /** Those of the lines that only staff sees. */
  dropHidden(): void {
    this.#remove(number => this.message(number)?.hidden === true);
    this.#arrange();
  }

  message(number: number): Message | undefined {
    return this.#lines.get(number)?.message;
  }

  /** Who wrote what is here, the latest first. */
  authors(): Author[] {
    const said = [...this.#lines.values()]
      .map(({ message }) => message)
      .filter(({ kind }) => kind === 'said');
    const authors = new Map(said.map(({ author }) => [author.id, author]));
    const latest = new Set(said.reverse().map(({ author }) => author.id));
    return [...latest].slice(0, maxAuthors).flatMap(id => authors.get(id) ?? []);
  }

  /** Brings a message into view and lets it shine; false when it is not here. */
  jumpTo(number: number): boolean {
    const node = this.#lines.get(number)?.node;
    if (!node) return false;
    node.scrollIntoView({ block: 'center' });
    node.focus({ preventScroll: true });
    node.classList.remove('flash');
    // Read, so that the animation begins anew.
    void node.offsetWidth;
    node.classList.add('flash');
    return true;
  }

  /** Messages that are hidden now, or no longer: lines that are here stay, with whatever is ticked in them. */
  #update(messages: readonly Message[]): void {
    for (const message of messages) {
      const line = this.#lines.get(message.number);
      if (!line) continue;
      line.message = message;
      line.node.classList.toggle('veiled', message.hidden === true);
    }
  }

  /** What belongs between others is put at the end too: `#arrange` must follow. */
  #insert(messages: readonly Message[], reader: Reader): void {
    let added = 0;
    for (const message of messages) {
      const { number, replyTo, atMs } = message;
      if (this.#lines.has(number) || number <= this.#dropped) continue;
      const isToYou = replyTo !== undefined && this.message(replyTo)?.author.id === reader.you.id;
      const node = messageNode(message, reader, isToYou);
      this.#lines.set(number, { message, node });
      this.onLine(node);
      if (number > this.#highest) {
        this.#highest = number;
        added += 1;
      }
      this.#append(node, dayOf(atMs));
    }
    this.#pin.added(added);
    this.#trim();
  }

  /** With the date above the first message of each day. */
  #append(node: HTMLElement, day: string): void {
    const last = this.#pending ?? null;
    if (day !== this.#day) this.#rows.insertBefore(element('p', { class: 'day' }, day), last);
    this.#rows.insertBefore(node, last);
    this.#day = day;
  }

  /** Puts the lines and dates in order after some were taken out or came between others; moves what must be moved. */
  #arrange(): void {
    const lines = [...this.#lines].sort(([a], [b]) => a - b);
    this.#lines = new Map(lines);
    for (const date of this.#rows.querySelectorAll('.day')) date.remove();
    this.#day = '';
    let place = this.#rows.firstElementChild;
    for (const [, { message, node }] of lines) {
      if (node === place) place = node.nextElementSibling;
      else this.#rows.insertBefore(node, place);
      const day = dayOf(message.atMs);
      if (day !== this.#day) node.before(element('p', { class: 'day' }, day));
      this.#day = day;
    }
  }

  #remove(isGone: (number: number) => boolean): void {
    for (const [number, { node }] of this.#lines) {
      if (!isGone(number)) continue;
      node.remove();
      this.#lines.delete(number);
    }
  }

  #trim(): void {
    const most = this.#pin.isPinned ? maxPinned : maxScrolled;
    if (this.#lines.size <= most + slack) return;
    this.#dropped = [...this.#lines.keys()].sort((a, b) => a - b).at(-most - 1) ?? 0;
    this.#remove(number => number <= this.#dropped);
    this.#arrange();
  }
}
