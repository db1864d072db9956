import { element } from './dom.ts';
import { authorNodes } from './message.ts';
import type { Author, People } from './wire.ts';

/** The same list as app/web/frame/people.ts writes, opened by the button that counts the viewers. */
export class PeoplePanel {
  readonly button = element('button', {
    type: 'button',
    class: 'stream-viewers',
    'aria-expanded': 'false',
    'aria-controls': 'people',
    accesskey: 'p',
  });
  readonly element = element('div', { class: 'people', id: 'people', tabindex: '-1', hidden: '' });
  #people: People = { watching: [], chatting: [], more: { watching: 0, chatting: 0 } };
  #defaultName = '';

  constructor() {
    this.element.setAttribute('aria-label', 'Who is here');
    this.button.addEventListener('click', () => (this.element.hidden ? this.#open() : this.close()));
    const parts: HTMLElement[] = [this.element, this.button];
    for (const part of parts) {
      part.addEventListener('keydown', event => {
        if (event.key === 'Escape') this.close();
      });
    }
  }

  get people(): Author[] {
    return [...this.#people.watching, ...this.#people.chatting];
  }

  show(people: People, defaultName: string): void {
    this.#people = people;
    this.#defaultName = defaultName;
    if (!this.element.hidden) this.#fill();
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    this.button.focus();
  }

  #open(): void {
    this.#fill();
    this.element.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.element.focus({ preventScroll: true });
  }

  #fill(): void {
    const { watching, chatting, more } = this.#people;
    const parts = [
      ...this.#group('Watching', watching, more.watching),
      ...this.#group('In chat', chatting, more.chatting),
    ];
    this.element.replaceChildren(...(parts.length > 0 ? parts : [element('p', {}, 'Nobody else is here.')]));
  }

  #group(heading: string, people: readonly Author[], more: number): HTMLElement[] {
    const count = people.length + more;
    if (count === 0) return [];
    const items = people.map(person => element('li', {}, ...authorNodes(person, this.#defaultName)));
    if (more > 0) items.push(element('li', { class: 'more' }, `and ${more} more`));
    return [element('h2', {}, `${heading} (${count})`), element('ul', {}, ...items)];
  }
}
