import type { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';
import type { Dvr } from '../live/dvr.ts';
import type { KeptPart } from '../live/dvr-file.ts';
import type { DeliveryConfig } from './config.ts';
import { type KeepsTimeline, RewoundView } from './rewind.ts';

/** All open responses that have gone back in time; one timer of the caller's ticks them all. */
export class RewoundViews {
  readonly #open = new Set<RewoundView>();
  readonly #now: () => number;
  readonly #config: DeliveryConfig;

  constructor(deps: { now: () => number }, config: DeliveryConfig) {
    this.#now = deps.now;
    this.#config = config;
  }

  get size(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#config.maxRewound;
  }

  /**
   * Where a response that begins `agoMs` ago would begin. Throws Failure `rewind-off` when nothing is kept, and
   * `rewind-full` when too many have gone back already: to be asked before anything is written.
   */
  place(dvr: Dvr, agoMs: number): KeptPart {
    const { maxRewound } = this.#config;
    const first = dvr.keyframe(agoMs);
    if (!first)
      throw new Failure('rewind-off', 'Nothing of this stream is kept: only what is live can be seen.');
    if (this.isFull) {
      throw new Failure(
        'rewind-full',
        `${maxRewound} people watch the past already, and the disk can't feed more. Please watch live, or try again in a minute.`,
        { maxRewound },
      );
    }
    return first;
  }

  /** Streams from `first` on into `sink` until either ends; `onClose` is called once. */
  open(
    dvr: Dvr,
    first: KeptPart,
    sink: Writable,
    keepsTimeline: KeepsTimeline,
    onClose: () => void,
  ): RewoundView {
    const view = new RewoundView({ dvr, first, sink, keepsTimeline, now: this.#now }, this.#config);
    this.#open.add(view);
    sink.once('close', () => {
      this.#open.delete(view);
      onClose();
    });
    return view;
  }

  tick(): void {
    for (const view of [...this.#open]) view.tick();
  }

  closeAll(): void {
    for (const view of [...this.#open]) view.close();
  }
}
