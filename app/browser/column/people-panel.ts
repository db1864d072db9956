import { element } from '../dom.ts';
import type { Author, People } from '../wire.ts';
import { authorNodes } from './message.ts';

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
  /** Is given each person's line. */
  onPerson: (item: HTMLElement, person: Author) => void = () => {};
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
    this.refresh();
  }

  /** Makes its lines anew; there are none while nobody sees them. */
  refresh(): void {
    if (this.element.hidden) this.element.replaceChildren();
    else this.#fill();
  }

  /** The button in a person's line, if they are here. */
  openerOf(id: string): HTMLElement | null {
    return this.element.querySelector(`[data-id="${CSS.escape(id)}"] button`);
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
    const focused = document.activeElement?.closest<HTMLElement>('.people [data-id]')?.dataset.id;
    this.element.replaceChildren(...(parts.length > 0 ? parts : [element('p', {}, 'Nobody else is here.')]));
    if (focused !== undefined) this.openerOf(focused)?.focus({ preventScroll: true });
  }

  #group(heading: string, people: readonly Author[], more: number): HTMLElement[] {
    const count = people.length + more;
    if (count === 0) return [];
    const items = people.map(person => {
      const item = element('li', { 'data-id': person.id }, ...authorNodes(person, this.#defaultName));
      this.onPerson(item, person);
      return item;
    });
    if (more > 0) items.push(element('li', { class: 'more' }, `and ${more} more`));
    return [element('h2', {}, `${heading} (${count})`), element('ul', {}, ...items)];
  }
}
