import { authorOf } from '../../chat/message.ts';
import type { Person } from '../../people/person.ts';
import type { Present } from '../who-is-here.ts';
import { authorHtml, authorRules } from './message.ts';
import { staffPerson } from './staff.ts';

// A page is no directory: beyond this a count says enough.
const maxNames = 60;

type PeopleList = { html: string; rules: ReadonlyMap<string, string> };

type Style = { defaultName: string; forStaff: boolean };

function itemHtml(person: Person, { defaultName, forStaff }: Style): string {
  const author = authorOf(person);
  return `<li>${authorHtml(author, defaultName)}${forStaff ? staffPerson(author) : ''}</li>`;
}

function group(heading: string, people: readonly Person[], room: number, style: Style): string {
  if (people.length === 0) return '';
  const shown = people.slice(0, Math.max(0, room));
  const names = shown.map(person => itemHtml(person, style)).join('');
  const more =
    people.length > shown.length ? `<li class="more">and ${people.length - shown.length} more</li>` : '';
  return `<h2>${heading} (${people.length})</h2><ul>${names}${more}</ul>`;
}

/** Who watches and who only chats, as markup for `.people` and the rules it needs. */
function renderPeople({ watching, chatting }: Present, style: Style): PeopleList {
  const rules = new Map<string, string>();
  for (const person of [...watching, ...chatting].slice(0, maxNames)) {
    for (const [name, rule] of authorRules(authorOf(person))) rules.set(name, rule);
  }
  const html =
    group('Watching', watching, maxNames, style) +
    group('In chat', chatting, maxNames - watching.length, style);
  return { html: html || '<p>Nobody else is here.</p>', rules };
}

/** The list as markup, made once for all readers of a kind: everybody, and staff. */
export class RenderedPeople {
  readonly #defaultName: string;
  readonly #made = {
    everybody: new WeakMap<Present, PeopleList>(),
    staff: new WeakMap<Present, PeopleList>(),
  };

  constructor({ defaultName }: { defaultName: string }) {
    this.#defaultName = defaultName;
  }

  of(present: Present, forStaff = false): PeopleList {
    const made = forStaff ? this.#made.staff : this.#made.everybody;
    const list = made.get(present) ?? renderPeople(present, { defaultName: this.#defaultName, forStaff });
    made.set(present, list);
    return list;
  }
}
