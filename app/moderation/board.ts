import { z } from 'zod';
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
  #state: BoardState;

  constructor({ store }: { store: SettingStore }) {
    this.#store = store;
    const { data } = saved.safeParse(JSON.parse(store.get(key) ?? 'null'));
    this.#state = { description: data?.description ?? '', pinned: data?.pinned };
  }

  get state(): BoardState {
    return this.#state;
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

  #set(state: BoardState): void {
    this.#store.set(key, JSON.stringify(state));
    this.#state = state;
    this.changes.publish(state);
  }
}
