import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../lib/log.ts';
import type { LiveChannel } from './channel.ts';
import { Dvr, type DvrConfig } from './dvr.ts';
import type { Renditions } from './renditions.ts';

type DvrsDeps = { renditions: Renditions; dir: string; log: Log };

/**
 * What is kept of each rendition for rewinding. On purpose nothing of it outlives the process: the folder is emptied at
 * the start, since a killed process leaves it full, and at the end.
 */
export class Dvrs {
  readonly #deps: DvrsDeps;
  readonly #config: DvrConfig;
  readonly #dvrs = new Map<LiveChannel, Dvr>();

  private constructor(deps: DvrsDeps, config: DvrConfig) {
    this.#deps = deps;
    this.#config = config;
    this.of(deps.renditions.main);
  }

  static async open(deps: DvrsDeps, config: DvrConfig): Promise<Dvrs> {
    await rm(deps.dir, { recursive: true, force: true });
    return new Dvrs(deps, config);
  }

  /** From the first call on what comes of this channel is kept. */
  of(channel: LiveChannel): Dvr {
    const known = this.#dvrs.get(channel);
    if (known) return known;
    const { dir, log } = this.#deps;
    const dvr = new Dvr({ channel, dir: join(dir, String(this.#dvrs.size)), log }, this.#config);
    this.#dvrs.set(channel, dvr);
    return dvr;
  }

  /** To be called about twice a second: takes in renditions that have come, and lets go of what is old. */
  sweep(nowMs: number): void {
    for (const rendition of this.#deps.renditions.on)
      if (rendition.kind === 'media') this.of(rendition.channel);
    for (const dvr of this.#dvrs.values()) dvr.sweep(nowMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dvrs.values()].map(dvr => dvr.close()));
    await rm(this.#deps.dir, { recursive: true, force: true });
  }
}
