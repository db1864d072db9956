/**
 * The live column without JavaScript: HTML responses that do not end. New facts arrive as appended markup and style,
 * which browsers show at once.
 */
import { type Request, type Response, Router } from 'express';
import type { Room } from '../../chat/room.ts';
import { Failure } from '../../lib/failure.ts';
import type { People } from '../../people/people.ts';
import type { Assets } from '../assets.ts';
import type { Info } from '../info.ts';
import { nonceOf } from '../security.ts';
import type { Templates } from '../templates.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import { FrameDocument } from './document.ts';
import { LiveFrame } from './live-frame.ts';
import type { MessageStyle } from './message.ts';
import { type PeopleList, renderPeople } from './people.ts';

export type FrameDeps = {
  info: Info;
  room: Room;
  people: People;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  messageStyle: MessageStyle;
  now: () => number;
};

// What the page itself brings along, before the live document comes: enough to fill the column.
const pageMessages = 20;
// A long list that changes all the time would cost a slow circuit more than the chat.
const smallCrowd = 20;
const bigCrowdEveryMs = 5000;

export class LiveFrames {
  readonly #open = new Set<LiveFrame>();
  readonly #deps: FrameDeps;
  readonly #maxFrames: number;
  #people: PeopleList;
  #peopleChanged = false;
  #peopleSaidAtMs = 0;

  constructor(deps: FrameDeps, options: { maxFrames: number }) {
    this.#deps = deps;
    this.#maxFrames = options.maxFrames;
    this.#people = renderPeople(deps.people.list(), deps.messageStyle.defaultName);
    deps.info.changes.subscribe(() => this.#each(frame => frame.sayInfo()));
    deps.room.events.subscribe(event => this.#each(frame => frame.sayEvent(event)));
    deps.people.changes.subscribe(() => {
      this.#peopleChanged = true;
    });
  }

  routes(): Router {
    const router = Router();
    router.get('/chat/live', (request, response) => this.#serve(request, response));
    return router;
  }

  /** The column as it is now, for the watch page to carry along; the live one replaces it. */
  still(response: Response, visitor: Visitor): string {
    const document = this.#document(response);
    const messages = this.#deps.room.recent(pageMessages);
    const opening = this.#opening(response, visitor, `/chat/live${visitor.query}`);
    return (
      opening +
      document.own(visitor.person.id) +
      document.messages(messages) +
      document.info(this.#deps.info.current)
    );
  }

  /** To be called several times a second: the list of people. */
  tickPeople(): void {
    const { people, messageStyle, now } = this.#deps;
    if (!this.#peopleChanged) return;
    const lists = people.list();
    const crowd = lists.watching.length + lists.chatting.length;
    if (crowd > smallCrowd && now() - this.#peopleSaidAtMs < bigCrowdEveryMs) return;
    this.#peopleChanged = false;
    this.#peopleSaidAtMs = now();
    const list = renderPeople(lists, messageStyle.defaultName);
    if (list.html === this.#people.html) return;
    this.#people = list;
    this.#each(frame => frame.sayPeople(list));
  }

  tick(): void {
    this.#each(frame => frame.tick());
  }

  closeAll(): void {
    this.#each(frame => frame.restart());
  }

  #serve(request: Request, response: Response): void {
    if (this.#open.size >= this.#maxFrames) {
      throw new Failure('stream-full', 'Too many people are connected. Reload in a minute.');
    }
    // `Refresh` brings the page back after an end or a cut.
    response.set({ 'Content-Type': 'text/html; charset=utf-8', Refresh: '1' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    request.socket.setNoDelay(true);
    const visitor = this.#deps.visitors.of(request);
    const document = this.#document(response);
    const opening =
      this.#opening(response, visitor, undefined) + (visitor ? document.own(visitor.person.id) : '');
    const frame = new LiveFrame({ ...this.#deps, response, document }, opening);
    frame.sayPeople(this.#people);
    this.#open.add(frame);
    const leave = visitor && this.#deps.people.open(visitor.person.id, 'chat');
    response.on('error', () => response.destroy());
    response.once('close', () => {
      this.#open.delete(frame);
      leave?.();
    });
  }

  #document(response: Response): FrameDocument {
    return new FrameDocument(nonceOf(response), this.#deps.messageStyle);
  }

  #opening(response: Response, visitor: Visitor | undefined, next: string | undefined): string {
    const { templates, assets } = this.#deps;
    const again = `/chat/live${visitor?.query ?? ''}`;
    return templates.render('live-frame', {
      nonce: nonceOf(response),
      style: assets.url('style.css'),
      next,
      again,
    });
  }

  #each(say: (frame: LiveFrame) => void): void {
    for (const frame of [...this.#open]) say(frame);
  }
}
