import { RecencyMap } from '../chat/recency-map.ts';

const maxPeople = 20_000;
const maxPerPerson = 4;

/** The Tor circuits by which each person came last, as far as they are known: a ban is about them, too. */
export class Circuits {
  #ofPerson = new RecencyMap<readonly string[]>(maxPeople);

  /** To be told with any request of theirs. */
  note(personId: string, circuit: string | undefined): void {
    const known = this.of(personId);
    if (circuit === undefined || known[0] === circuit) return;
    const others = known.filter(each => each !== circuit);
    this.#ofPerson.set(personId, [circuit, ...others].slice(0, maxPerPerson));
  }

  /** The last one first. */
  of(personId: string): readonly string[] {
    return this.#ofPerson.get(personId) ?? [];
  }

  /** Tor was started anew: the same numbers are now others' circuits. */
  clear(): void {
    this.#ofPerson = new RecencyMap(maxPeople);
  }
}
