import { Topic } from '../lib/topic.ts';

/** Who has a video response open. A person with three tabs is one viewer. */
export class Audience {
  /** The new number of viewers. */
  readonly changes = new Topic<number>();
  readonly #viewsOf = new Map<string, number>();

  get size(): number {
    return this.#viewsOf.size;
  }

  /** Counts one more view of `person` until the returned function is called. */
  enter(person: string): () => void {
    this.#set(person, +1);
    let left = false;
    return () => {
      if (!left) this.#set(person, -1);
      left = true;
    };
  }

  #set(person: string, change: 1 | -1): void {
    const before = this.size;
    const views = (this.#viewsOf.get(person) ?? 0) + change;
    if (views > 0) this.#viewsOf.set(person, views);
    else this.#viewsOf.delete(person);
    if (this.size !== before) this.changes.publish(this.size);
  }
}
