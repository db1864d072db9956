import type { Emotes } from '../../chat/emotes.ts';
import type { Message } from '../../chat/message.ts';
import { authorRules, dayOf, type MessageStyle, messageHtml } from './message.ts';

/** `rules`: what its classes need, by class. */
export type Rendered = Readonly<{ html: string; rules: ReadonlyMap<string, string>; day: string }>;

/** Messages as markup, made once for all readers and kept as long as the message itself. */
export class RenderedMessages {
  readonly #style: MessageStyle;
  #made = new WeakMap<Message, Rendered>();

  constructor(style: MessageStyle & { emotes: Pick<Emotes, 'changes'> }) {
    this.#style = style;
    style.emotes.changes.subscribe(() => {
      this.#made = new WeakMap();
    });
  }

  of(message: Message): Rendered {
    const made = this.#made.get(message) ?? {
      html: messageHtml(message, this.#style),
      rules: authorRules(message.author),
      day: dayOf(message.atMs),
    };
    this.#made.set(message, made);
    return made;
  }

  /** The last of them whose markup together has at most `maxBytes`, about. */
  newest(messages: readonly Message[], maxBytes: number): readonly Message[] {
    let left = maxBytes;
    const tooMuch = messages.findLastIndex(message => {
      left -= this.of(message).html.length;
      return left < 0;
    });
    return messages.slice(tooMuch + 1);
  }
}

/** For a reader whose session is in the addresses: the one in a message is the link to reply to it, before its text. */
export function withQuery(html: string, query: string): string {
  return query === '' ? html : html.replace('href="/chat/form?', `href="/chat/form${query}&amp;`);
}
