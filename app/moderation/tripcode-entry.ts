import { codeOf, Failure } from '../lib/failure.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { People } from '../people/people.ts';
import type { TripcodeKind } from '../people/tripcode.ts';
import { LoginThrottle } from './login-throttle.ts';

type TripcodeEntryDeps = {
  people: Pick<People, 'setMembersTripcode' | 'passedCaptcha'>;
  captchas: Pick<CaptchaPool, 'solve'>;
  now: () => number;
};

type Given = {
  personId: string;
  circuit: string | undefined;
  password: string;
  kind: TripcodeKind;
  captcha: { id: string; answer: string };
};

const freeTries = 20;
const triesWindowMs = 3_600_000;

/**
 * The way in for members whose browser has forgotten them: the password of their tripcode. Owns how many wrong ones
 * came lately. Sessions cost nothing, so that waiting by session alone would let strangers guess without end; waiting
 * by all of them together would let strangers keep friends out. Instead each further try costs a captcha.
 */
export class TripcodeEntry {
  readonly #deps: TripcodeEntryDeps;
  readonly #throttle: LoginThrottle;
  #triesAtMs: readonly number[] = [];

  constructor(deps: TripcodeEntryDeps) {
    this.#deps = deps;
    this.#throttle = new LoginThrottle(deps);
  }

  /** Whether the next try costs a captcha, whoever makes it. */
  get needsCaptcha(): boolean {
    const sinceMs = this.#deps.now() - triesWindowMs;
    return this.#triesAtMs.filter(atMs => atMs > sinceMs).length >= freeTries;
  }

  /**
   * Gives them the tripcode if it is a member's. Throws Failure `tripcode-unlisted`, `tripcode-…`, `login-wait`,
   * `captcha-…` or `busy`.
   */
  async enter({ personId, circuit, password, kind, captcha }: Given): Promise<void> {
    const { people, now } = this.#deps;
    const sources = [`person ${personId}`, ...(circuit === undefined ? [] : [`circuit ${circuit}`])];
    this.#throttle.assertMayTry(sources);
    const solved = this.needsCaptcha;
    if (solved) this.#solve(captcha);
    // Tries that run side by side count from their beginning.
    const atMs = now();
    this.#throttle.begin(sources);
    this.#triesAtMs = [...this.#triesAtMs, atMs].slice(-freeTries);
    try {
      await people.setMembersTripcode(personId, password, kind);
    } catch (error) {
      if (codeOf(error) !== 'tripcode-unlisted') this.#forgive(sources, atMs, false);
      throw error;
    }
    this.#forgive(sources, atMs, true);
    if (solved) people.passedCaptcha(personId);
  }

  #solve({ id, answer }: Given['captcha']): void {
    if (id === '') {
      throw new Failure(
        'captcha-needed',
        'Many wrong passwords came in lately. Type yours again, and the letters of the picture.',
      );
    }
    if (this.#deps.captchas.solve(id, answer) === 'solved') return;
    throw new Failure(
      'captcha-wrong',
      'That was not what the picture shows, or it has expired. Type your password again, and these letters.',
    );
  }

  #forgive(sources: readonly string[], atMs: number, all: boolean): void {
    this.#throttle.forgive(sources, all);
    const at = this.#triesAtMs.indexOf(atMs);
    this.#triesAtMs = this.#triesAtMs.filter((_, index) => index !== at);
  }
}
