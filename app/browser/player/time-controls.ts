/**
 * Where on the stream one is, and the ways to go elsewhere: a bar over the time that is kept, back to its start, ten
 * seconds back, and to the live edge. Shows nothing but the last where nothing is kept.
 */
import { button, element } from '../dom.ts';
import { clockOf, wordsOf } from './duration-words.ts';

export type Place = {
  /** Seconds behind live, and how far back one may go. */
  behindS: number;
  rewindS: number;
  isLive: boolean;
};

type TimeControlsOptions = {
  /** Where one is at this moment. */
  place(): Place;
  goLive(): void;
  goBack(behindS: number): void;
  toStart(): void;
};

export const stepS = 10;
// Less than this is not worth a bar.
const leastRewindS = 15;

export class TimeControls {
  readonly live: HTMLButtonElement;
  readonly start: HTMLButtonElement;
  readonly back: HTMLButtonElement;
  readonly bar: HTMLDivElement;
  readonly #range: HTMLInputElement;
  readonly #bubble = element('output', { class: 'time-bubble', 'aria-hidden': 'true' });
  readonly #options: TimeControlsOptions;
  #place: Place = { behindS: 0, rewindS: 0, isLive: false };
  /** The bar is being dragged. */
  #isHeld = false;

  constructor(options: TimeControlsOptions) {
    this.#options = options;
    this.live = button('live-badge', 'Live', () => options.goLive());
    this.start = button('player-button to-start', '', () => this.toStart());
    this.back = button('player-button', `−${stepS}`, () => this.step(-stepS));
    this.back.setAttribute('aria-label', `${stepS} seconds back`);
    this.#range = element('input', { type: 'range', max: '0', step: '1', 'aria-label': 'Time behind live' });
    this.#range.addEventListener('input', () => {
      this.#isHeld = true;
      this.#label(-this.#range.valueAsNumber);
    });
    this.#range.addEventListener('change', () => {
      this.#isHeld = false;
      this.#go(-this.#range.valueAsNumber);
    });
    // Let go where it was taken it has not changed, and nothing more is told of it.
    for (const end of ['pointerup', 'pointercancel']) {
      addEventListener(end, () => {
        this.#isHeld = false;
      });
    }
    this.bar = element('div', { class: 'time-bar', hidden: '' }, this.#range, this.#bubble);
    this.show();
  }

  toStart(): void {
    if (this.#place.rewindS >= leastRewindS) this.#options.toStart();
  }

  /** Seconds forth, or back where they are negative. */
  step(seconds: number): void {
    const { behindS, rewindS } = this.#options.place();
    if (rewindS >= leastRewindS || seconds > 0) this.#go(Math.min(behindS - seconds, rewindS));
  }

  /** To be called twice a second, and when something has been done. */
  show(): void {
    this.#place = this.#options.place();
    const { behindS, rewindS, isLive } = this.#place;
    const canRewind = rewindS >= leastRewindS;
    for (const each of [this.bar, this.start, this.back]) each.hidden = !canRewind;
    this.live.dataset.edge = isLive ? 'yes' : 'no';
    const text = isLive ? 'Live' : behindS >= 2 ? `−${clockOf(behindS)} · Go live` : 'Go live';
    if (this.live.textContent !== text) this.live.textContent = text;
    const label = isLive ? 'You are watching live' : `Go live: you are ${wordsOf(behindS)} behind`;
    this.live.setAttribute('aria-label', label);
    this.live.title = isLive ? 'This is live' : 'Go to the live edge (L)';
    this.start.title = `To the start of what is kept: ${wordsOf(rewindS)} ago (Home)`;
    this.start.setAttribute('aria-label', `Back to the start: ${wordsOf(rewindS)} ago`);
    this.back.title = `${stepS} seconds back (←)`;
    if (this.#isHeld) return;
    this.#range.min = String(-Math.ceil(rewindS));
    this.#range.value = String(isLive ? 0 : -Math.round(behindS));
    this.#label(isLive ? 0 : behindS);
  }

  #go(behindS: number): void {
    // The last second of the bar is the live edge.
    if (behindS < 1.5) this.#options.goLive();
    else this.#options.goBack(behindS);
  }

  #label(behindS: number): void {
    const share = this.#place.rewindS > 0 ? Math.min(1, behindS / this.#place.rewindS) : 0;
    this.#range.setAttribute('aria-valuetext', behindS < 1.5 ? 'live' : `${wordsOf(behindS)} behind live`);
    this.#bubble.textContent = behindS < 1.5 ? 'live' : `−${clockOf(behindS)}`;
    this.bar.style.setProperty('--behind', String(share));
    this.bar.dataset.held = this.#isHeld ? 'yes' : 'no';
  }
}
