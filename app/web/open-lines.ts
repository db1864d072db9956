import type { Bans } from '../people/bans.ts';
import type { People } from '../people/people.ts';
import type { Entry } from './entry.ts';

/** What people have open: videos, frames, sockets. Their presence follows it, and whoever is turned out loses it at once. */
export class OpenLines {
  readonly #people: People;
  readonly #entry: Entry;
  readonly #cutsOf = new Map<string, Set<() => void>>();

  constructor({ people, bans, entry }: { people: People; bans: Bans; entry: Entry }) {
    this.#people = people;
    this.#entry = entry;
    bans.changes.subscribe(({ type }) => {
      // A tripcode can be many people's.
      if (type === 'banned') for (const id of [...this.#cutsOf.keys()]) this.#judge(id);
    });
    people.changes.subscribe(({ type, person }) => {
      if (type === 'changed') this.#judge(person.id);
    });
  }

  /** `cut` closes the line for good. Call the returned function when it has closed, whoever closed it. */
  open(personId: string, kind: 'view' | 'chat', cut: () => void): () => void {
    const leave = this.#people.open(personId, kind);
    const cuts = this.#cutsOf.get(personId) ?? new Set();
    // A function of its own: two lines may be cut by the same.
    const own = (): void => cut();
    this.#cutsOf.set(personId, cuts.add(own));
    return () => {
      leave();
      cuts.delete(own);
      if (cuts.size === 0 && this.#cutsOf.get(personId) === cuts) this.#cutsOf.delete(personId);
    };
  }

  #judge(personId: string): void {
    const cuts = this.#cutsOf.get(personId);
    if (cuts && this.#entry(this.#people.find(personId))) for (const cut of [...cuts]) cut();
  }
}
