/**
 * What is said, and in which order: the room owns the numbers of messages and of events. Whether somebody may
 * speak is decided elsewhere (submit.ts); how it looks, by whoever renders it.
 */
import { Topic } from '../lib/topic.ts';
import type { ChatConfig } from './config.ts';
import { type Cursor, RecentEvents, type RoomChange, type RoomEvent } from './events.ts';
import { type Author, type Message, messageFromRow, type Said, saidToRow } from './message.ts';
import type { MessageStore } from './store.ts';

// A reader who missed more than this is better served with a snapshot.
const eventsKept = 1024;

const dayMs = 86_400_000;

/** What a reader begins with: continue with the events behind `cursor`. */
export type Snapshot = Readonly<{ cursor: Cursor; messages: readonly Message[] }>;

export class Room {
  /** Every change, once it is stored. */
  readonly events = new Topic<RoomEvent>();
  readonly #store: MessageStore;
  readonly #now: () => number;
  readonly #epoch: string;
  readonly #config: Pick<ChatConfig, 'shown' | 'stored' | 'retentionDays'>;
  readonly #past = new RecentEvents(eventsKept);
  #lastNumber: number;
  #shown: readonly Message[] = [];

  /** `epoch` names this run: another one after each start, of at most 32 characters A–Z a–z 0–9 - _. */
  constructor(
    deps: { store: MessageStore; now: () => number; epoch: string },
    config: Pick<ChatConfig, 'shown' | 'stored' | 'retentionDays'>,
  ) {
    this.#store = deps.store;
    this.#now = deps.now;
    this.#epoch = deps.epoch;
    this.#config = config;
    this.#lastNumber = deps.store.lastNumber();
    this.#reload();
  }

  /** The number of the newest message ever; 0 before the first. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get cursor(): Cursor {
    return { epoch: this.#epoch, number: this.#past.lastNumber };
  }

  /** The newest messages that are not hidden, oldest first; at most `shown` of the config. */
  recent(limit: number = this.#config.shown): readonly Message[] {
    return limit > 0 ? this.#shown.slice(-limit) : [];
  }

  /** Those of `recent()` with a higher number. */
  since(number: number): readonly Message[] {
    return this.#shown.filter(message => message.number > number);
  }

  snapshot(limit?: number): Snapshot {
    return { cursor: this.cursor, messages: this.recent(limit) };
  }

  /** The events behind `cursor`, or undefined when only a snapshot helps. */
  resume({ epoch, number }: Cursor): readonly RoomEvent[] | undefined {
    return epoch === this.#epoch ? this.#past.after(number) : undefined;
  }

  /** Also hidden ones. */
  find(number: number): Message | undefined {
    const row = this.#store.find(number);
    return row && messageFromRow(row);
  }

  /** The message that this person sent with this nonce before. */
  findByNonce(personId: string, nonce: string): Message | undefined {
    const row = this.#store.findByNonce(personId, nonce);
    return row && messageFromRow(row);
  }

  /** For moderators: the newest hidden messages, oldest first. */
  hidden(limit: number): readonly Message[] {
    return this.#store.recent(limit, true).map(messageFromRow);
  }

  /** For moderators: the newest messages of a person, shown and hidden, oldest first. */
  ofPerson(personId: string, limit: number): readonly Message[] {
    return this.#store.ofPerson(personId, limit).map(messageFromRow);
  }

  /** Stores and publishes; a nonce that the author used before gives the message of then. */
  append(said: Said): Message {
    return this.#append('said', said);
  }

  /** An announcement. */
  notice(text: string, author: Author): Message {
    return this.#append('notice', { author, text, replyTo: undefined, nonce: undefined });
  }

  /** Returns the numbers that were shown until now: what an undo gives to `unhide`. */
  hide(numbers: readonly number[]): number[] {
    const hidden = this.#store.setHidden(numbers, true).map(row => row.number);
    const gone = new Set(hidden);
    return this.#gone(hidden, ({ number }) => gone.has(number));
  }

  hideOfPerson(personId: string): number[] {
    return this.#gone(this.#store.hideOfPerson(personId), isBy(personId));
  }

  /** Returns the numbers that were hidden until now. */
  unhide(numbers: readonly number[]): number[] {
    const messages = this.#store.setHidden(numbers, false).map(messageFromRow);
    if (messages.length === 0) return [];
    this.#reload();
    // The last ones, if there are many: nobody is shown more.
    this.#publish({ type: 'unhide', messages: messages.slice(-this.#config.shown) });
    return messages.map(message => message.number);
  }

  /** Deletes all that a person wrote, for good. Returns the numbers. */
  purge(personId: string): number[] {
    return this.#gone(this.#store.deleteOfPerson(personId), isBy(personId));
  }

  /** Deletes every message, for good. Numbers go on. */
  clear(): void {
    this.#clearThrough(this.#lastNumber);
  }

  /** Deletes what is older than `retentionDays`. To be called now and then. */
  expire(): void {
    const { retentionDays } = this.#config;
    if (retentionDays === 0) return;
    const through = this.#store.lastNumberBefore(this.#now() - retentionDays * dayMs);
    if (through > 0) this.#clearThrough(through);
  }

  #append(kind: Message['kind'], said: Said): Message {
    const { author, nonce } = said;
    const earlier = nonce === undefined ? undefined : this.findByNonce(author.personId, nonce);
    if (earlier) return earlier;
    const number = this.#lastNumber + 1;
    const row = { ...saidToRow(said, this.#now()), number, kind, hidden: false };
    this.#store.append(row, this.#config.stored);
    this.#lastNumber = number;
    const message = messageFromRow(row);
    this.#shown = [...this.#shown, message].slice(-this.#config.shown);
    this.#publish({ type: 'message', message });
    return message;
  }

  #gone(numbers: number[], isGone: (message: Message) => boolean): number[] {
    this.#past.redact(isGone);
    if (numbers.length === 0) return numbers;
    this.#reload();
    this.#publish({ type: 'hide', numbers });
    return numbers;
  }

  #clearThrough(through: number): void {
    this.#store.deleteThrough(through);
    this.#past.redact(({ number }) => number <= through);
    this.#reload();
    this.#publish({ type: 'clear', through });
  }

  #reload(): void {
    this.#shown = this.#store.recent(this.#config.shown, false).map(messageFromRow);
  }

  #publish(change: RoomChange): void {
    this.events.publish(this.#past.add(change));
  }
}

function isBy(personId: string): (message: Message) => boolean {
  return ({ author }) => author.personId === personId;
}
