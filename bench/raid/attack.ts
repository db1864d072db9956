/** The raid: throw-away identities that post as fast as they are told to. */
import { setTimeout as delay } from 'node:timers/promises';
import { captchaIn, rightAnswer } from '../../tests/kit/captcha.ts';
import { type Door, FormVisitor } from '../../tests/kit/form-visitor.ts';
import { outcomeOf } from './form.ts';

export type AttackFigures = { posts: number; identities: number; said: number; held: number; failed: number };

/** What they do about captchas: nothing, guess, or have them solved by somebody. */
const kinds = ['none', 'wrong', 'right'] as const;

const postsPerIdentity = 4;
/** Identities of one attacker share his circuit. */
const identitiesPerCircuit = 5;
export const attackMark = 'raid!';

class Raider implements Disposable {
  readonly #kind: (typeof kinds)[number];
  readonly #visitor: FormVisitor;
  readonly #figures: AttackFigures;
  #posts = 0;
  #captchaId: string | undefined;
  isBusy = false;

  constructor(door: Door, index: number, figures: AttackFigures) {
    this.#kind = kinds[index % kinds.length] ?? 'none';
    this.#visitor = new FormVisitor(door, 1000 + Math.floor(index / identitiesPerCircuit));
    this.#figures = figures;
  }

  async post(text: string): Promise<void> {
    this.isBusy = true;
    try {
      if (this.#posts % postsPerIdentity === 0) await this.#begin();
      this.#posts += 1;
      this.#figures.posts += 1;
      const answer = this.#kind === 'right' ? rightAnswer : 'guess';
      const captcha =
        this.#captchaId === undefined || this.#kind === 'none'
          ? {}
          : { captchaId: this.#captchaId, captchaAnswer: answer };
      const nonce = `raid-${process.hrtime.bigint()}`;
      const page = await this.#visitor.post('/chat/form', { text, nonce, ...captcha });
      const outcome = outcomeOf(page);
      if (outcome === 'said') this.#figures.said += 1;
      if (outcome === 'held') this.#figures.held += 1;
      this.#captchaId = captchaIn(page.html);
    } catch {
      this.#figures.failed += 1;
    } finally {
      this.isBusy = false;
    }
  }

  async #begin(): Promise<void> {
    this.#visitor.becomeAnother();
    this.#captchaId = undefined;
    this.#figures.identities += 1;
    await this.#visitor.get('/chat/form');
  }

  [Symbol.dispose](): void {
    this.#visitor[Symbol.dispose]();
  }
}

/** Posts `rate` times a second until the signal aborts, whether or not the last posts have been answered. */
export async function attack(
  door: Door,
  { identities, rate }: { identities: number; rate: number },
  signal: AbortSignal,
): Promise<AttackFigures> {
  const figures: AttackFigures = { posts: 0, identities: 0, said: 0, held: 0, failed: 0 };
  using stack = new DisposableStack();
  const raiders = Array.from({ length: identities }, (_, index) =>
    stack.use(new Raider(door, index, figures)),
  );
  const posts = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    await delay(Math.max(0, beganMs + (n * 1000) / rate - performance.now()));
    const raider = raiders[n % identities];
    if (!raider || raider.isBusy) continue;
    const post: Promise<void> = raider.post(`${attackMark} ${n}`).finally(() => posts.delete(post));
    posts.add(post);
  }
  await Promise.all(posts);
  return figures;
}
