import { Topic } from '../lib/topic.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';

/** Tells who comes, be it for the first time or after they were gone. */
export class Arrivals {
  readonly joined = new Topic<Person>();
  readonly #present = new Set<string>();
  readonly #people: Pick<People, 'presence'>;

  constructor({ people }: { people: Pick<People, 'changes' | 'presence'> }) {
    this.#people = people;
    people.changes.subscribe(event => {
      if (event.type !== 'presence') return;
      if (event.presence === 'gone') this.#present.delete(event.person.id);
      else if (!this.#present.has(event.person.id)) {
        this.#present.add(event.person.id);
        this.joined.publish(event.person);
      }
    });
  }

  /** Forgets those whom people/ has forgotten without a word. */
  sweep(): void {
    for (const id of this.#present) if (this.#people.presence(id) === 'gone') this.#present.delete(id);
  }
}
