import type { Response } from 'express';
import type { RoomEvent } from '../../chat/events.ts';
import type { Room } from '../../chat/room.ts';
import type { StaffRole } from '../../moderation/staff.ts';
import type { WebConfig } from '../config.ts';
import type { Info } from '../info.ts';
import { withHidden } from '../moderate/hidden.ts';
import type { Present } from '../who-is-here.ts';
import type { FrameDocument } from './document.ts';

const deadAfterMs = 30_000;
// Messages can be made to take many times their length as markup; a slow circuit has to take all of it first.
const maxFirstBytes = 300_000;

type FrameDeps = {
  response: Response;
  document: FrameDocument;
  info: Info;
  room: Room;
  whoIsHere: { readonly current: Present };
  now: () => number;
  /** Of a reader who moderates. */
  staff: StaffRole | undefined;
};

/**
 * One open response of the live column. Holds a cursor into the room, never a queue: a reader who does not keep up
 * gets what he missed when he reads again.
 */
export class LiveFrame {
  readonly #deps: FrameDeps;
  readonly #keepAliveMs: number;
  readonly #endsAtMs: number;
  readonly #maxBytes: number;
  #cursor;
  /** Beyond the document as it began. */
  #grownBytes = 0;
  #lastSignMs: number;
  #blockedSinceMs: number | undefined;
  #owes = { info: false, people: false };

  /** `opening` is the document up to where things are appended; the newest messages follow it. */
  constructor(deps: FrameDeps, config: WebConfig['frames'], opening: string) {
    this.#deps = deps;
    const nowMs = deps.now();
    // Documents that began together, as after a restart, should not all end together.
    const patience = 0.75 + Math.random() / 4;
    this.#keepAliveMs = config.keepAliveS * 1000;
    this.#endsAtMs = nowMs + config.maxAgeMin * 60_000 * patience;
    this.#maxBytes = config.maxKB * 1000 * patience;
    this.#lastSignMs = nowMs;
    const { document, room, staff } = deps;
    const { cursor, messages } = room.snapshot();
    this.#cursor = cursor;
    this.#append(
      opening +
        document.newest(staff ? withHidden(room, messages) : messages, maxFirstBytes) +
        document.info(deps.info.current) +
        document.people(deps.whoIsHere.current),
    );
    this.#grownBytes = 0;
    deps.response.on('drain', () => this.#catchUp());
  }

  /** Something of the stream's header has changed. */
  sayInfo(): void {
    this.#owes.info = true;
    this.#sayOwed();
  }

  /** Somebody came, left or changed. */
  sayPeople(): void {
    this.#owes.people = true;
    this.#sayOwed();
  }

  /** The room has a new event. */
  sayEvent(event: RoomEvent): void {
    if (this.#mayWrite()) this.#take([event]);
  }

  tick(): void {
    const nowMs = this.#deps.now();
    if (this.#blockedSinceMs !== undefined) {
      if (nowMs - this.#blockedSinceMs > deadAfterMs) this.#deps.response.destroy();
    } else if (nowMs > this.#endsAtMs || this.#grownBytes > this.#maxBytes) this.restart();
    else if (this.#mayWrite() && nowMs - this.#lastSignMs >= this.#keepAliveMs) {
      this.#lastSignMs = nowMs;
      this.#append(this.#deps.document.styles());
    }
  }

  /** Ends the document in a way that makes the browser ask for it anew, at once or after `inS` seconds. */
  restart(inS = 0): void {
    const { response } = this.#deps;
    if (response.writableEnded) return;
    response.end(`<meta http-equiv="refresh" content="${inS}">`);
    // Nobody waits for ever for the last byte to be taken.
    this.#blockedSinceMs ??= this.#deps.now();
  }

  #catchUp(): void {
    const { response, room } = this.#deps;
    if (response.writableEnded) return;
    this.#blockedSinceMs = undefined;
    const missed = room.resume(this.#cursor);
    if (missed) this.#take(missed);
    else this.restart();
    this.#sayOwed();
  }

  #sayOwed(): void {
    if (!this.#mayWrite()) return;
    const { document, info, whoIsHere, now } = this.#deps;
    const markup =
      (this.#owes.info ? document.info(info.current) : '') +
      (this.#owes.people ? document.people(whoIsHere.current) : '');
    this.#owes = { info: false, people: false };
    if (markup !== '') this.#lastSignMs = now();
    this.#append(markup);
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

  #mayWrite(): boolean {
    return this.#blockedSinceMs === undefined && !this.#deps.response.writableEnded;
  }

  #append(markup: string): void {
    if (markup === '') return;
    this.#grownBytes += Buffer.byteLength(markup);
    if (!this.#deps.response.write(markup)) this.#blockedSinceMs = this.#deps.now();
  }
}
