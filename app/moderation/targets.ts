import type { Author } from '../chat/message.ts';
import type { Room } from '../chat/room.ts';
import { Failure } from '../lib/failure.ts';
import type { Ban } from '../people/bans.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Actor } from './staff.ts';

/** Whom a command is about. */
export type Target = Readonly<{
  id: string;
  tag: string;
  /** As it is shown. */
  name: string;
  role: Person['role'];
  tripcode: Person['tripcode'];
  /** The tripcode under the message that they were named by. */
  wroteUnder?: string | undefined;
}>;

type TargetsDeps = {
  people: Pick<People, 'find' | 'list'>;
  room: Pick<Room, 'find' | 'recent' | 'ofPerson'>;
};

const maxListed = 8;
const maxLookedAt = 200;

/** Finds people by what a moderator sees of them. */
export class Targets {
  readonly #deps: TargetsDeps;
  readonly #defaultName: string;

  constructor(deps: TargetsDeps, { defaultName }: { defaultName: string }) {
    this.#deps = deps;
    this.#defaultName = defaultName;
  }

  /**
   * By id, `#tag`, name, `name#tag` or the number of one of their messages. Throws Failure `person-unknown` or
   * `person-ambiguous`, which lists who may be meant.
   */
  find(text: string): Target {
    const byId = this.#byId(text);
    if (byId) return byId;
    const found = this.#byMessage(text) ?? this.#byName(text);
    const [first] = found;
    if (first && found.length === 1) return first;
    if (!first) {
      throw new Failure(
        'person-unknown',
        `Nobody here is “${text}”. Give a name, a #tag, an id or the number of a message.`,
      );
    }
    const listed = found.slice(0, maxListed).map(({ name, tag, id }) => `${name}${tag} (${id})`);
    const more = found.length > maxListed ? `, and ${found.length - maxListed} more` : '';
    throw new Failure(
      'person-ambiguous',
      `“${text}” may be any of these; take the id: ${listed.join(', ')}${more}.`,
      { candidates: found.map(({ id }) => id) },
    );
  }

  /** The same, for something done to them. Throws Failure `person-protected` too. */
  findFor(actor: Actor, text: string): Target {
    const target = this.find(text);
    if (target.role === 'broadcaster') {
      throw new Failure('person-protected', 'That is the broadcaster, who stands above all this.');
    }
    if (target.role === 'moderator' && actor.role !== 'broadcaster') {
      throw new Failure('person-protected', `${labelOf(target)} is a moderator: ask the broadcaster.`);
    }
    return target;
  }

  /** What they wrote under, whatever they go by now: the tripcode of the message they were named by first. */
  tripcodesOf({ id, wroteUnder }: Target): string[] {
    const written = this.#deps.room.ofPerson(id, maxLookedAt).map(({ author }) => author.tripcode?.text);
    return [wroteUnder, ...written.toReversed()].flatMap(text => text ?? []);
  }

  /** Whether the actor may end or renew this ban. Throws Failure `person-protected`. */
  assertMayLift(actor: Actor, { personId, name, ofStaff }: Ban): void {
    if (actor.role === 'broadcaster' || personId === null) return;
    if (personId === actor.personId) {
      throw new Failure('person-protected', 'Nobody lifts what holds for themselves: ask the broadcaster.');
    }
    // A ban logs them out: by what they are now it would be a viewer's.
    if (ofStaff || (this.#deps.people.find(personId)?.role ?? 'viewer') !== 'viewer') {
      throw new Failure('person-protected', `${name} is of the staff: ask the broadcaster.`);
    }
  }

  #byId(text: string): Target | undefined {
    if (!/^[0-9a-f]{16}$/i.test(text)) return undefined;
    const id = text.toLowerCase();
    const person = this.#deps.people.find(id);
    if (person) return this.#ofPerson(person);
    const author = this.#deps.room.ofPerson(id, 1)[0]?.author;
    return author && this.#ofAuthor(author);
  }

  #byMessage(text: string): Target[] | undefined {
    const [, number] = /^(?:>>)?([1-9]\d{0,14})$/.exec(text) ?? [];
    const author = number === undefined ? undefined : this.#deps.room.find(Number(number))?.author;
    return author && [{ ...this.#ofAuthor(author), wroteUnder: author.tripcode?.text }];
  }

  #byName(text: string): Target[] {
    const [, name = '', tag = ''] = /^@?(.*?)\s*(#[0-9a-z]{4})?$/su.exec(text.trim()) ?? [];
    const fits = (target: Target): boolean =>
      (tag === '' || target.tag === tag.toLowerCase()) &&
      (name === '' || folded(target.name) === folded(name));
    const found = new Map<string, Target>();
    if (name === '' && tag === '') return [];
    for (const person of Object.values(this.#deps.people.list()).flat()) {
      const target = this.#ofPerson(person);
      if (fits(target)) found.set(target.id, target);
    }
    // Also those who are gone or go by another name: what a moderator sees is the name under the message.
    for (const { author } of this.#deps.room.recent()) {
      if (fits(this.#asWritten(author))) found.set(author.personId, this.#ofAuthor(author));
    }
    return [...found.values()];
  }

  #ofPerson({ id, tag, name = this.#defaultName, role, tripcode }: Person): Target {
    return { id, tag, name, role, tripcode };
  }

  /** As they are now, or else as they wrote. */
  #ofAuthor(author: Author): Target {
    const person = this.#deps.people.find(author.personId);
    return person ? this.#ofPerson(person) : this.#asWritten(author);
  }

  #asWritten({ personId: id, tag, name = this.#defaultName, role, tripcode }: Author): Target {
    return { id, tag, name, role, tripcode };
  }
}

/** `Ada #k3f9` */
export function labelOf({ name, tag }: Pick<Target, 'name' | 'tag'>): string {
  return `${name} ${tag}`.trim();
}

function folded(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
