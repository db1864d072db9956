import { z } from 'zod';
import type { Log } from '../lib/log.ts';
import { Topic } from '../lib/topic.ts';
import type { ChatConfig } from './config.ts';
import type { SettingStore } from './store.ts';

const modesState = z.strictObject({
  /** Seconds between two messages of one person; 0 is off. */
  slowModeS: z.number().min(0).max(3600),
  captchaEveryMessage: z.boolean(),
  /** Nobody writes before they solved one. */
  captchaBeforeFirst: z.boolean(),
  tripcodesOnly: z.boolean(),
  membersOnly: z.boolean(),
  closed: z.boolean(),
  /** People seen first less than this ago can't write yet; 0 is off. */
  newcomersWaitMinutes: z.number().min(0).max(1440),
  /** Whose messages wait for a moderator; newcomers: see newcomer.ts. */
  holdBack: z.enum(['off', 'newcomers', 'everyone']),
  /**
   * An attack, since when, and the number of the last message when it was seen. Who wrote before is known; nobody
   * else is until a message of theirs with a higher number is shown.
   */
  newcomersSince: z
    .object({ atMs: z.number(), number: z.int().min(0) })
    .readonly()
    .nullable(),
});

export type ModesState = Readonly<z.infer<typeof modesState>>;

const savedModes = z.strictObject({
  changes: modesState.partial(),
  captchaSinceMs: z.number().optional(),
});

const key = 'chat-modes';

/** How strict the room is at the moment. What moderators set outlives a restart; the rest follows the config. */
export class Modes {
  /** The state after each change. */
  readonly changes = new Topic<ModesState>();
  readonly #store: SettingStore;
  readonly #now: () => number;
  readonly #initial: ModesState;
  #state: ModesState;
  #captchaSinceMs: number | undefined;

  constructor(
    deps: { store: SettingStore; now: () => number; log: Log },
    config: Pick<ChatConfig, 'slowModeS' | 'captcha'>,
  ) {
    this.#store = deps.store;
    this.#now = deps.now;
    this.#initial = {
      slowModeS: config.slowModeS,
      captchaEveryMessage: false,
      captchaBeforeFirst: config.captcha.beforeFirstMessage,
      tripcodesOnly: false,
      membersOnly: false,
      closed: false,
      newcomersWaitMinutes: 0,
      holdBack: 'off',
      newcomersSince: null,
    };
    const saved = readSaved(deps.store.get(key), deps.log);
    this.#state = modesState.parse({ ...this.#initial, ...saved?.changes });
    this.#captchaSinceMs = saved?.captchaSinceMs;
  }

  get state(): ModesState {
    return this.#state;
  }

  /** Since when every message needs a captcha; undefined: it does not. */
  get captchaEveryMessageSinceMs(): number | undefined {
    return this.#state.captchaEveryMessage ? (this.#captchaSinceMs ?? 0) : undefined;
  }

  /** Sets some modes; throws ZodError for values out of range. Returns how it was: `set` of that undoes it. */
  set(change: Partial<ModesState>): ModesState {
    const before = this.#state;
    const after = modesState.parse({ ...before, ...change });
    if (JSON.stringify(after) === JSON.stringify(before)) return before;
    if (!before.captchaEveryMessage && after.captchaEveryMessage) this.#captchaSinceMs = this.#now();
    this.#store.set(key, this.#toSave(after));
    this.#state = after;
    this.changes.publish(after);
    return before;
  }

  #toSave(state: ModesState): string {
    const initial: Record<string, unknown> = this.#initial;
    const changes = Object.entries(state).filter(([name, value]) => value !== initial[name]);
    return JSON.stringify({ changes: Object.fromEntries(changes), captchaSinceMs: this.#captchaSinceMs });
  }
}

function readSaved(json: string | undefined, log: Log): z.infer<typeof savedModes> | undefined {
  if (json === undefined) return undefined;
  const saved = savedModes.safeParse(parsed(json));
  if (!saved.success)
    log.warn('The saved chat modes are of another version: they begin anew from config.json.');
  return saved.data;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
