import type { PeopleConfig } from './config.ts';
import type { Person } from './person.ts';

const maxCircuits = 10_000;
const maxClosings = 1000;

export type ProbationTerms = {
  /** They may not write before; undefined when they have waited enough. */
  waitUntilMs: number | undefined;
  /** They must solve a captcha, even if they have solved one before. */
  needsCaptcha: boolean;
};

type ProbationConfig = Pick<PeopleConfig['bans'], 'circuitWaitS' | 'circuitForS' | 'returnWithinS'>;

/**
 * Circuits by which someone banned came. A circuit to an onion service belongs to one Tor client, so whoever else
 * comes by it is likely the same one under a new name; so is, when the circuit was closed, whoever is new right after
 * that. But a circuit is soon replaced, so this only slows them.
 */
export class Probation {
  readonly #now: () => number;
  readonly #config: ProbationConfig;
  /** When each began, oldest first. */
  readonly #beganAtMs = new Map<string, number>();
  /** Oldest first. */
  #closedAtMs: number[] = [];

  constructor({ now }: { now: () => number }, config: ProbationConfig) {
    this.#now = now;
    this.#config = config;
  }

  /** Circuits remembered. */
  get size(): number {
    return this.#beganAtMs.size;
  }

  begin(circuit: string): void {
    this.#beganAtMs.delete(circuit);
    this.#beganAtMs.set(circuit, this.#now());
    const [oldest] = this.#beganAtMs.keys();
    if (this.#beganAtMs.size > maxCircuits && oldest !== undefined) this.#beganAtMs.delete(oldest);
  }

  /** Somebody's circuit was closed: they may be back by another one in a moment. */
  closed(): void {
    this.#closedAtMs = [...this.#closedAtMs, this.#now()].slice(-maxClosings);
  }

  /** Tor was started anew: the same numbers are now others' circuits. */
  forgetCircuits(): void {
    this.#beganAtMs.clear();
  }

  /** undefined when nothing is asked of them. */
  termsFor(
    person: Pick<Person, 'role' | 'createdAtMs' | 'captchaPassedAtMs'>,
    circuit: string,
  ): ProbationTerms | undefined {
    const beganAtMs = this.#beganAtMs.get(circuit) ?? this.#returnAfterMs(person);
    if (beganAtMs === undefined || this.#isOver(beganAtMs) || person.role !== 'viewer') return undefined;
    const waitUntilMs = Math.max(beganAtMs, person.createdAtMs) + this.#config.circuitWaitS * 1000;
    const mustWait = waitUntilMs > this.#now();
    const needsCaptcha = (person.captchaPassedAtMs ?? Number.NEGATIVE_INFINITY) <= beganAtMs;
    if (!mustWait && !needsCaptcha) return undefined;
    return { waitUntilMs: mustWait ? waitUntilMs : undefined, needsCaptcha };
  }

  sweep(): void {
    while (this.#closedAtMs[0] !== undefined && this.#isOver(this.#closedAtMs[0])) this.#closedAtMs.shift();
    for (const [circuit, beganAtMs] of this.#beganAtMs) {
      if (!this.#isOver(beganAtMs)) return;
      this.#beganAtMs.delete(circuit);
    }
  }

  /** The closing that they were new right after. */
  #returnAfterMs({ createdAtMs }: Pick<Person, 'createdAtMs'>): number | undefined {
    const withinMs = this.#config.returnWithinS * 1000;
    return this.#closedAtMs.findLast(atMs => createdAtMs >= atMs && createdAtMs - atMs < withinMs);
  }

  #isOver(beganAtMs: number): boolean {
    return this.#now() - beganAtMs >= this.#config.circuitForS * 1000;
  }
}
