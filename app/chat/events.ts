import type { Message } from './message.ts';

/** `number` counts from 1 without a gap in one epoch. */
export type RoomEvent = Readonly<{ number: number }> & RoomChange;

export type RoomChange =
  | Readonly<{ type: 'message'; message: Message }>
  /** Not to be shown any longer (hidden or deleted); a number that the reader doesn't have is passed over. */
  | Readonly<{ type: 'hide'; numbers: readonly number[] }>
  /** To be shown again, at the place of their numbers. */
  | Readonly<{ type: 'unhide'; messages: readonly Message[] }>
  /** Every message up to this number is gone. */
  | Readonly<{ type: 'clear'; through: number }>;

/** How far a reader has come. An epoch is one run of the room: its event numbers mean nothing in another. */
export type Cursor = Readonly<{ epoch: string; number: number }>;

export function formatCursor({ epoch, number }: Cursor): string {
  return `${epoch}.${number}`;
}

export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,32})\.(0|[1-9]\d{0,14})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  return { epoch: match[1], number: Number(match[2]) };
}

/** The last `capacity` events, for readers who lost the thread. */
export class RecentEvents {
  readonly #capacity: number;
  #events: RoomEvent[] = [];
  #lastNumber = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  add(change: RoomChange): RoomEvent {
    const event = { ...change, number: ++this.#lastNumber };
    this.#events.push(event);
    if (this.#events.length > this.#capacity) this.#events.shift();
    return event;
  }

  /** The events behind `number`, or undefined when some are no longer (or not yet) known. */
  after(number: number): RoomEvent[] | undefined {
    const missed = this.#lastNumber - number;
    if (missed < 0 || missed > this.#events.length) return undefined;
    return missed === 0 ? [] : this.#events.slice(-missed);
  }

  /** Takes the messages for which `isGone` is true out of past events, so that no late reader is given them. */
  redact(isGone: (message: Message) => boolean): void {
    this.#events = this.#events.map(event => redacted(event, isGone));
  }
}

function redacted(event: RoomEvent, isGone: (message: Message) => boolean): RoomEvent {
  const { number } = event;
  if (event.type === 'message' && isGone(event.message)) {
    return { number, type: 'hide', numbers: [event.message.number] };
  }
  if (event.type === 'unhide' && event.messages.some(isGone)) {
    return { ...event, messages: event.messages.filter(message => !isGone(message)) };
  }
  return event;
}
