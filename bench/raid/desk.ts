/** The broadcaster at the desk, by its forms; and those who would like to be him. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, type Door, FormVisitor } from '../../tests/kit/form-visitor.ts';
import { formWith } from './form.ts';

export class Desk implements Disposable {
  readonly #visitor: FormVisitor;

  constructor(door: Door, circuit: number) {
    this.#visitor = new FormVisitor(door, circuit);
  }

  /** Resolves with how long it took; throws when it was refused. */
  async logIn(password: string): Promise<number> {
    this.#visitor.becomeAnother();
    const { html } = await this.#visitor.get('/broadcaster');
    const form = formWith(html, 'password');
    if (!form) throw new Error('There is no form to log in with.');
    const fields = { ...form.hidden, username: 'broadcaster', password };
    const { status, ms } = await this.#visitor.post(form.action, fields);
    if (status !== 303) throw new Error(`The log-in was answered with ${status}.`);
    return ms;
  }

  /** The desk's page. Resolves with how long it took. */
  async look(): Promise<number> {
    return (await this.#page()).ms;
  }

  /** A line in the box of the desk, and the page that answers it. Resolves with how long both took. */
  async give(line: string): Promise<number> {
    const { html } = await this.#page();
    const form = formWith(html, 'line');
    if (!form) throw new Error('The desk has no line for commands.');
    const answer = await this.#visitor.post(form.action, { ...form.hidden, line });
    if (answer.status === 403) throw new Error('The desk is logged out.');
    if (answer.status !== 303 || answer.location === undefined) return answer.ms;
    return answer.ms + (await this.#visitor.get(answer.location)).ms;
  }

  async #page(): Promise<Answer> {
    const page = await this.#visitor.get('/broadcaster');
    if (page.status !== 200) throw new Error(`The desk answered with ${page.status}.`);
    return page;
  }

  [Symbol.dispose](): void {
    this.#visitor[Symbol.dispose]();
  }
}

export type GuessFigures = { guesses: number; right: number; failed: number };

/** Guesses the broadcaster's password `rate` times a second, each time as somebody else. */
export async function guess(door: Door, rate: number, signal: AbortSignal): Promise<GuessFigures> {
  const figures: GuessFigures = { guesses: 0, right: 0, failed: 0 };
  using stack = new DisposableStack();
  const visitors = Array.from({ length: rate }, (_, index) => stack.use(new FormVisitor(door, 5000 + index)));
  const guesses = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    await delay(Math.max(0, beganMs + (n * 1000) / rate - performance.now()));
    const visitor = visitors[n % rate];
    if (!visitor) continue;
    const tried: Promise<void> = once(visitor, n, figures).finally(() => guesses.delete(tried));
    guesses.add(tried);
  }
  await Promise.all(guesses);
  return figures;
}

async function once(visitor: FormVisitor, n: number, figures: GuessFigures): Promise<void> {
  figures.guesses += 1;
  visitor.becomeAnother();
  try {
    await visitor.get('/broadcaster');
    const fields = { username: 'broadcaster', password: `guess number ${n}` };
    const { status } = await visitor.post('/broadcaster/login', fields);
    if (status === 303) figures.right += 1;
  } catch {
    figures.failed += 1;
  }
}
