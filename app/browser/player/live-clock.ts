/**
 * What time it is on the stream's timeline, by the server: it tells the end of its newest part and how long ago that was
 * complete, and no clock of its own. Off by at most half the round trip of the question.
 */
const keptAnswers = 3;
const timeoutMs = 15_000;

type Answer = { offsetS: number; errorS: number };

export class LiveClock {
  readonly #url: string;
  #answers: Answer[] = [];
  #rewindS = 0;
  #qualities = '';
  #isAsking = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Seconds on the stream's timeline that the server could show now; undefined while nobody knows. */
  get nowS(): number | undefined {
    const best = this.#best;
    return best && best.offsetS + performance.now() / 1000;
  }

  /** Half the round trip of the quickest answer that counts. */
  get errorS(): number | undefined {
    return this.#best?.errorS;
  }

  /** Names of the qualities that there are, in one string. */
  get qualities(): string {
    return this.#qualities;
  }

  /** How far back one may go. */
  get rewindS(): number {
    return this.#rewindS;
  }

  forget(): void {
    this.#answers = [];
  }

  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const askedMs = performance.now();
    try {
      const response = await fetch(this.#url, { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) return;
      const told: unknown = await response.json();
      const nowMs = performance.now();
      const errorS = (nowMs - askedMs) / 2000;
      const edgeS = (numberIn(told, 'edgeMs') + numberIn(told, 'ageMs')) / 1000;
      this.#rewindS = numberIn(told, 'rewindS');
      this.#qualities = String(fieldIn(told, 'qualities') ?? '');
      const answer = { offsetS: edgeS + errorS - nowMs / 1000, errorS };
      this.#answers = [...this.#answers, answer].slice(-keptAnswers);
    } catch {
      // The next question may get through.
    } finally {
      this.#isAsking = false;
    }
  }

  get #best(): Answer | undefined {
    return this.#answers.toSorted((one, other) => one.errorS - other.errorS)[0];
  }
}

function fieldIn(told: unknown, name: string): unknown {
  return typeof told === 'object' && told !== null ? Reflect.get(told, name) : undefined;
}

function numberIn(told: unknown, name: string): number {
  const value = fieldIn(told, name);
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`no ${name}`);
  return value;
}
