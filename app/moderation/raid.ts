import { z } from 'zod';
import type { Modes, ModesState } from '../chat/modes.ts';
import type { Room } from '../chat/room.ts';
import { Topic } from '../lib/topic.ts';
import { isMember } from '../people/access.ts';
import type { People } from '../people/people.ts';
import type { ModerationConfig } from './config.ts';
import { onsetOf } from './onset.ts';
import type { SettingStore } from './store.ts';
import { someModes } from './undo.ts';

/** What was, and what the raid made of it: config.json may say something else by the time it is over. */
const raising = z.object({ before: someModes, raised: someModes });
type Raising = z.infer<typeof raising>;

const key = 'raid';

type RaidDeps = {
  store: SettingStore;
  modes: Modes;
  people: Pick<People, 'list'>;
  room: Pick<Room, 'lastNumber'>;
  now: () => number;
};

/**
 * One switch for an attack: sets a preset of modes, and puts back what was before. Who wrote before the attack began
 * goes on talking; everybody else counts as a newcomer. Outlives a restart.
 */
export class Raid {
  readonly changes = new Topic<boolean>();
  readonly #deps: RaidDeps;
  readonly #preset: ModerationConfig['raid'];
  #raising: Raising | undefined;

  constructor(deps: RaidDeps, preset: ModerationConfig['raid']) {
    this.#deps = deps;
    this.#preset = preset;
    this.#raising = raising.safeParse(JSON.parse(deps.store.get(key) ?? 'null')).data;
  }

  get isOn(): boolean {
    return this.#raising !== undefined;
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
    const { modes, people, room, now } = this.#deps;
    const before = modes.state;
    const raised = stricter(this.#preset, before);
    // First what leads back: if we die in between, `raid off` does.
    this.#keep({ before: someModes.parse(before), raised });
    const viewers = Object.values(people.list())
      .flat()
      .filter(person => person.role === 'viewer' && !isMember(person));
    const atMs = onsetOf(
      viewers.flatMap(({ wroteAtMs }) => wroteAtMs ?? []),
      now(),
    );
    modes.set({ ...raised, newcomersSince: { atMs, number: room.lastNumber } });
  }

  /** What a moderator changed meanwhile stays as they set it. */
  #end(): void {
    const { modes } = this.#deps;
    modes.set({ ...(this.#raising && unchanged(modes.state, this.#raising)), newcomersSince: null });
    this.#keep(undefined);
  }

  #keep(raising: Raising | undefined): void {
    this.#deps.store.set(key, raising && JSON.stringify(raising));
    this.#raising = raising;
  }
}

const holdBackOrder = ['off', 'newcomers', 'everyone'] as const;

/** The preset, but nowhere milder than it is. */
function stricter(preset: ModerationConfig['raid'], now: ModesState): Raising['raised'] {
  const holdBack = Math.max(holdBackOrder.indexOf(preset.holdBack), holdBackOrder.indexOf(now.holdBack));
  return {
    slowModeS: Math.max(preset.slowModeS, now.slowModeS),
    newcomersWaitMinutes: Math.max(preset.newcomersWaitMinutes, now.newcomersWaitMinutes),
    holdBack: holdBackOrder[holdBack] ?? preset.holdBack,
    captchaBeforeFirst: preset.captchaBeforeFirst || now.captchaBeforeFirst,
    captchaEveryMessage: preset.captchaEveryMessage || now.captchaEveryMessage,
    tripcodesOnly: preset.tripcodesOnly || now.tripcodesOnly,
    membersOnly: preset.membersOnly || now.membersOnly,
  };
}

/** Of `before`, what still is as the raid set it. */
function unchanged(state: ModesState, { before, raised }: Raising): Partial<ModesState> {
  const now: Readonly<Record<string, unknown>> = state;
  const still = new Set(
    Object.entries(raised).flatMap(([name, value]) => (now[name] === value ? [name] : [])),
  );
  return someModes.parse(Object.fromEntries(Object.entries(before).filter(([name]) => still.has(name))));
}
