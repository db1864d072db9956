import { Topic } from '../lib/topic.ts';
import type { Slide } from '../segments/slide-file.ts';

/** Slides that may stay away before they count as over. */
const lateMs = 30_000;

/** A rendition of single pictures: the newest one, and word of each new one. */
export class LiveSlides {
  readonly name: string;
  readonly events = new Topic<Slide>();
  #newest: Slide | undefined;
  /** Between the last two; 0 before there are two. */
  #everyMs = 0;

  constructor(name: string) {
    this.name = name;
  }

  get newest(): Slide | undefined {
    return this.#newest;
  }

  get everyMs(): number {
    return this.#everyMs;
  }

  isOn(nowMs: number): boolean {
    return this.#newest !== undefined && nowMs - this.#newest.completedAtMs < lateMs + 2 * this.#everyMs;
  }

  /** To be called now and then: what is over is not shown any more, and the next ones may come at another pace. */
  sweep(nowMs: number): void {
    if (this.isOn(nowMs)) return;
    this.#newest = undefined;
    this.#everyMs = 0;
  }

  show(slide: Slide): void {
    if (this.#newest) this.#everyMs = Math.max(0, slide.completedAtMs - this.#newest.completedAtMs);
    this.#newest = slide;
    this.events.publish(slide);
  }
}
