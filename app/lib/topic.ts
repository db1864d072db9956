/**
 * One publisher, many subscribers, in order of subscription. Keeps nothing: who comes late asks the owner of
 * the facts for a snapshot. A subscriber that throws is a bug, so the error surfaces at the publisher.
 */
export class Topic<T> {
  readonly #subscribers = new Set<(event: T) => void>();

  /** Calls `subscriber` with every event from now on, until the returned function is called. */
  subscribe(subscriber: (event: T) => void): () => void {
    // A wrapper of its own, so that one function subscribed twice is two subscriptions.
    const entry = (event: T): void => subscriber(event);
    this.#subscribers.add(entry);
    return () => {
      this.#subscribers.delete(entry);
    };
  }

  publish(event: T): void {
    for (const subscriber of [...this.#subscribers]) subscriber(event);
  }

  get size(): number {
    return this.#subscribers.size;
  }
}
