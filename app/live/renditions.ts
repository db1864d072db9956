/**
 * All renditions of a channel: the main one, and those found in folders beside it. Who writes these is no matter here;
 * a rendition comes and goes with its files.
 */
import { join } from 'node:path';
import { sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { ChannelFolder } from '../segments/channel-folder.ts';
import { type RenditionFolder, renditionFolders } from '../segments/rendition-names.ts';
import { SlideFile } from '../segments/slide-file.ts';
import { LiveChannel } from './channel.ts';
import type { LiveConfig } from './config.ts';
import { Follower } from './follow.ts';
import { LiveSlides } from './slides.ts';
import { isOn } from './state.ts';
import { Timeline } from './timeline.ts';

export const mainName = 'main';

export type MediaRendition = { kind: 'media'; name: string; channel: LiveChannel };
export type SlidesRendition = { kind: 'slides'; name: string; slides: LiveSlides };
export type LiveRendition = MediaRendition | SlidesRendition;

type Followed = { rendition: LiveRendition; refresh(): Promise<void> };

// What is in memory of each is some MB.
const maxOthers = 8;

export class Renditions {
  /** The channel itself, at addresses that name no quality. */
  readonly main: LiveChannel;
  readonly #deps: { channelDir: string; log: Log; now: () => number };
  readonly #config: LiveConfig;
  readonly #timeline = new Timeline();
  readonly #mainFollower: Follower;
  /** Stay once they were there: those who watch one keep it when its encoder starts anew. */
  readonly #others = new Map<string, Followed>();

  constructor(deps: { name: string; channelDir: string; log: Log; now: () => number }, config: LiveConfig) {
    this.#deps = deps;
    this.#config = config;
    this.main = new LiveChannel(deps.name, config, this.#timeline);
    this.#mainFollower = this.#follow(this.main, deps.channelDir);
  }

  /** Those that can be watched now, the main one first; empty while the stream is off. */
  get on(): readonly LiveRendition[] {
    if (!isOn(this.main.state)) return [];
    const others = [...this.#others.values()].map(({ rendition }) => rendition);
    const isThere = (rendition: LiveRendition): boolean =>
      rendition.kind === 'slides'
        ? rendition.slides.isOn(this.#deps.now())
        : isOn(rendition.channel.state) && rendition.channel.init !== undefined;
    return [{ kind: 'media', name: mainName, channel: this.main }, ...others.filter(isThere)];
  }

  /** One by its name, also while it is off; undefined when there never was one. */
  find(name: string): LiveRendition | undefined {
    if (name === mainName) return { kind: 'media', name, channel: this.main };
    return this.#others.get(name)?.rendition;
  }

  /**
   * Reads the files again: of the rendition whose folder has changed, of the main one (`''`), or, without a hint, of
   * all. Resolves when what they say has been applied.
   */
  async refresh(changed?: string): Promise<void> {
    if (changed === '') return this.#mainFollower.refresh();
    const hinted = changed === undefined ? undefined : this.#others.get(changed);
    if (hinted) return hinted.refresh();
    await this.#mainFollower.refresh();
    const folders = await renditionFolders(this.#deps.channelDir);
    for (const folder of folders) this.#add(folder, folders);
    await Promise.all([...this.#others.values()].map(each => each.refresh()));
  }

  #add({ name, kind }: RenditionFolder, folders: readonly RenditionFolder[]): void {
    const known = this.#others.get(name)?.rendition;
    if (known?.kind === kind || name === mainName) return;
    if (!known && this.#others.size >= maxOthers) this.#forgetThoseGone(folders);
    if (!known && this.#others.size >= maxOthers) return;
    const dir = join(this.#deps.channelDir, name);
    this.#others.set(name, kind === 'media' ? this.#media(name, dir) : this.#slides(name, dir));
  }

  /** Names change from one stream to the next: those that nobody writes any more, and nobody can be watching, give way. */
  #forgetThoseGone(folders: readonly RenditionFolder[]): void {
    for (const [name, { rendition }] of this.#others) {
      const isThere = folders.some(folder => folder.name === name);
      const { newest } = rendition.kind === 'slides' ? rendition.slides : rendition.channel.window;
      if (!isThere && !newest) this.#others.delete(name);
    }
  }

  #media(name: string, dir: string): Followed {
    const channel = new LiveChannel(name, this.#config, this.#timeline);
    const follower = this.#follow(channel, dir);
    return { rendition: { kind: 'media', name, channel }, refresh: () => follower.refresh() };
  }

  #slides(name: string, dir: string): Followed {
    const slides = new LiveSlides(name);
    const file = new SlideFile(dir);
    const refresh = async (): Promise<void> => {
      try {
        const slide = await file.read();
        if (slide) slides.show(slide);
        slides.sweep(this.#deps.now());
      } catch (error) {
        this.#deps.log.warn(`Slides ${name} can't be read: ${sentenceOf(error)}.`);
      }
    };
    return { rendition: { kind: 'slides', name, slides }, refresh };
  }

  #follow(channel: LiveChannel, dir: string): Follower {
    const { log, now } = this.#deps;
    return new Follower({ folder: new ChannelFolder(dir), channel, log, now });
  }
}
