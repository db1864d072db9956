import { RecencyMap } from '../chat/recency-map.ts';

const maxPeople = 20_000;

/** The Tor circuit by which each person came last, as far as it is known: a ban puts it on probation. */
export class Circuits {
  readonly #ofPerson = new RecencyMap<string>(maxPeople);

  /** To be told with any request of theirs. */
  note(personId: string, circuit: string | undefined): void {
    if (circuit !== undefined && this.#ofPerson.get(personId) !== circuit)
      this.#ofPerson.set(personId, circuit);
  }

  of(personId: string): string | undefined {
    return this.#ofPerson.get(personId);
  }
}
