/**
 * The column of stream, chat and people over one WebSocket, in the place of the page's frames: with their markup and
 * looks, once it has something to show. Where no socket can be opened the frames stay.
 */

import { element, needElement } from '../dom.ts';
import type { Author, Message, ServerFrame, StreamInfo } from '../wire.ts';
import { Announcer } from './announcer.ts';
import { Completion } from './completion.ts';
import { Composer } from './composer.ts';
import { IdentityPanel } from './identity-panel.ts';
import { Log } from './log.ts';
import { logActions } from './log-actions.ts';
import { LossNotice } from './loss-notice.ts';
import { type Reader, textOf } from './message.ts';
import { ModerationDoor } from './moderation-door.ts';
import { PageTitle } from './page-title.ts';
import { PeoplePanel } from './people-panel.ts';
import { Connection } from './socket.ts';
import { streamHeader } from './stream-header.ts';
import { Writing } from './writing.ts';

export class LiveColumn {
  readonly #side = needElement('side');
  readonly #onInfo: (info: StreamInfo) => void;
  readonly #title = new PageTitle();
  readonly #announcer = new Announcer();
  readonly #people = new PeoplePanel();
  readonly #header = streamHeader(this.#people.button);
  readonly #log = new Log();
  readonly #moderation = new ModerationDoor({
    log: this.#log,
    people: this.#people,
    send: frame => this.#connection.send(frame),
  });
  readonly #loss = new LossNotice(() => this.#connection.hurry());
  readonly #identity: IdentityPanel;
  readonly #composer: Composer;
  readonly #writing: Writing;
  readonly #connection: Connection;
  #reader: Reader | undefined;
  #isShown = false;

  constructor(onInfo: (info: StreamInfo) => void) {
    this.#onInfo = onInfo;
    const query = this.#side.dataset.query ?? '';
    this.#identity = new IdentityPanel(query, () => this.#composer.focus());
    this.#composer = new Composer({
      identity: this.#identity.button,
      completion: new Completion(() => this.#candidates()),
      onSend: () => this.#writing.post(),
      onChange: () => this.#writing.keep(),
      onAnotherPicture: () => this.#connection.send({ type: 'captcha' }),
      onJump: number => this.#jumpTo(number),
    });
    this.#writing = new Writing({
      log: this.#log,
      composer: this.#composer,
      send: frame => this.#connection.send(frame),
      restart: () => this.#connection.restart(),
    });
    logActions(this.#log.scroller, {
      onReply: number => {
        this.#writing.reply(number);
        this.#composer.focus();
      },
      onJump: number => this.#jumpTo(number),
      onLeave: () => this.#composer.focus(),
    });
    this.#log.element.append(this.#people.element);
    this.#connection = new Connection({
      query,
      onFrame: frame => this.#take(frame),
      onLost: () => {
        this.#loss.lost();
        this.#writing.lost();
        this.#moderation.lost();
      },
    });
  }

  #take(frame: ServerFrame): void {
    this.#loss.found();
    if (frame.type === 'welcome') this.#reader = { settings: frame.settings, you: frame.you };
    const reader = this.#reader;
    if (!reader) return;
    switch (frame.type) {
      case 'welcome':
        this.#meet(reader);
        this.#writing.connected();
        break;
      case 'you':
        this.#meet({ ...reader, you: frame.you });
        break;
      case 'info':
        this.#header.show(frame.info);
        this.#title.set(frame.info.title);
        this.#onInfo(frame.info);
        break;
      case 'people':
        this.#people.show(frame.people, reader.settings.defaultName);
        break;
      case 'snapshot':
        this.#tellOf(this.#log.reset(frame.messages, reader), reader);
        this.#show(reader);
        break;
      case 'change':
        this.#tellOf(this.#log.apply(frame.change, reader), reader);
        break;
      case 'captcha':
        this.#composer.captcha.show(frame.captchaId, { spoken: reader.settings.spokenCaptchas });
        this.#composer.captcha.focus();
        break;
      case 'answer':
        this.#writing.take(frame);
        break;
      case 'staff':
        void this.#moderation.open(frame, reader);
        break;
      case 'acted':
        this.#moderation.take(frame);
        break;
    }
  }

  #meet(reader: Reader): void {
    this.#reader = reader;
    this.#moderation.meet(reader);
    this.#composer.showPerson(reader);
    this.#writing.setReader(reader);
  }

  /** Takes the place of the frames, with what has been typed there. */
  #show(reader: Reader): void {
    if (this.#isShown) return;
    this.#isShown = true;
    const form = this.#side.querySelector<HTMLIFrameElement>('.write-frame');
    const field = form?.contentDocument?.querySelector<HTMLInputElement>('[name="text"]');
    const typed = field?.value ?? '';
    // The frame takes the focus by itself: only one who writes keeps it.
    const wasWriting = document.activeElement === form && typed !== '';
    const write = element(
      'div',
      { class: 'form-frame write' },
      this.#identity.element,
      this.#composer.element,
    );
    const parts = [
      this.#header.element,
      this.#log.element,
      this.#moderation.element,
      this.#loss.element,
      write,
      this.#announcer.element,
    ];
    this.#side.replaceChildren(element('div', { class: 'live-column' }, ...parts));
    this.#writing.restore(reader, typed);
    if (wasWriting) this.#composer.focus();
  }

  #tellOf(messages: readonly Message[], { settings, you }: Reader): void {
    const others = messages.filter(({ author }) => author.id !== you.id);
    for (const message of messages) if (message.author.id === you.id) this.#writing.seen(textOf(message));
    this.#title.count(others.length);
    this.#announcer.announce(others, settings.defaultName);
  }

  #jumpTo(number: number): void {
    if (!this.#log.jumpTo(number)) this.#composer.tell(`Message ${number} is not here any more.`);
  }

  #candidates(): { people: Author[]; defaultName: string } {
    const people = [...this.#log.authors(), ...this.#people.people];
    return {
      people: people.filter(({ id }) => id !== this.#reader?.you.id),
      defaultName: this.#reader?.settings.defaultName ?? '',
    };
  }
}
