import type { Person } from '../people/person.ts';
import type { ChatConfig } from './config.ts';
import { RecencyMap } from './recency-map.ts';

/** What the policy remembers of one person. Captchas solved up to `dueAtMs` are spent. */
type Debt = {
  dueAtMs: number;
  floodedAtMs: number;
  wroteAtMs: number;
  /** Messages since the captcha of `passedAtMs`. */
  messages: number;
  passedAtMs: number | undefined;
};

const maxPeople = 20_000;
const never = Number.NEGATIVE_INFINITY;

/** When a person has to solve a captcha (again) before they may write. Who solved one, people/ knows. */
export class CaptchaPolicy {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #config: ChatConfig['captcha'];
  readonly #floodWindowMs: number;
  readonly #startedAtMs: number;
  readonly #debts: RecencyMap<Debt>;

  constructor(
    deps: { now: () => number; random: () => number; maxPeople?: number },
    config: Pick<ChatConfig, 'captcha' | 'flood'>,
  ) {
    this.#now = deps.now;
    this.#random = deps.random;
    this.#config = config.captcha;
    this.#floodWindowMs = config.flood.windowS * 1000;
    this.#startedAtMs = deps.now();
    this.#debts = new RecencyMap(deps.maxPeople ?? maxPeople);
  }

  get size(): number {
    return this.#debts.size;
  }

  /**
   * `everyMessageSinceMs`: since when each message needs a captcha of its own; undefined: it does not. `beforeFirst`:
   * whether the first one does.
   */
  needed(
    person: Person,
    everyMessageSinceMs: number | undefined,
    beforeFirst = this.#config.beforeFirstMessage,
  ): boolean {
    const passedAtMs = person.captchaPassedAtMs ?? never;
    if (beforeFirst && person.captchaPassedAtMs === undefined) return true;
    const debt = this.#debts.get(person.id);
    if (debt && debt.dueAtMs > never && passedAtMs <= debt.dueAtMs) return true;
    if (everyMessageSinceMs === undefined) return false;
    // What they wrote before this process began is not known here: then too they solve one.
    const spentAtMs = Math.max(everyMessageSinceMs, debt?.wroteAtMs ?? this.#startedAtMs);
    return passedAtMs <= spentAtMs;
  }

  /** A message of theirs was accepted. */
  wrote(person: Person): void {
    const { everyMessages, probability } = this.#config;
    const nowMs = this.#now();
    const debt = this.#debtOf(person);
    const messages = debt.messages + 1;
    const due = (everyMessages > 0 && messages >= everyMessages) || this.#random() < probability;
    const dueAtMs = due ? nowMs : debt.dueAtMs;
    this.#debts.set(person.id, { ...debt, messages, dueAtMs, wroteAtMs: nowMs });
  }

  /** They ran into the flood limits: that costs a captcha, but only one for trying again too early. */
  flooded(person: Person): void {
    if (!this.#config.afterFlood) return;
    const nowMs = this.#now();
    const debt = this.#debtOf(person);
    if (nowMs - debt.floodedAtMs < this.#floodWindowMs) return;
    this.#debts.set(person.id, { ...debt, floodedAtMs: nowMs, dueAtMs: nowMs });
  }

  #debtOf(person: Person): Debt {
    const passedAtMs = person.captchaPassedAtMs;
    const debt = this.#debts.get(person.id);
    if (!debt) {
      return { dueAtMs: never, floodedAtMs: never, wroteAtMs: this.#startedAtMs, messages: 0, passedAtMs };
    }
    // A captcha solved since then starts the count anew.
    return passedAtMs === debt.passedAtMs ? debt : { ...debt, messages: 0, passedAtMs };
  }
}
