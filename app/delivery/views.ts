import type { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { DeliveryConfig } from './config.ts';
import { EndlessView } from './endless.ts';
import { audibleGeckoPackaging } from './packaging/audible-gecko.ts';
import { GeckoParts } from './packaging/gecko-part.ts';
import { mutedGeckoPackaging } from './packaging/muted-gecko.ts';
import { type Packaging, plainPackaging } from './packaging/packaging.ts';

/** Which demuxer reads the response. */
export type Reader = 'plain' | 'muted-gecko' | 'muted-gecko-through-tor' | 'audible-gecko';

/** All open video responses of the process; one timer of the caller's ticks them all. */
export class Views {
  readonly #open = new Set<EndlessView>();
  readonly #now: () => number;
  readonly #config: DeliveryConfig;
  readonly #pictures = new GeckoParts('pictures');
  readonly #picturesAndSound = new GeckoParts('pictures and sound');

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
  open(channel: LiveChannel, sink: Writable, reader: Reader, onClose: () => void): EndlessView {
    const packaging = this.#packagingFor(reader);
    const view = new EndlessView({ channel, sink, packaging, now: this.#now }, this.#config);
    this.#open.add(view);
    sink.once('close', () => {
      this.#open.delete(view);
      onClose();
    });
    return view;
  }

  #packagingFor(reader: Reader): Packaging {
    switch (reader) {
      case 'plain':
        return plainPackaging;
      case 'muted-gecko':
        return mutedGeckoPackaging(this.#pictures, 'direct');
      case 'muted-gecko-through-tor':
        return mutedGeckoPackaging(this.#pictures, 'tor');
      case 'audible-gecko':
        return audibleGeckoPackaging(this.#picturesAndSound);
    }
  }

  tick(): void {
    for (const view of [...this.#open]) view.tick();
  }

  closeAll(): void {
    for (const view of [...this.#open]) view.close();
  }
}
