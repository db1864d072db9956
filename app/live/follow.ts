import { sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { ChannelFolder } from '../segments/channel-folder.ts';
import type { LiveChannel } from './channel.ts';

/**
 * Keeps a LiveChannel true to its folder: a reading at each hint, and at each tick of the caller's timer, since a
 * dead encoder changes no file. One reading at a time; hints that come meanwhile make one more.
 */
export class Follower {
  readonly #deps: { folder: ChannelFolder; channel: LiveChannel; log: Log; now: () => number };
  #reading: Promise<void> | undefined;
  #again = false;
  #lastProblem = '';

  constructor(deps: { folder: ChannelFolder; channel: LiveChannel; log: Log; now: () => number }) {
    this.#deps = deps;
  }

  /** Resolves when a reading that began at or after this call has been applied. */
  async refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#read();
    try {
      await this.#reading;
    } finally {
      this.#reading = undefined;
    }
  }

  async #read(): Promise<void> {
    const { folder, channel, now } = this.#deps;
    do {
      this.#again = false;
      try {
        const reading = await folder.read();
        for (const problem of reading.problems) this.#complain(problem);
        channel.apply(reading, now());
      } catch (error) {
        this.#complain(`its folder can't be read: ${sentenceOf(error)}`);
      }
    } while (this.#again);
  }

  #complain(problem: string): void {
    // The same sentence at every part would drown the log.
    if (problem !== this.#lastProblem) this.#deps.log.warn(`Channel ${this.#deps.channel.name}: ${problem}`);
    this.#lastProblem = problem;
  }
}
