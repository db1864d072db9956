import { Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import type { PeopleConfig } from './config.ts';
import type { PeopleEvent, Person, Presence } from './person.ts';
import { isWorthKeeping, toRow } from './person-row.ts';
import { presenceOf } from './presence.ts';
import { type Entry, Register } from './register.ts';
import type { PersonStore } from './store.ts';

/** People in memory: what they have open, their presence, and when the store must hear of them. */
export class Crowd {
  readonly changes = new Topic<PeopleEvent>();
  readonly #store: Pick<PersonStore, 'save'>;
  readonly #now: () => number;
  readonly #presence: PeopleConfig['presence'];
  readonly #register: Register;

  constructor(
    { store, now }: { store: Pick<PersonStore, 'save'>; now: () => number },
    config: Pick<PeopleConfig, 'maxPersons' | 'presence'>,
  ) {
    this.#store = store;
    this.#now = now;
    this.#presence = config.presence;
    this.#register = new Register(config.maxPersons);
  }

  get size(): number {
    return this.#register.size;
  }

  get(id: string): Readonly<Entry> | undefined {
    return this.#register.get(id);
  }

  /** Throws Failure `person-unknown`. */
  person(id: string): Person {
    return this.#entry(id).person;
  }

  everyone(): Iterable<Readonly<Entry>> {
    return this.#register.values();
  }

  /** `hasRow`: they come from the store. Throws Failure `people-full` when all others have something open. */
  add(person: Person, hasRow: boolean): void {
    if (this.#register.isFull) this.#makeRoom();
    const entry: Entry = {
      person,
      presence: 'gone',
      views: 0,
      chats: 0,
      viewClosedAtMs: Number.NEGATIVE_INFINITY,
      hasRow,
      isUnsaved: false,
    };
    this.#register.place(entry);
  }

  /** A sign of life. */
  touch(id: string): void {
    const entry = this.#entry(id);
    entry.person = { ...entry.person, seenAtMs: this.#now() };
    entry.isUnsaved = true;
    this.#become(entry, presenceOf(entry, this.#now(), this.#presence));
    this.#register.place(entry);
  }

  /** Changes a person, publishes and stores it; durable when it returns. */
  update(id: string, change: Partial<Person>): Person {
    const entry = this.#entry(id);
    const before = entry.person;
    entry.person = { ...before, ...change };
    try {
      this.#save([entry]);
    } catch (error) {
      entry.person = before;
      throw error;
    }
    this.#register.place(entry);
    this.changes.publish({ type: 'changed', person: entry.person });
    return entry.person;
  }

  /** Counts one more open video or chat until the returned function is called. */
  open(id: string, kind: 'view' | 'chat'): () => void {
    const entry = this.#entry(id);
    const key = kind === 'view' ? 'views' : 'chats';
    entry[key] += 1;
    this.touch(id);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      entry[key] -= 1;
      if (kind === 'view' && entry.views === 0) entry.viewClosedAtMs = this.#now();
      this.touch(id);
    };
  }

  /** Lets time pass: presences change, people gone for long leave the memory. */
  sweep(): void {
    const nowMs = this.#now();
    const left: Entry[] = [];
    for (const entry of this.#register.values()) {
      const presence = presenceOf(entry, nowMs, this.#presence);
      if (presence !== entry.presence) {
        this.#become(entry, presence);
        // Only now: it makes them the last to go, and time passing is no sign of life.
        this.#register.place(entry);
      }
      if (presence !== 'gone') continue;
      if (entry.isUnsaved) left.push(entry);
      if (nowMs - entry.person.seenAtMs > this.#presence.goneForS * 1000) {
        this.#register.remove(entry.person.id);
      }
    }
    this.#save(left);
  }

  /** Tells the store everything that it has not heard. */
  flush(): void {
    this.#save([...this.#register.values()].filter(entry => entry.isUnsaved));
  }

  #makeRoom(): void {
    const entry = this.#register.nextToGo();
    if (entry === undefined) {
      throw new Failure('people-full', 'Too many people are here. Try again in a few minutes.', {
        people: this.#register.size,
      });
    }
    if (entry.isUnsaved) this.#save([entry]);
    this.#register.remove(entry.person.id);
    this.#become(entry, 'gone');
  }

  #become(entry: Entry, presence: Presence): void {
    if (entry.presence === presence) return;
    entry.presence = presence;
    this.changes.publish({ type: 'presence', person: entry.person, presence });
  }

  #save(entries: Entry[]): void {
    const kept = entries.filter(entry => entry.hasRow || isWorthKeeping(entry.person));
    if (kept.length > 0) this.#store.save(kept.map(entry => toRow(entry.person)));
    for (const entry of kept) entry.hasRow = true;
    for (const entry of entries) entry.isUnsaved = false;
  }

  #entry(id: string): Entry {
    const entry = this.#register.get(id);
    if (entry === undefined) {
      throw new Failure(
        'person-unknown',
        `No one here has the id ${id}. They may have left; load the list anew.`,
        { id },
      );
    }
    return entry;
  }
}
