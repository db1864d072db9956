/**
 * One reader's document of the live column: turns what happens into markup to append. Remembers what this document
 * already holds, so that nothing comes twice; writes nothing itself.
 */
import type { RoomEvent } from '../../chat/events.ts';
import type { Message } from '../../chat/message.ts';
import type { StreamInfo } from '../info.ts';
import { authorRules, dayOf, type MessageStyle, messageHtml } from './message.ts';
import type { PeopleList } from './people.ts';
import { aliveRules, infoRules } from './rules.ts';

// How long without a sign of life until the reader is told.
const silentS = 45;

export class FrameDocument {
  readonly #nonce: string;
  readonly #style: MessageStyle;
  readonly #classes = new Set<string>();
  readonly #numbers = new Set<number>();
  #day = '';
  #turn = 0;

  constructor(nonce: string, style: MessageStyle) {
    this.#nonce = nonce;
    this.#style = style;
  }

  /** A style element with these rules and a sign of life. */
  styles(rules = ''): string {
    this.#turn += 1;
    return `<style nonce="${this.#nonce}">${rules}${aliveRules(silentS, this.#turn)}</style>\n`;
  }

  info(info: StreamInfo): string {
    return this.styles(infoRules(info, this.#turn));
  }

  /** Rules for the reader's own messages. */
  own(personId: string): string {
    return `<style nonce="${this.#nonce}">.p-${personId}{border-left-color:var(--accent)}</style>\n`;
  }

  messages(messages: readonly Message[]): string {
    return messages.map(message => this.#message(message)).join('');
  }

  /** Markup for an event, or `restart` when only a new document can show it. */
  event(event: RoomEvent): string | 'restart' {
    switch (event.type) {
      case 'message':
        return this.messages([event.message]);
      case 'hide':
        return this.#display(event.numbers, 'none');
      case 'unhide': {
        const numbers = event.messages.map(message => message.number);
        // One that this document never had belongs between others, where nothing can be appended.
        return numbers.every(number => this.#numbers.has(number))
          ? this.#display(numbers, 'block')
          : 'restart';
      }
      case 'clear':
        return 'restart';
    }
  }

  /** The list of people in the place of the one before. */
  people({ html, rules }: PeopleList): string {
    this.#turn += 1;
    const id = `people-${this.#turn}`;
    const show = `.people{display:none}body:has(#people-open:checked) #${id}{display:block}`;
    return `<div class="people" id="${id}">${html}</div>${this.styles([...this.#unknown(rules), show].join(''))}`;
  }

  #message(message: Message): string {
    if (this.#numbers.has(message.number)) return '';
    this.#numbers.add(message.number);
    const rules = this.#unknown(authorRules(message.author)).join('');
    const style = rules === '' ? '' : `<style nonce="${this.#nonce}">${rules}</style>`;
    const day = dayOf(message.atMs);
    const separator = day === this.#day ? '' : `<p class="day">${day}</p>\n`;
    this.#day = day;
    return style + separator + messageHtml(message, this.#style);
  }

  #display(numbers: readonly number[], display: 'none' | 'block'): string {
    const selectors = numbers.filter(number => this.#numbers.has(number)).map(number => `#m${number}`);
    return selectors.length === 0 ? '' : this.styles(`${selectors.join()}{display:${display}}`);
  }

  #unknown(rules: ReadonlyMap<string, string>): string[] {
    const unknown = [...rules].filter(([name]) => !this.#classes.has(name));
    for (const [name] of unknown) this.#classes.add(name);
    return unknown.map(([, rule]) => rule);
  }
}
