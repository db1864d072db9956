import { randomUUID } from 'node:crypto';
import { Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import type { ChatConfig } from './config.ts';
import { type Message, type Said, saidFromRow, saidToRow } from './message.ts';
import type { Room } from './room.ts';
import type { HeldStore } from './store.ts';

/** A message that waits for a moderator. */
export type HeldMessage = Readonly<{ id: number; atMs: number; said: Said }>;

/** More waiting than this can't be read by anyone; the next is refused. */
export const maxHeld = 200;

const dayMs = 86_400_000;

/** The hold-back queue. */
export class Held {
  /** How many wait, after each change. */
  readonly changes = new Topic<number>();
  readonly #store: HeldStore;
  readonly #room: Pick<Room, 'append'>;
  readonly #now: () => number;
  readonly #config: Pick<ChatConfig, 'retentionDays'>;
  readonly #waiting: Map<number, HeldMessage>;

  constructor(
    deps: { store: HeldStore; room: Pick<Room, 'append'>; now: () => number },
    config: Pick<ChatConfig, 'retentionDays'>,
  ) {
    this.#store = deps.store;
    this.#room = deps.room;
    this.#now = deps.now;
    this.#config = config;
    const rows = deps.store.all();
    this.#waiting = new Map(
      rows.map(row => [row.id, { id: row.id, atMs: row.atMs, said: saidFromRow(row) }]),
    );
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** In the order they came. */
  list(): readonly HeldMessage[] {
    return [...this.#waiting.values()];
  }

  findByNonce(personId: string, nonce: string): HeldMessage | undefined {
    return this.list().find(({ said }) => said.author.personId === personId && said.nonce === nonce);
  }

  /** Throws Failure `hold-full`. */
  add(said: Said): HeldMessage {
    if (this.#waiting.size >= maxHeld) {
      throw new Failure('hold-full', 'Too many messages wait for a moderator. Try again in a few minutes.', {
        maxHeld,
      });
    }
    // Approving twice, as after a crash in between, must not say it twice.
    const kept = { ...said, nonce: said.nonce ?? randomUUID() };
    const atMs = this.#now();
    const id = this.#store.add(saidToRow(kept, atMs));
    const held = { id, atMs, said: kept };
    this.#waiting.set(id, held);
    this.changes.publish(this.size);
    return held;
  }

  /** Says it in the room, as of now. undefined: somebody else decided already. */
  approve(id: number): Message | undefined {
    const held = this.#waiting.get(id);
    if (!held) return undefined;
    const message = this.#room.append(held.said);
    this.reject(id);
    return message;
  }

  /** Drops it. Returns whether it was still waiting. */
  reject(id: number): boolean {
    if (!this.#waiting.has(id)) return false;
    this.#store.delete(id);
    this.#waiting.delete(id);
    this.changes.publish(this.size);
    return true;
  }

  /** Drops all that a person has waiting; returns how many. */
  rejectOfPerson(personId: string): number {
    return this.#rejectAll(({ said }) => said.author.personId === personId);
  }

  /** Drops what is older than `retentionDays`. To be called now and then. */
  expire(): void {
    const { retentionDays } = this.#config;
    if (retentionDays > 0) this.#rejectAll(({ atMs }) => atMs < this.#now() - retentionDays * dayMs);
  }

  #rejectAll(isUnwanted: (held: HeldMessage) => boolean): number {
    const unwanted = this.list().filter(isUnwanted);
    for (const { id } of unwanted) this.reject(id);
    return unwanted.length;
  }
}
