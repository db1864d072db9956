import type { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { DeliveryConfig } from './config.ts';
import { EndlessView, type Line } from './endless.ts';
import { audibleGeckoPackaging } from './packaging/audible-gecko.ts';
import { GeckoParts } from './packaging/gecko-part.ts';
import { mutedGeckoPackaging } from './packaging/muted-gecko.ts';
import { type Packaging, plainPackaging, type Way } from './packaging/packaging.ts';
import { soundPackaging } from './packaging/sound.ts';

/** Which demuxer reads the response. */
export type Reader = {
  demuxer: 'plain' | 'muted-gecko' | 'audible-gecko';
  way: Way;
  /** Has asked for less data than the main quality is. */
  saves?: boolean;
};

/** All open video responses of the process; one timer of the caller's ticks them all. */
export class Views {
  readonly #open = new Set<EndlessView>();
  readonly #now: () => number;
  readonly #config: DeliveryConfig;
  /** Each rendition counts its parts for itself. */
  readonly #copies = new WeakMap<
    LiveChannel,
    Readonly<Record<'pictures' | 'picturesAndSound', GeckoParts>>
  >();

  constructor(deps: { now: () => number }, config: DeliveryConfig) {
    this.#now = deps.now;
    this.#config = config;
  }

  get size(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#config.maxViews;
  }

  /** Throws Failure `stream-full` when there is no place: to be asked before anything is written. */
  assertPlace(): void {
    const { maxViews } = this.#config;
    if (!this.isFull) return;
    throw new Failure('stream-full', `All ${maxViews} places are taken. Please try again in a minute.`, {
      maxViews,
    });
  }

  /** Streams `channel` into `sink` until either ends; `onClose` is called once. */
  open(
    channel: LiveChannel,
    sink: Writable,
    { reader, line }: { reader: Reader; line?: Line | undefined },
    onClose: () => void,
  ): EndlessView {
    const packaging = this.#packagingFor(reader, channel);
    const view = new EndlessView({ channel, sink, packaging, line, now: this.#now }, this.#config);
    this.#open.add(view);
    sink.once('close', () => {
      this.#open.delete(view);
      onClose();
    });
    return view;
  }

  #packagingFor({ demuxer, way, saves }: Reader, channel: LiveChannel): Packaging {
    const copies = this.#copies.get(channel) ?? {
      pictures: new GeckoParts('pictures'),
      picturesAndSound: new GeckoParts('pictures and sound'),
    };
    this.#copies.set(channel, copies);
    const hasPictures = channel.init?.tracks.some(({ kind }) => kind === 'video') ?? true;
    if (!hasPictures && demuxer !== 'plain') return soundPackaging();
    switch (demuxer) {
      case 'plain':
        return plainPackaging;
      case 'muted-gecko':
        return mutedGeckoPackaging(copies.pictures, way, saves);
      case 'audible-gecko':
        return audibleGeckoPackaging(copies.picturesAndSound, way, saves);
    }
  }

  tick(): void {
    for (const view of [...this.#open]) view.tick();
  }

  closeAll(): void {
    for (const view of [...this.#open]) view.close();
  }
}
