/** One minute, the last or one before. */
export type Minute = Readonly<{
  /** Messages that came into the chat. */
  messages: number;
  held: number;
  /** People who came, also those who came back. */
  joins: number;
  /** Refused messages by reason; the reasons are those of chat/refusal.ts. */
  refusals: Readonly<Record<string, number>>;
}>;

type Bucket = {
  second: number;
  messages: number;
  held: number;
  joins: number;
  refusals: Map<string, number>;
};

const keptS = 3600;

/** What happened in the chat, second by second, over the last hour; no more than that is kept. */
export class Counters {
  readonly #now: () => number;
  #buckets: Bucket[] = [];

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  message(): void {
    this.#bucket().messages += 1;
  }

  held(): void {
    this.#bucket().held += 1;
  }

  join(): void {
    this.#bucket().joins += 1;
  }

  refusal(reason: string): void {
    const { refusals } = this.#bucket();
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
  }

  /** The last 60 seconds. */
  lastMinute(): Minute {
    return this.#sum(this.#second() - 60, this.#second());
  }

  /** The last `count` times 60 seconds, at most 60, oldest first. */
  minutes(count: number): Minute[] {
    const last = this.#second();
    const minutes = Math.min(count, keptS / 60);
    return Array.from({ length: minutes }, (_, index) => {
      const end = last - (minutes - 1 - index) * 60;
      return this.#sum(end - 60, end);
    });
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }

  #bucket(): Bucket {
    const second = this.#second();
    const last = this.#buckets.at(-1);
    // Also when the clock was set back: then it goes on in the last one.
    if (last && last.second >= second) return last;
    const bucket = { second, messages: 0, held: 0, joins: 0, refusals: new Map<string, number>() };
    this.#buckets.push(bucket);
    if (this.#buckets.length > keptS)
      this.#buckets = this.#buckets.filter(each => each.second > second - keptS);
    if (this.#buckets.length > keptS) this.#buckets.shift();
    return bucket;
  }

  /** Of the seconds behind `after` up to `last`. */
  #sum(after: number, last: number): Minute {
    const sum = { messages: 0, held: 0, joins: 0, refusals: new Map<string, number>() };
    for (const bucket of this.#buckets) {
      if (bucket.second <= after || bucket.second > last) continue;
      sum.messages += bucket.messages;
      sum.held += bucket.held;
      sum.joins += bucket.joins;
      for (const [reason, count] of bucket.refusals) {
        sum.refusals.set(reason, (sum.refusals.get(reason) ?? 0) + count);
      }
    }
    return { ...sum, refusals: Object.fromEntries(sum.refusals) };
  }
}
