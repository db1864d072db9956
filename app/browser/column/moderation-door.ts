import { element } from '../dom.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Acted, ClientFrame, ServerFrame } from '../wire.ts';
import type { Log } from './log.ts';
import type { Reader } from './message.ts';
import type { PeoplePanel } from './people-panel.ts';

type Options = { log: Log; people: PeoplePanel; send(frame: ClientFrame): boolean };

/** Fetches what staff needs when somebody turns out to be staff, and puts it away when they no longer are. */
export class ModerationDoor {
  readonly element = element('div', { class: 'moderation' });
  readonly #options: Options;
  #role: Reader['you']['role'] = 'viewer';
  #moderation: Moderation | undefined;
  #styles: HTMLLinkElement | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Who the reader is now. */
  meet({ you }: Reader): void {
    if (you.role === this.#role) return;
    this.#role = you.role;
    this.#moderation?.end();
    this.#moderation = undefined;
    if (you.role === 'viewer') this.#options.log.dropHidden();
  }

  async open(
    { acts, style }: Extract<ServerFrame, { type: 'staff' }>,
    { you, settings }: Reader,
  ): Promise<void> {
    if (!this.#styles) {
      this.#styles = element('link', { rel: 'stylesheet', href: style });
      document.head.append(this.#styles);
    }
    const { Moderation } = await import('../moderation/moderation.ts');
    // Much can have happened while it was fetched.
    if (this.#moderation || this.#role !== you.role) return;
    const { defaultName } = settings;
    this.#moderation = new Moderation({ ...this.#options, place: this.element, acts, you, defaultName });
  }

  /** The connection was lost. */
  lost(): void {
    this.#moderation?.lost();
  }

  take(acted: Acted): void {
    this.#moderation?.take(acted);
  }
}
