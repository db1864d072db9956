/**
 * Who is here: every visitor as a Person, what they call themselves and whether they are watching, chatting or
 * gone. Owns no cookies (web), no messages (chat), no count of viewers (audience) and no captchas (captcha).
 */
import { Failure } from '../lib/failure.ts';
import type { Topic } from '../lib/topic.ts';
import { colourOf, parseColour, readableColour } from './colour.ts';
import type { PeopleConfig } from './config.ts';
import { Crowd } from './crowd.ts';
import { personId } from './identity.ts';
import { parseName } from './name.ts';
import type { PeopleEvent, Person, Presence, Role } from './person.ts';
import { fromRow, newPerson } from './person-row.ts';
import { StaffNames } from './staff-names.ts';
import type { PersonRow, PersonStore } from './store.ts';
import type { TripcodeKind, Tripcodes } from './tripcode.ts';

const dayMs = 86_400_000;
const pruneEveryMs = dayMs / 24;

export type PeopleDependencies = {
  /** Subkey `person` of the site's secret. */
  key: Uint8Array;
  store: PersonStore;
  tripcodes: Pick<Tripcodes, 'make'>;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Each list in order of arrival. */
export type PeopleByPresence = Record<Presence, Person[]>;

/** Every method that takes an id throws Failure `person-unknown` for one that neither memory nor store knows. */
export class People {
  readonly changes: Topic<PeopleEvent>;
  readonly #key: Uint8Array;
  readonly #store: PersonStore;
  readonly #tripcodes: Pick<Tripcodes, 'make'>;
  readonly #now: () => number;
  readonly #config: PeopleConfig;
  readonly #crowd: Crowd;
  readonly #staffNames: StaffNames;
  #membersTripcodes: ReadonlySet<string> = new Set();
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ key, store, tripcodes, now }: PeopleDependencies, config: PeopleConfig) {
    this.#key = key;
    this.#store = store;
    this.#tripcodes = tripcodes;
    this.#now = now;
    this.#config = config;
    this.#crowd = new Crowd({ store, now }, config);
    this.changes = this.#crowd.changes;
    this.#staffNames = new StaffNames(config.reservedNames);
    for (const row of store.staff()) this.#staffNames.learn(this.#fromRow(row));
  }

  /** People in memory. */
  get size(): number {
    return this.#crowd.size;
  }

  /**
   * The holder of a session token, known or new, with the role their login gives them now. Throws Failure
   * `people-full` when no one in memory can be let go.
   */
  arrive(token: string, role: Role = 'viewer'): Person {
    const id = personId(this.#key, token);
    if (!this.#load(id)) this.#crowd.add(newPerson(id, this.#now(), this.#config.background), false);
    this.#crowd.touch(id);
    return this.setRole(id, role);
  }

  find(id: string): Person | undefined {
    const row = this.#crowd.get(id) === undefined ? this.#store.find(id) : undefined;
    return row === undefined ? this.#crowd.get(id)?.person : this.#fromRow(row);
  }

  presence(id: string): Presence {
    return this.#crowd.get(id)?.presence ?? 'gone';
  }

  list(): PeopleByPresence {
    const lists: PeopleByPresence = { watching: [], chatting: [], gone: [] };
    for (const { person, presence } of this.#crowd.everyone()) lists[presence].push(person);
    return lists;
  }

  /** They did something. */
  touch(id: string): void {
    this.#load(id);
    this.#crowd.touch(id);
  }

  /** One more open video (`view`) or chat frame or socket (`chat`), until the returned function is called. */
  open(id: string, kind: 'view' | 'chat'): () => void {
    this.#load(id);
    return this.#crowd.open(id, kind);
  }

  /** The name that `rename` would give them. Throws Failure `name-…`. */
  nameFrom(id: string, text: string): string | undefined {
    const reservedNames = this.#staffNames.closedTo(this.#known(id));
    return parseName(text, { ...this.#config, reservedNames });
  }

  /** Throws Failure `name-…`; empty text gives the default name back. */
  rename(id: string, text: string): Person {
    const name = this.nameFrom(id, text);
    return this.#withNameClosed(this.#crowd.update(id, { name }));
  }

  /** Takes the nearest readable colour; empty text gives the generated one back. Throws `colour-invalid`. */
  recolour(id: string, text: string): Person {
    this.#known(id);
    const { background } = this.#config;
    const own = text.trim() === '' ? undefined : readableColour(parseColour(text), background);
    return this.#crowd.update(id, { colour: own ?? colourOf(id, background), ownColour: own !== undefined });
  }

  /** Throws Failure `tripcode-…` or `busy`. */
  async setTripcode(id: string, password: string, kind: TripcodeKind = 'secure'): Promise<Person> {
    this.#known(id);
    const tripcode = await this.#tripcodes.make(password, kind);
    this.#known(id);
    return this.#crowd.update(id, {
      tripcode,
      hasMembersTripcode: this.#membersTripcodes.has(tripcode.text),
    });
  }

  /** The same for a tripcode that makes a member; any other changes nothing, with Failure `tripcode-unlisted`. */
  async setMembersTripcode(id: string, password: string, kind: TripcodeKind): Promise<Person> {
    this.#known(id);
    const tripcode = await this.#tripcodes.make(password, kind);
    if (!this.#membersTripcodes.has(tripcode.text)) {
      throw new Failure(
        'tripcode-unlisted',
        'No member has the tripcode of this password. Look at what you typed, or ask for an invitation.',
      );
    }
    this.#known(id);
    return this.#crowd.update(id, { tripcode, hasMembersTripcode: true });
  }

  clearTripcode(id: string): Person {
    this.#known(id);
    return this.#crowd.update(id, { tripcode: undefined, hasMembersTripcode: false });
  }

  setRole(id: string, role: Role): Person {
    const known = this.#known(id);
    return known.role === role ? known : this.#withNameClosed(this.#crowd.update(id, { role }));
  }

  /** Whether they are a member by themselves. */
  setMember(id: string, isMember: boolean): Person {
    const { memberSinceMs } = this.#known(id);
    return this.#crowd.update(id, { memberSinceMs: isMember ? (memberSinceMs ?? this.#now()) : undefined });
  }

  /** From now on these tripcodes, and no others, make a member of whoever has one. */
  setMembersTripcodes(tripcodes: Iterable<string>): void {
    this.#membersTripcodes = new Set(tripcodes);
    for (const { person } of [...this.#crowd.everyone()]) {
      const hasMembersTripcode =
        person.tripcode !== undefined && this.#membersTripcodes.has(person.tripcode.text);
      if (hasMembersTripcode !== person.hasMembersTripcode)
        this.#crowd.update(person.id, { hasMembersTripcode });
    }
  }

  passedCaptcha(id: string): Person {
    this.#known(id);
    return this.#crowd.update(id, { captchaPassedAtMs: this.#now() });
  }

  wrote(id: string): Person {
    const isFirst = this.#known(id).wroteAtMs === undefined;
    this.#crowd.touch(id);
    return isFirst ? this.#crowd.update(id, { wroteAtMs: this.#now() }) : this.#crowd.person(id);
  }

  /** Lets time pass; call it about once a second. */
  sweep(): void {
    this.#crowd.sweep();
    const nowMs = this.#now();
    if (nowMs - this.#prunedAtMs < pruneEveryMs) return;
    this.#prunedAtMs = nowMs;
    const { days, maxPersons } = this.#config.kept;
    this.#store.prune({ seenBeforeMs: nowMs - days * dayMs, maxRows: maxPersons });
  }

  /** Tells the store the rest. */
  close(): void {
    this.#crowd.flush();
  }

  #fromRow(row: PersonRow): Person {
    return fromRow(row, { background: this.#config.background, membersTripcodes: this.#membersTripcodes });
  }

  #known(id: string): Person {
    this.#load(id);
    return this.#crowd.person(id);
  }

  /** Whether they are in memory, now at the latest. */
  #load(id: string): boolean {
    if (this.#crowd.get(id) !== undefined) return true;
    const row = this.#store.find(id);
    if (row === undefined) return false;
    const person = this.#fromRow(row);
    this.#crowd.add(this.#staffNames.isImitatedBy(person) ? { ...person, name: undefined } : person, true);
    return true;
  }

  /** Keeps the name of broadcaster and moderators for them, also from viewers who have had it until now. */
  #withNameClosed(changed: Person): Person {
    this.#staffNames.learn(changed);
    if (changed.role === 'viewer' || changed.name === undefined) return changed;
    for (const { person } of this.#crowd.everyone()) {
      if (this.#staffNames.isImitatedBy(person)) this.#crowd.update(person.id, { name: undefined });
    }
    return changed;
  }
}
