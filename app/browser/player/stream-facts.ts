/** Keeps current what a player knows of the stream: its time, how far back one may go, and which qualities there are. */
import type { LiveClock } from './live-clock.ts';
import { type Rendition, renditionsIn } from './rendition.ts';

// Asked for seldom: over Tor each question is a round trip.
const everyMs = 20_000;
const oftenMs = 5000;
// What one may go back by grows at first.
const youngS = 60;
// What a quality costs follows the picture.
const qualitiesEveryMs = 60_000;

type StreamFactsOptions = {
  clock: LiveClock;
  qualitiesUrl: string;
  offer(renditions: readonly Rendition[]): void;
};

export class StreamFacts {
  readonly #options: StreamFactsOptions;
  #askedMs = Number.NEGATIVE_INFINITY;
  #known = '';
  #learntMs = Number.NEGATIVE_INFINITY;

  constructor(options: StreamFactsOptions) {
    this.#options = options;
  }

  /** To be called twice a second; `often` while somebody looks at the figures. */
  keepCurrent(often: boolean): void {
    const { clock } = this.#options;
    const nowMs = performance.now();
    const isYoung = clock.rewindS > 0 && clock.rewindS < youngS;
    if (nowMs - this.#askedMs < (often || isYoung ? oftenMs : everyMs)) return;
    this.#askedMs = nowMs;
    void clock.ask().then(() => this.#learn());
  }

  async #learn(): Promise<void> {
    const { clock, qualitiesUrl, offer } = this.#options;
    const nowMs = performance.now();
    const isOld = clock.qualities.includes(',') && nowMs - this.#learntMs > qualitiesEveryMs;
    if (clock.qualities === '' || (clock.qualities === this.#known && !isOld)) return;
    this.#learntMs = nowMs;
    this.#known = clock.qualities;
    const response = await fetch(qualitiesUrl, { cache: 'no-store' }).catch(() => undefined);
    if (response?.ok) offer(renditionsIn(await response.text()));
    else this.#known = '';
  }
}
