import type { Response } from 'express';
import type { RoomEvent } from '../../chat/events.ts';
import type { Room } from '../../chat/room.ts';
import type { Info } from '../info.ts';
import type { FrameDocument } from './document.ts';
import type { PeopleList } from './people.ts';

// Below the time after which the document says that the line is silent.
const keepAliveMs = 20_000;
// A document that grows for ever slows the browser down: now and then it is begun anew.
const maxAgeMs = 30 * 60_000;
const maxBytes = 2_000_000;
const deadAfterMs = 30_000;

type FrameDeps = { response: Response; document: FrameDocument; info: Info; room: Room; now: () => number };

/**
 * One open response of the live column. Holds a cursor into the room, never a queue: a reader who does not keep up
 * gets what he missed when he reads again.
 */
export class LiveFrame {
  readonly #deps: FrameDeps;
  readonly #bornMs: number;
  #cursor;
  #sentBytes = 0;
  #lastWriteMs: number;
  #blockedSinceMs: number | undefined;
  #people: PeopleList | undefined;

  /** `opening` is the document up to where things are appended; the newest messages follow it. */
  constructor(deps: FrameDeps, opening: string) {
    this.#deps = deps;
    this.#bornMs = this.#lastWriteMs = deps.now();
    const { cursor, messages } = deps.room.snapshot();
    this.#cursor = cursor;
    this.#append(opening + deps.document.messages(messages) + deps.document.info(deps.info.current));
    deps.response.on('drain', () => this.#catchUp());
  }

  /** Something of the stream's header has changed. */
  sayInfo(): void {
    if (this.#blockedSinceMs === undefined) this.#append(this.#deps.document.info(this.#deps.info.current));
  }

  /** The room has a new event. */
  sayEvent(event: RoomEvent): void {
    if (this.#blockedSinceMs === undefined) this.#take([event]);
  }

  sayPeople(people: PeopleList): void {
    this.#people = people;
    if (this.#blockedSinceMs === undefined) this.#append(this.#deps.document.people(people));
  }

  tick(): void {
    const nowMs = this.#deps.now();
    if (this.#blockedSinceMs !== undefined) {
      if (nowMs - this.#blockedSinceMs > deadAfterMs) this.#deps.response.destroy();
    } else if (nowMs - this.#bornMs > maxAgeMs || this.#sentBytes > maxBytes) this.restart();
    else if (nowMs - this.#lastWriteMs >= keepAliveMs) this.#append(this.#deps.document.styles());
  }

  /** Ends the document in a way that makes the browser ask for it anew at once. */
  restart(): void {
    this.#deps.response.end('<meta http-equiv="refresh" content="0">');
  }

  #catchUp(): void {
    this.#blockedSinceMs = undefined;
    const missed = this.#deps.room.resume(this.#cursor);
    if (!missed) {
      this.restart();
      return;
    }
    this.#take(missed);
    this.sayInfo();
    if (this.#people) this.sayPeople(this.#people);
  }

  #take(events: readonly RoomEvent[]): void {
    let markup = '';
    for (const event of events) {
      const more = this.#deps.document.event(event);
      if (more === 'restart') {
        this.restart();
        return;
      }
      markup += more;
      this.#cursor = { ...this.#cursor, number: event.number };
    }
    this.#append(markup);
  }

  #append(markup: string): void {
    if (markup === '' || this.#deps.response.writableEnded) return;
    this.#lastWriteMs = this.#deps.now();
    this.#sentBytes += markup.length;
    if (!this.#deps.response.write(markup)) this.#blockedSinceMs = this.#lastWriteMs;
  }
}
