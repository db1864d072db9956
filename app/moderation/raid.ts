import { z } from 'zod';
import type { Modes, ModesState } from '../chat/modes.ts';
import { Topic } from '../lib/topic.ts';
import type { ModerationConfig } from './config.ts';
import type { SettingStore } from './store.ts';
import { someModes } from './undo.ts';

const saved = z.object({ before: someModes });
const key = 'raid';

/** One switch for an attack: sets a preset of modes, and puts back what was before. Outlives a restart. */
export class Raid {
  readonly changes = new Topic<boolean>();
  readonly #store: SettingStore;
  readonly #modes: Modes;
  readonly #preset: ModerationConfig['raid'];
  #before: Partial<ModesState> | undefined;

  constructor(deps: { store: SettingStore; modes: Modes }, preset: ModerationConfig['raid']) {
    this.#store = deps.store;
    this.#modes = deps.modes;
    this.#preset = preset;
    this.#before = saved.safeParse(JSON.parse(deps.store.get(key) ?? 'null')).data?.before;
  }

  get isOn(): boolean {
    return this.#before !== undefined;
  }

  /** Returns whether that changed anything. */
  switch(on: boolean): boolean {
    if (on === this.isOn) return false;
    if (on) this.#begin();
    else this.#end();
    this.changes.publish(on);
    return true;
  }

  #begin(): void {
    const before = this.#modes.state;
    // First what leads back: if we die in between, `raid off` does.
    this.#keep(before);
    this.#modes.set(stricter(this.#preset, before));
  }

  /** What a moderator changed meanwhile stays as they set it. */
  #end(): void {
    const { state } = this.#modes;
    const before = this.#before ?? {};
    const raised = stricter(this.#preset, { ...state, ...before });
    this.#modes.set(unchanged(state, raised, before));
    this.#keep(undefined);
  }

  #keep(before: ModesState | undefined): void {
    this.#store.set(key, before && JSON.stringify({ before }));
    this.#before = before;
  }
}

const holdBackOrder = ['off', 'newcomers', 'everyone'] as const;

/** The preset, but nowhere milder than it is. */
function stricter(preset: ModerationConfig['raid'], now: ModesState): Partial<ModesState> {
  const holdBack = Math.max(holdBackOrder.indexOf(preset.holdBack), holdBackOrder.indexOf(now.holdBack));
  return {
    slowModeS: Math.max(preset.slowModeS, now.slowModeS),
    newcomersWaitMinutes: Math.max(preset.newcomersWaitMinutes, now.newcomersWaitMinutes),
    holdBack: holdBackOrder[holdBack] ?? preset.holdBack,
    captchaEveryMessage: preset.captchaEveryMessage || now.captchaEveryMessage,
    tripcodesOnly: preset.tripcodesOnly || now.tripcodesOnly,
    membersOnly: preset.membersOnly || now.membersOnly,
  };
}

/** Of `before`, what still is as the raid set it. */
function unchanged(
  state: ModesState,
  raised: Partial<ModesState>,
  before: Partial<ModesState>,
): Partial<ModesState> {
  const now: Readonly<Record<string, unknown>> = state;
  const still = new Set(
    Object.entries(raised).flatMap(([name, value]) => (now[name] === value ? [name] : [])),
  );
  return someModes.parse(Object.fromEntries(Object.entries(before).filter(([name]) => still.has(name))));
}
