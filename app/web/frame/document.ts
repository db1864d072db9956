/**
 * One reader's document of the live column: turns what happens into markup to append. Remembers what this document
 * already holds, so that nothing comes twice; writes nothing itself.
 */
import type { RoomEvent } from '../../chat/events.ts';
import type { Message } from '../../chat/message.ts';
import type { Room } from '../../chat/room.ts';
import type { StaffRole } from '../../moderation/staff.ts';
import type { StreamInfo } from '../info.ts';
import { veiledOf } from '../moderate/hidden.ts';
import type { Present } from '../who-is-here.ts';
import type { RenderedPeople } from './people.ts';
import { type RenderedMessages, withQuery } from './rendered.ts';
import { aliveRules, infoRules } from './rules.ts';
import { Runs } from './runs.ts';
import { staffRow, veilRule } from './staff.ts';

type DocumentDeps = {
  /** Of the response's Content-Security-Policy. */
  nonce: string;
  /** Carries the session of a reader without cookies. */
  query: string;
  /** Seconds without a sign of life until the reader is told. */
  silentS: number;
  messages: RenderedMessages;
  people: RenderedPeople;
  room: Pick<Room, 'find'>;
  /** Of a reader who moderates: their document has the means to, and keeps what is hidden in sight. */
  staff: StaffRole | undefined;
};

// What stands around a message of staff's documents is longer than the message: their documents begin with fewer.
const staffMessages = 150;
const staffBytes = 900;

export class FrameDocument {
  readonly #deps: DocumentDeps;
  readonly #classes = new Set<string>();
  readonly #numbers = new Runs();
  #day = '';
  #turn = 0;

  constructor(deps: DocumentDeps) {
    this.#deps = deps;
  }

  /** A style element with these rules and a sign of life. */
  styles(rules = ''): string {
    this.#turn += 1;
    return this.#styleElement(rules + aliveRules(this.#deps.silentS, this.#turn));
  }

  info(info: StreamInfo): string {
    return this.styles(infoRules(info, this.#turn));
  }

  /** Rules for the reader's own messages. */
  own(personId: string): string {
    return this.#styleElement(`.p-${personId}{border-left-color:var(--accent)}`);
  }

  /** As many of the last messages as `maxBytes` allow. */
  newest(messages: readonly Message[], maxBytes: number): string {
    const { messages: rendered, staff } = this.#deps;
    if (!staff) return this.#messages(rendered.newest(messages, maxBytes));
    const recent = messages.slice(-staffMessages);
    return this.#messages(rendered.newest(recent, maxBytes - recent.length * staffBytes));
  }

  /** Markup for an event, or `restart` when only a new document can show it. */
  event(event: RoomEvent): string | 'restart' {
    switch (event.type) {
      case 'message':
        return this.#messages([event.message]);
      case 'hide':
        return this.#deps.staff ? this.#veil(event.numbers) : this.#display(event.numbers, 'none');
      case 'unhide': {
        const numbers = event.messages.map(message => message.number);
        // One that this document never had belongs between others, where nothing can be appended.
        if (!numbers.every(number => this.#numbers.has(number))) return 'restart';
        return this.#deps.staff ? this.styles(veilRule(numbers, false)) : this.#display(numbers, 'block');
      }
      case 'clear':
        // Also when only what is past its time goes, of which this document may hold nothing.
        return (this.#numbers.first ?? Number.POSITIVE_INFINITY) <= event.through ? 'restart' : '';
    }
  }

  /** The list of people in the place of the one before. */
  people(present: Present): string {
    const { html, rules } = this.#deps.people.of(present, this.#deps.staff !== undefined);
    this.#turn += 1;
    const id = `people-${this.#turn}`;
    const show = `.people{display:none}body:has(#people-open:checked) #${id}{display:block}`;
    return `<div class="people" id="${id}">${html}</div>${this.styles(this.#unknown(rules) + show)}`;
  }

  #messages(messages: readonly Message[]): string {
    return messages.map(message => this.#message(message)).join('');
  }

  #message(message: Message): string {
    if (!this.#numbers.add(message.number)) return '';
    const { html, rules, day } = this.#deps.messages.of(message);
    const unknown = this.#unknown(rules);
    const separator = day === this.#day ? '' : `<p class="day">${day}</p>\n`;
    this.#day = day;
    const { staff, query } = this.#deps;
    const shown = withQuery(html, query);
    const line = staff ? staffRow(message, shown, staff) : shown;
    return (unknown && this.#styleElement(unknown)) + separator + line;
  }

  /** For staff: hidden messages stay in sight, only what was deleted goes. */
  #veil(numbers: readonly number[]): string {
    const last = this.#numbers.last ?? 0;
    const concerned = numbers.filter(number => number > last || this.#numbers.has(number));
    const { veiled, gone } = veiledOf(this.#deps.room, concerned);
    const here = veiled.map(({ number }) => number).filter(number => number <= last);
    const missed = veiled.filter(({ number }) => number > last);
    const rule = here.length === 0 ? '' : this.styles(veilRule(here, true));
    return rule + this.#display(gone, 'none') + this.#messages(missed);
  }

  #display(numbers: readonly number[], display: 'none' | 'block'): string {
    const element = this.#deps.staff ? '#r' : '#m';
    const known = numbers.filter(number => this.#numbers.has(number));
    const selectors = known.map(number => `${element}${number}`);
    return selectors.length === 0 ? '' : this.styles(`${selectors.join()}{display:${display}}`);
  }

  /** Those of the rules, by class, that this document has not been told. */
  #unknown(rules: ReadonlyMap<string, string>): string {
    let unknown = '';
    for (const [name, rule] of rules) {
      if (this.#classes.has(name)) continue;
      this.#classes.add(name);
      unknown += rule;
    }
    return unknown;
  }

  #styleElement(rules: string): string {
    return `<style nonce="${this.#deps.nonce}">${rules}</style>\n`;
  }
}
