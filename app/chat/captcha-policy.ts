import type { Person } from '../people/person.ts';
import type { ChatConfig } from './config.ts';
import { RecencyMap } from './recency-map.ts';

/** What the policy remembers of one person: `due` means that a captcha solved before then is spent. */
type Debt = { dueAtMs: number; wroteAtMs: number; messages: number; passedAtMs: number | undefined };

const maxPeople = 20_000;

/** When a person has to solve a captcha (again) before they may write. Who solved one, people/ knows. */
export class CaptchaPolicy {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #config: ChatConfig['captcha'];
  readonly #startedAtMs: number;
  readonly #debts: RecencyMap<Debt>;

  constructor(
    deps: { now: () => number; random: () => number; maxPeople?: number },
    config: ChatConfig['captcha'],
  ) {
    this.#now = deps.now;
    this.#random = deps.random;
    this.#config = config;
    this.#startedAtMs = deps.now();
    this.#debts = new RecencyMap(deps.maxPeople ?? maxPeople);
  }

  get size(): number {
    return this.#debts.size;
  }

  /** `everyMessageSinceMs`: since when each message needs a captcha of its own; undefined: it does not. */
  needed(person: Person, everyMessageSinceMs: number | undefined): boolean {
    const passedAtMs = person.captchaPassedAtMs ?? Number.NEGATIVE_INFINITY;
    if (this.#config.beforeFirstMessage && person.captchaPassedAtMs === undefined) return true;
    const debt = this.#debts.get(person.id);
    if (debt && passedAtMs <= debt.dueAtMs) return true;
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

  /** They ran into the flood limits. Returns whether that costs a captcha. */
  flooded(person: Person): boolean {
    if (!this.#config.afterFlood) return false;
    this.#debts.set(person.id, { ...this.#debtOf(person), dueAtMs: this.#now() });
    return true;
  }

  #debtOf(person: Person): Debt {
    const passedAtMs = person.captchaPassedAtMs;
    const debt = this.#debts.get(person.id);
    const never = Number.NEGATIVE_INFINITY;
    if (!debt) return { dueAtMs: never, wroteAtMs: never, messages: 0, passedAtMs };
    // A captcha solved since then starts the count anew.
    return passedAtMs === debt.passedAtMs ? debt : { ...debt, messages: 0, passedAtMs };
  }
}
