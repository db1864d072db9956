import { element } from '../dom.ts';

// Who must wait longer reads how long in the sentence; a clock would say no more.
const longestMs = 3_600_000;

/** Sends; after "too soon" it counts down to when it will again. */
export class SendButton {
  readonly element = element('button', { class: 'button send', accesskey: 's' }, 'Send');
  readonly #onReady: () => void;
  #untilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  wait(ms: number): void {
    if (ms > longestMs) return;
    this.#untilMs = performance.now() + ms;
    clearTimeout(this.#timer);
    this.#tick();
  }

  #tick(): void {
    const leftMs = this.#untilMs - performance.now();
    const seconds = Math.ceil(leftMs / 1000);
    this.element.disabled = seconds > 0;
    if (seconds > 0) {
      this.element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      this.#timer = setTimeout(() => this.#tick(), leftMs - (seconds - 1) * 1000);
      return;
    }
    this.#timer = undefined;
    this.element.textContent = 'Send';
    this.#onReady();
  }
}
