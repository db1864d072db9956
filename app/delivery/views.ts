import type { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { DeliveryConfig } from './config.ts';
import { EndlessView } from './endless.ts';

/** All open video responses of the process; one timer of the caller's ticks them all. */
export class Views {
  readonly #open = new Set<EndlessView>();
  readonly #now: () => number;
  readonly #config: DeliveryConfig;

  constructor(deps: { now: () => number }, config: DeliveryConfig) {
    this.#now = deps.now;
    this.#config = config;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Throws Failure `stream-full` when there is no place: to be asked before anything is written. */
  assertPlace(): void {
    const { maxViews } = this.#config;
    if (this.#open.size < maxViews) return;
    throw new Failure('stream-full', `All ${maxViews} places are taken. Please try again in a minute.`, {
      maxViews,
    });
  }

  /** Streams `channel` into `sink` until either ends; `onClose` is called once. */
  open(channel: LiveChannel, sink: Writable, onClose: () => void): EndlessView {
    const view = new EndlessView({ channel, sink, now: this.#now }, this.#config);
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
