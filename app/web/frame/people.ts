import { authorOf } from '../../chat/message.ts';
import type { Person } from '../../people/person.ts';
import type { Present } from '../who-is-here.ts';
import { authorHtml, authorRules } from './message.ts';

// A page is no directory: beyond this a count says enough.
const maxNames = 60;

type PeopleList = { html: string; rules: ReadonlyMap<string, string> };

function group(heading: string, people: readonly Person[], room: number, defaultName: string): string {
  if (people.length === 0) return '';
  const shown = people.slice(0, Math.max(0, room));
  const names = shown.map(person => `<li>${authorHtml(authorOf(person), defaultName)}</li>`).join('');
  const more =
    people.length > shown.length ? `<li class="more">and ${people.length - shown.length} more</li>` : '';
  return `<h2>${heading} (${people.length})</h2><ul>${names}${more}</ul>`;
}

/** Who watches and who only chats, as markup for `.people` and the rules it needs. The same for every reader. */
function renderPeople({ watching, chatting }: Present, defaultName: string): PeopleList {
  const rules = new Map<string, string>();
  for (const person of [...watching, ...chatting].slice(0, maxNames)) {
    for (const [name, rule] of authorRules(authorOf(person))) rules.set(name, rule);
  }
  const html =
    group('Watching', watching, maxNames, defaultName) +
    group('In chat', chatting, maxNames - watching.length, defaultName);
  return { html: html || '<p>Nobody else is here.</p>', rules };
}

/** The list as markup, made once for all readers. */
export class RenderedPeople {
  readonly #defaultName: string;
  readonly #made = new WeakMap<Present, PeopleList>();

  constructor({ defaultName }: { defaultName: string }) {
    this.#defaultName = defaultName;
  }

  of(present: Present): PeopleList {
    const made = this.#made.get(present) ?? renderPeople(present, this.#defaultName);
    this.#made.set(present, made);
    return made;
  }
}
