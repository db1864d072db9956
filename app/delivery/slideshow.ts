/**
 * One viewer's slideshow: an endless `multipart/x-mixed-replace` of JPEGs, of which an `<img>` shows the newest. Knows no
 * HTTP: whoever calls brings a Writable. A slide that a viewer has no room for is left out.
 */
import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';
import type { LiveSlides } from '../live/slides.ts';
import type { Slide } from '../segments/slide-file.ts';
import type { DeliveryConfig } from './config.ts';
import { slideshowType } from './qualities.ts';

type OpenSlideshow = { sink: Writable; lastMs: number; blockedSinceMs: number | undefined };

/** All open slideshows of the process. */
export class Slideshows {
  readonly #open = new Set<OpenSlideshow>();
  readonly #now: () => number;
  readonly #config: DeliveryConfig;
  /** Nothing that a JPEG may hold. */
  readonly #boundary = randomBytes(12).toString('hex');

  constructor(deps: { now: () => number }, config: DeliveryConfig) {
    this.#now = deps.now;
    this.#config = config;
  }

  get type(): string {
    return `${slideshowType}; boundary=${this.#boundary}`;
  }

  /** Throws Failure `stream-full` when there is no place: to be asked before anything is written. */
  assertPlace(): void {
    if (this.#open.size < this.#config.maxViews) return;
    throw new Failure('stream-full', 'All places are taken. Please try again in a minute.');
  }

  /** Shows the newest slide and then each further one, until either side ends; `onClose` is called once. */
  open(slides: LiveSlides, sink: Writable, onClose: () => void): void {
    const show: OpenSlideshow = { sink, lastMs: this.#now(), blockedSinceMs: undefined };
    this.#open.add(show);
    const unsubscribe = slides.events.subscribe(slide => this.#write(show, slide));
    sink.on('drain', () => {
      show.blockedSinceMs = undefined;
    });
    sink.on('error', () => sink.destroy());
    sink.once('close', () => {
      unsubscribe();
      this.#open.delete(show);
      onClose();
    });
    sink.write(`--${this.#boundary}\r\n`);
    if (slides.newest) this.#write(show, slides.newest);
  }

  /** To be called about once a second: ends what has no more slides, and connections that died. */
  tick(): void {
    const nowMs = this.#now();
    const { deadAfterS, gapS } = this.#config;
    for (const { sink, blockedSinceMs, lastMs } of [...this.#open]) {
      if (blockedSinceMs !== undefined && nowMs - blockedSinceMs > deadAfterS * 1000) sink.destroy();
      // Slides may be a minute apart.
      else if (nowMs - lastMs > (gapS + 60) * 1000) sink.end();
    }
  }

  closeAll(): void {
    for (const { sink } of [...this.#open]) sink.end();
  }

  #write(show: OpenSlideshow, { bytes }: Slide): void {
    if (show.blockedSinceMs !== undefined) return;
    const { sink } = show;
    show.lastMs = this.#now();
    sink.cork();
    sink.write(`Content-Type: image/jpeg\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    sink.write(bytes);
    // At once, and not before the next slide: browsers show a picture when they have read what ends it.
    const room = sink.write(`\r\n--${this.#boundary}\r\n`);
    sink.uncork();
    if (!room) show.blockedSinceMs = show.lastMs;
  }
}
