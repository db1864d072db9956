/**
 * What people said, in the order of its numbers: pinned to the newest, or left where the reader scrolled to. Owns the
 * elements; how a message looks is in message.ts, what a click or key does in log-actions.ts.
 */
import { button, element } from './dom.ts';
import { dayOf, messageNode, type Reader } from './message.ts';
import type { Author, Change, Message } from './wire.ts';

// A reader who scrolled up keeps what he reads, within reason.
const maxPinned = 300;
const maxScrolled = 1200;
// Cut in one go now and then, not at every message.
const slack = 50;
const pinnedWithinPx = 40;
const maxAuthors = 100;

type Line = { message: Message; node: HTMLElement };

export class Log {
  readonly element: HTMLElement;
  readonly scroller = element('div', { class: 'log', role: 'log', 'aria-label': 'Chat', tabindex: '0' });
  readonly #rows = element('div', { class: 'log-lines' });
  readonly #newest = button('to-newest', '', () => this.toNewest());
  readonly #lines = new Map<number, Line>();
  #pending: HTMLElement | undefined;
  #isPinned = true;
  #missed = 0;
  /** Messages up to here were dropped for their age. */
  #dropped = 0;
  #highest = 0;

  constructor() {
    this.#newest.hidden = true;
    // The summary of new messages is spoken elsewhere: every line of a busy chat would be a flood.
    this.scroller.setAttribute('aria-live', 'off');
    this.scroller.append(this.#rows);
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.element = element('div', { class: 'log-box' }, this.scroller, this.#newest);
  }

  /** Shows exactly these; returns those that are new since the last ones. */
  reset(messages: readonly Message[], reader: Reader): Message[] {
    const times = new Map(messages.map(({ number, atMs }) => [number, atMs]));
    // A server that keeps nothing counts from 1 again: another message may have a number that was here.
    this.#remove(number => times.get(number) !== this.message(number)?.atMs);
    this.#dropped = 0;
    const seen = Math.min(this.#highest, messages.at(-1)?.number ?? 0);
    const fresh = messages.filter(({ number }) => number > seen || !this.#lines.has(number));
    this.#highest = Math.max(0, ...this.#lines.keys());
    this.#insert(messages, reader);
    this.#separate();
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
        break;
      }
      case 'unhide':
        this.#insert(change.messages, reader);
        break;
      case 'clear':
        this.#remove(number => number <= change.through);
        break;
    }
    this.#separate();
    return [];
  }

  /** A last line for what is on its way. */
  showPending(node: HTMLElement | undefined): void {
    this.#pending?.remove();
    this.#pending = node;
    if (node) this.#rows.append(node);
    if (node) this.toNewest();
  }

  message(number: number): Message | undefined {
    return this.#lines.get(number)?.message;
  }

  /** Who wrote what is here, the latest first. */
  authors(): Author[] {
    const authors = new Map<string, Author>();
    for (const { message } of [...this.#lines.values()].reverse()) {
      if (message.kind === 'said' && !authors.has(message.author.id)) {
        authors.set(message.author.id, message.author);
        if (authors.size === maxAuthors) break;
      }
    }
    return [...authors.values()];
  }

  toNewest(): void {
    this.scroller.scrollTop = 0;
    this.#scrolled();
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

  #insert(messages: readonly Message[], reader: Reader): void {
    const wasPinned = this.#isPinned;
    for (const message of messages) {
      const { number, replyTo } = message;
      if (this.#lines.has(number) || number <= this.#dropped) continue;
      const isToYou = replyTo !== undefined && this.message(replyTo)?.author.id === reader.you.id;
      const node = messageNode(message, reader, isToYou);
      const isLast = number > this.#highest;
      if (isLast) {
        const day = dayOf(message.atMs);
        const [last] = [...this.#lines.values()].slice(-1);
        if (!last || dayOf(last.message.atMs) !== day) this.#append(element('p', { class: 'day' }, day));
        this.#append(node);
        this.#highest = number;
        if (!wasPinned) this.#missed += 1;
      } else this.#rows.insertBefore(node, this.#after(number));
      this.#lines.set(number, { message, node });
    }
    // What the browser keeps in its place is the reader's line, unless it is the last one.
    if (wasPinned) this.scroller.scrollTop = 0;
    this.#trim();
    this.#showMissed();
  }

  #append(node: HTMLElement): void {
    this.#rows.insertBefore(node, this.#pending ?? null);
  }

  /** The line that `number` belongs before. */
  #after(number: number): HTMLElement | null {
    const next = Math.min(...[...this.#lines.keys()].filter(other => other > number));
    return this.#lines.get(next)?.node ?? this.#pending ?? null;
  }

  #remove(isGone: (number: number) => boolean): void {
    for (const [number, { node }] of this.#lines) {
      if (!isGone(number)) continue;
      node.remove();
      this.#lines.delete(number);
    }
  }

  #trim(): void {
    const most = this.#isPinned ? maxPinned : maxScrolled;
    if (this.#lines.size <= most + slack) return;
    const numbers = [...this.#lines.keys()].sort((a, b) => a - b);
    this.#dropped = numbers.at(-most - 1) ?? 0;
    this.#remove(number => number <= this.#dropped);
    this.#separate();
  }

  /** The date above the first message of each day, after something was taken out or put in between. */
  #separate(): void {
    for (const old of this.#rows.querySelectorAll('.day')) old.remove();
    const lines = [...this.#lines.values()].sort((a, b) => a.message.number - b.message.number);
    this.#lines.clear();
    let day = '';
    for (const line of lines) {
      this.#lines.set(line.message.number, line);
      const own = dayOf(line.message.atMs);
      if (own !== day) line.node.before(element('p', { class: 'day' }, own));
      day = own;
    }
  }

  #scrolled(): void {
    // In a reversed column 0 is the bottom, and what lies above is negative.
    this.#isPinned = Math.abs(this.scroller.scrollTop) <= pinnedWithinPx;
    if (this.#isPinned) this.#missed = 0;
    this.#showMissed();
  }

  #showMissed(): void {
    this.#newest.hidden = this.#isPinned;
    const messages = this.#missed === 1 ? 'new message' : 'new messages';
    this.#newest.textContent = this.#missed === 0 ? 'To the newest ↓' : `${this.#missed} ${messages} ↓`;
  }
}
