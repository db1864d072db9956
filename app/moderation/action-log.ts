import type { Actor } from './staff.ts';
import type { ActionRow, ActionStore } from './store.ts';
import { type Undo, undoSchema } from './undo.ts';

/** Something that was done. */
export type Action = Readonly<{
  id: number;
  atMs: number;
  /** `broadcaster`, a moderator's name, or `filters`. */
  by: string;
  /** The name of the command. */
  action: string;
  /** What or whom, in words for people. */
  target: string;
  /** It can be undone and has not been. */
  canUndo: boolean;
  /** The id of the action that undid this one. */
  undoneBy: number | undefined;
  /** The id of the action that this one undid. */
  undoes: number | undefined;
}>;

export type Deed = {
  actor: Pick<Actor, 'name'>;
  action: string;
  target: string;
  undo?: Undo | undefined;
  undoes?: number | undefined;
};

const maxTargetLength = 300;

/** The moderation log: who did what to whom, and what it takes to undo it. */
export class ActionLog {
  readonly #store: ActionStore;
  readonly #now: () => number;

  constructor({ store, now }: { store: ActionStore; now: () => number }) {
    this.#store = store;
    this.#now = now;
  }

  /** To be called in the same breath as the deed itself, without waiting in between. */
  record({ actor, action, target, undo, undoes }: Deed): { id: number; canUndo: boolean } {
    const id = this.#store.append({
      atMs: this.#now(),
      by: actor.name,
      action,
      target: target.slice(0, maxTargetLength),
      undo: undo === undefined ? null : JSON.stringify(undo),
      undoes: undoes ?? null,
    });
    return { id, canUndo: undo !== undefined };
  }

  /** The newest `limit` before the action `beforeId`, newest first. */
  recent(limit: number, beforeId?: number): Action[] {
    return this.#store.recent(limit, beforeId).map(row => this.#action(row));
  }

  find(id: number): Action | undefined {
    const row = this.#store.find(id);
    return row && this.#action(row);
  }

  /** What it takes to undo the action, whether or not that was done; undefined when nothing does. */
  undoOf(id: number): Undo | undefined {
    const json = this.#store.find(id)?.undo;
    return json ? undoSchema.safeParse(JSON.parse(json)).data : undefined;
  }

  #action({ id, atMs, by, action, target, undo, undoes }: ActionRow): Action {
    const undoneBy = this.#store.undoing(id)?.id;
    const canUndo = undo !== null && undoneBy === undefined;
    return { id, atMs, by, action, target, canUndo, undoneBy, undoes: undoes ?? undefined };
  }
}
