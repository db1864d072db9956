import { z } from 'zod';
import type { RoomEvent } from '../chat/events.ts';
import type { Room } from '../chat/room.ts';
import { Topic } from '../lib/topic.ts';
import type { SettingStore } from './store.ts';
import { pinnedSchema } from './undo.ts';

/** `messageNumber`: the message it was, if it was one. */
export type Pinned = Readonly<{ text: string; messageNumber?: number | undefined }>;

export type BoardState = Readonly<{
  /** About the stream, several lines; empty when there is none. */
  description: string;
  pinned: Pinned | undefined;
}>;

const saved = z.object({ description: z.string(), pinned: pinnedSchema.optional() });
const key = 'board';

/** What stands beside the stream and above the chat until it is taken away. Outlives a restart. */
export class Board {
  readonly changes = new Topic<BoardState>();
  readonly #store: SettingStore;
  readonly #room: Pick<Room, 'find'>;
  #state: BoardState;
  #isPinnedHidden: boolean;

  constructor({ store, room }: { store: SettingStore; room: Pick<Room, 'find' | 'events'> }) {
    this.#store = store;
    this.#room = room;
    const { data } = saved.safeParse(JSON.parse(store.get(key) ?? 'null'));
    this.#state = { description: data?.description ?? '', pinned: data?.pinned };
    this.#isPinnedHidden = this.#isMessageHidden();
    room.events.subscribe(event => this.#follow(event));
  }

  get state(): BoardState {
    return this.#state;
  }

  /** What of `state.pinned` everybody is shown: nothing while the message that it was is hidden. */
  get shown(): Pinned | undefined {
    return this.#isPinnedHidden ? undefined : this.#state.pinned;
  }

  /** Returns what it was. */
  describe(description: string): string {
    const before = this.#state.description;
    this.#set({ ...this.#state, description });
    return before;
  }

  /** Returns what was pinned. */
  pin(pinned: Pinned | undefined): Pinned | undefined {
    const before = this.#state.pinned;
    this.#set({ ...this.#state, pinned });
    return before;
  }

  /** Whoever hides or purges a message may not be who can unpin it, and wants it gone from there as well. */
  #follow(event: RoomEvent): void {
    const number = this.#state.pinned?.messageNumber;
    if (number === undefined || (event.type !== 'hide' && event.type !== 'unhide')) return;
    if (event.type === 'hide' && event.numbers.includes(number) && !this.#room.find(number)) {
      this.pin(undefined);
    }
    this.#isPinnedHidden = this.#isMessageHidden();
  }

  /** One that is no longer stored, since many have come after it, is not: it was to stay. */
  #isMessageHidden(): boolean {
    const number = this.#state.pinned?.messageNumber;
    return number !== undefined && this.#room.find(number)?.hidden === true;
  }

  #set(state: BoardState): void {
    this.#store.set(key, JSON.stringify(state));
    this.#state = state;
    this.#isPinnedHidden = this.#isMessageHidden();
    this.changes.publish(state);
  }
}
