/**
 * What staff can do from the chat: a menu on each message and person, and messages selected to do it to several at once.
 * Loaded for nobody else. The server decides what may be done; here is only what can be pressed.
 */

import type { Log } from '../column/log.ts';
import { shownName } from '../column/message.ts';
import type { PeoplePanel } from '../column/people-panel.ts';
import { button, element } from '../dom.ts';
import type { Act, Acted, Author, ClientFrame } from '../wire.ts';
import { ActMenu } from './menu.ts';
import { menuOpeners } from './openers.ts';
import { Selection } from './selection.ts';
import { areYouSure } from './sure.ts';
import { Told } from './told.ts';

type Options = {
  log: Log;
  people: PeoplePanel;
  /** Stands between the log and the form. */
  place: HTMLElement;
  acts: readonly Act[];
  you: Author;
  defaultName: string;
  send(frame: ClientFrame): boolean;
};

type Whom = { numbers: number[]; personIds: string[] };

export class Moderation {
  readonly #options: Options;
  readonly #told: Told;
  readonly #selection: Selection;
  readonly #lifetime = new AbortController();
  readonly #menu = new ActMenu(this.#lifetime.signal);
  readonly #count = element('span', { role: 'status' });
  readonly #bar = element('div', { class: 'picked-now', role: 'group', 'aria-label': 'With the selected' });
  readonly #opener: HTMLElement;

  constructor(options: Options) {
    this.#options = options;
    const { log, people, place, acts } = options;
    this.#told = new Told(ids => this.#undo(ids));
    this.#selection = new Selection(log.scroller, () => this.#showBar());
    this.#opener = menuOpeners({
      log: log.scroller,
      lifetime: this.#lifetime.signal,
      onOpen: (line, at) => this.#openAtLine(line, at),
      isOpen: () => this.#menu.isOpen,
    });
    const direct = acts.filter(({ about }) => about === 'messages');
    const more: HTMLButtonElement = button('button small', 'Mute or ban…', () => this.#openForSelected(more));
    more.ariaHasPopup = 'menu';
    const none = button('button small', 'None', () => this.#selection.clear());
    none.ariaLabel = 'Select none';
    this.#bar.append(
      this.#count,
      none,
      ...direct.map(act => button('button small', act.label, () => this.#toSelected(act))),
      more,
    );
    this.#bar.hidden = true;
    place.replaceChildren(this.#told.element, this.#bar, this.#menu.element);
    log.onLine = line => this.#selection.equip(line);
    for (const line of log.scroller.querySelectorAll<HTMLElement>('.m[id]')) this.#selection.equip(line);
    people.onPerson = (item, person) => this.#equipPerson(item, person);
    people.refresh();
  }

  /** The answer to an act. */
  take(acted: Acted): void {
    this.#told.show(acted);
  }

  lost(): void {
    this.#told.lost();
  }

  /** Nothing of it stays. */
  end(): void {
    const { log, people, place } = this.#options;
    this.#lifetime.abort();
    this.#selection.end();
    this.#menu.close();
    this.#opener.remove();
    place.replaceChildren();
    log.onLine = () => {};
    people.onPerson = () => {};
    people.refresh();
  }

  #openAtLine(line: HTMLElement, at = line.getBoundingClientRect()): void {
    const { log, acts, you, defaultName } = this.#options;
    const number = Number(line.id.slice(1));
    const message = log.message(number);
    if (!message) return;
    const { author, kind, hidden } = message;
    const isAbout = ({ id, about }: Act): boolean =>
      about === 'messages'
        ? id === (hidden ? 'unhide' : 'hide')
        : kind === 'said' && mayBeDoneTo(author, you);
    const title = `${shownName(author, defaultName)} ${author.name === undefined ? '' : author.tag}`.trim();
    this.#menu.open({
      title,
      acts: acts.filter(isAbout),
      at,
      backTo: () => line,
      onChoose: act => void this.#do(act, { numbers: [number], personIds: [] }, title),
    });
  }

  #equipPerson(item: HTMLElement, person: Author): void {
    const { acts, you, defaultName, people } = this.#options;
    if (!mayBeDoneTo(person, you)) return;
    const title = shownName(person, defaultName);
    const opener: HTMLButtonElement = button('person-open', '⋯', () =>
      this.#menu.open({
        title,
        acts: acts.filter(({ about }) => about === 'people'),
        at: opener.getBoundingClientRect(),
        // The list is made anew whenever somebody comes or goes.
        backTo: () => people.openerOf(person.id) ?? people.element,
        onChoose: act => void this.#do(act, { numbers: [], personIds: [person.id] }, title),
      }),
    );
    opener.ariaLabel = `Moderate ${title}`;
    opener.ariaHasPopup = 'menu';
    item.append(' ', opener);
  }

  #openForSelected(opener: HTMLElement): void {
    const { numbers } = this.#selection;
    const names = this.#namesOf(numbers);
    const title = names.length === 1 ? (names[0] ?? '') : `${names.length} people`;
    this.#menu.open({
      title,
      acts: this.#options.acts.filter(({ about }) => about === 'people'),
      at: opener.getBoundingClientRect(),
      backTo: () => opener,
      onChoose: act => void this.#do(act, { numbers, personIds: [] }, names.join(', '), true),
    });
  }

  #namesOf(numbers: readonly number[]): string[] {
    const { log, defaultName } = this.#options;
    const authors = numbers.flatMap(number => log.message(number)?.author ?? []);
    const byId = new Map(authors.map(author => [author.id, shownName(author, defaultName)]));
    return [...byId.values()];
  }

  #toSelected(act: Act): void {
    void this.#do(act, { numbers: this.#selection.numbers, personIds: [] }, '', true);
  }

  async #do(act: Act, whom: Whom, names: string, isOfSelection = false): Promise<void> {
    if (act.isGrave && !(await areYouSure(`${act.label}: ${names}?`, act.label))) return;
    const sent = this.#options.send({ type: 'act', nonce: String(performance.now()), act: act.id, ...whom });
    this.#told.sent(sent);
    if (!sent || !isOfSelection) return;
    this.#selection.clear();
    // What had the focus is not shown any more.
    this.#options.log.scroller.focus({ preventScroll: true });
  }

  #undo(ids: number[]): void {
    this.#told.sent(this.#options.send({ type: 'undo', nonce: String(performance.now()), ids }));
  }

  #showBar(): void {
    const { length } = this.#selection.numbers;
    this.#bar.hidden = length === 0;
    this.#count.textContent = `${length} selected`;
  }
}

function mayBeDoneTo({ role }: Author, you: Author): boolean {
  return role === 'viewer' || (role === 'moderator' && you.role === 'broadcaster');
}
