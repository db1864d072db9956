/**
 * The live column without JavaScript: HTML responses that do not end. New facts arrive as appended markup and style,
 * which browsers show at once.
 */
import { type Request, type Response, Router } from 'express';
import type { Room } from '../../chat/room.ts';
import { Failure } from '../../lib/failure.ts';
import type { StaffRole } from '../../moderation/staff.ts';
import type { People } from '../../people/people.ts';
import type { Role } from '../../people/person.ts';
import type { Assets } from '../assets.ts';
import type { WebConfig } from '../config.ts';
import type { Info } from '../info.ts';
import { acts } from '../moderate/acts.ts';
import type { OpenLines } from '../open-lines.ts';
import { nonceOf } from '../security.ts';
import type { Templates } from '../templates.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import type { WhoIsHere } from '../who-is-here.ts';
import { FrameDocument } from './document.ts';
import { LiveFrame } from './live-frame.ts';
import type { RenderedPeople } from './people.ts';
import type { RenderedMessages } from './rendered.ts';

export type FrameDeps = {
  info: Info;
  room: Room;
  people: Pick<People, 'changes'>;
  whoIsHere: WhoIsHere;
  lines: OpenLines;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  rendered: { messages: RenderedMessages; people: RenderedPeople };
  now: () => number;
};

// What the page itself brings along, before the live document comes: enough to fill the column.
const pageMessages = 20;
const pageBytes = 30_000;
// Until a browser asks again after an end or a cut: long enough that a server that starts anew mostly answers, since
// a page that could not be fetched does not ask again.
const againInS = 3;
// How many signs of life may fail to come until the line counts as silent.
const silentAfterSigns = 2.25;

/** Who a document was made for. */
type Reader = { personId: string | undefined; staff: StaffRole | undefined };

export class LiveFrames {
  readonly #open = new Map<LiveFrame, Reader>();
  readonly #deps: FrameDeps;
  readonly #config: Pick<WebConfig, 'maxFrames' | 'frames'>;

  constructor(deps: FrameDeps, config: Pick<WebConfig, 'maxFrames' | 'frames'>) {
    this.#deps = deps;
    this.#config = config;
    deps.info.changes.subscribe(() => this.#each(frame => frame.sayInfo()));
    deps.whoIsHere.changes.subscribe(() => this.#each(frame => frame.sayPeople()));
    deps.room.events.subscribe(event => this.#each(frame => frame.sayEvent(event)));
    deps.people.changes.subscribe(event => {
      if (event.type === 'changed') this.#rolesMayDiffer(event.person.id, staffOf(event.person.role));
    });
  }

  routes(): Router {
    const router = Router();
    router.get('/chat/live', (request, response) => this.#serve(request, response));
    return router;
  }

  /** The column as it is now, for the watch page to carry along; the live one replaces it. */
  still(response: Response, visitor: Visitor): string {
    const document = this.#document(response, visitor);
    const messages = this.#deps.room.recent(pageMessages);
    const opening = this.#opening(response, visitor, `/chat/live${visitor.query}`);
    return (
      opening +
      document.own(visitor.person.id) +
      document.newest(messages, pageBytes) +
      document.info(this.#deps.info.current)
    );
  }

  tick(): void {
    this.#each(frame => frame.tick());
  }

  closeAll(): void {
    this.#each(frame => frame.restart(againInS));
  }

  #serve(request: Request, response: Response): void {
    const visitor = this.#deps.visitors.of(request);
    const staff = visitor && staffOf(visitor.person.role);
    // Whoever takes all places does not keep out those who could end it.
    if (this.#open.size >= this.#config.maxFrames && !staff) {
      throw new Failure('stream-full', 'Too many people are connected. Reload in a minute.');
    }
    response.set({
      'Content-Type': 'text/html; charset=utf-8',
      Refresh: String(againInS),
      Connection: 'close',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    // Then the page lasts until the connection ends, and a connection that is lost is a page that is complete:
    // otherwise Chromium takes it for a failure and does not ask again.
    response.removeHeader('Transfer-Encoding');
    request.socket.setNoDelay(true);
    const document = this.#document(response, visitor, staff);
    const opening =
      this.#opening(response, visitor, undefined, staff) + (visitor ? document.own(visitor.person.id) : '');
    const frame = new LiveFrame({ ...this.#deps, response, document, staff }, this.#config.frames, opening);
    this.#open.set(frame, { personId: visitor?.person.id, staff });
    const leave = visitor && this.#deps.lines.open(visitor.person.id, 'chat', () => frame.restart());
    response.on('error', () => response.destroy());
    response.once('close', () => {
      this.#open.delete(frame);
      leave?.();
    });
  }

  #document(response: Response, visitor: Visitor | undefined, staff?: StaffRole): FrameDocument {
    return new FrameDocument({
      staff,
      room: this.#deps.room,
      nonce: nonceOf(response),
      query: visitor?.query ?? '',
      silentS: this.#config.frames.keepAliveS * silentAfterSigns,
      ...this.#deps.rendered,
    });
  }

  #opening(
    response: Response,
    visitor: Visitor | undefined,
    next: string | undefined,
    staff?: StaffRole,
  ): string {
    const { templates, assets } = this.#deps;
    const styles = { style: assets.url('style.css'), staffStyle: assets.url('moderate.css') };
    return templates.render('live-frame', {
      nonce: nonceOf(response),
      ...styles,
      next,
      csrf: visitor?.csrf,
      // The frame that answers, as long as there is nothing to answer.
      answer: staff && templates.render('moderate', { ...styles, acts: [], names: [], ids: [] }),
      acts: acts.filter(({ about }) => about === 'messages'),
      query: visitor?.query ?? '',
    });
  }

  #each(say: (frame: LiveFrame) => void): void {
    for (const frame of [...this.#open.keys()]) say(frame);
  }

  /** Who has become staff gets the means to moderate at once; who no longer is loses them, and what only staff sees. */
  #rolesMayDiffer(personId: string, staff: StaffRole | undefined): void {
    for (const [frame, reader] of [...this.#open]) {
      if (reader.personId === personId && reader.staff !== staff) frame.restart();
    }
  }
}

function staffOf(role: Role): StaffRole | undefined {
  return role === 'viewer' ? undefined : role;
}
