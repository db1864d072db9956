/**
 * Firefox reads from its media cache in whole blocks: of one that is not full it uses nothing (MediaCacheStream Read). Its
 * one demuxer thread waits there for the sound, of which it never has enough, and lets no picture pass meanwhile; when
 * the block is full it takes pictures until ten are decoded, and waits again. So fewer than ten pictures may come
 * between two ends of blocks, each end should be that of a part, and a stream in which little moves must not take longer.
 */
import { fill } from './fragment.ts';

const blockBytes = 32 * 1024;
// A block that lacks no more than this share of what has come since the last end is filled up at once.
const smallShare = 0.4;
// One that is nearly empty is not worth filling: what lies in it has come a moment ago, and the one before is full.
const largeShare = 0.75;
// A line that carries less than the stream has no room for what says nothing; it is found to be so every few seconds.
const restMs = 15_000;

/** The rate, in kbit/s, that fills a block each `everyMs`. */
export const leastKbps = (everyMs: number): number => (blockBytes * 8) / everyMs;

/** How long, in ms, a block takes to fill at a rate. */
export const fullAfterMs = (kbps: number): number => (blockBytes * 8) / kbps;

/** One response's: what has been written of it so far. */
export class CacheBlocks {
  readonly #everyMs: number;
  #position: number;
  #sinceBytes = 0;
  #sinceMs = 0;
  #restsMs = 0;

  /** `position`: bytes of the body before the first that are added. A block is full at least every `everyMs`. */
  constructor(position: number, everyMs: number) {
    this.#position = position;
    this.#everyMs = everyMs;
  }

  /** The chunks, of `lastsMs`, and what is missing to the end of the block where that is worth it, or `always`. */
  add(chunks: readonly Buffer[], lastsMs: number, always = false): Buffer[] {
    const before = this.#position;
    this.#count(chunks);
    this.#sinceMs += lastsMs;
    const lack = blockBytes - (this.#position % blockBytes);
    const share = lack / this.#sinceBytes;
    const isDue = this.#sinceMs >= this.#everyMs && (share <= largeShare || !this.#ended(before));
    const rests = this.#restsMs > 0;
    this.#restsMs = Math.max(0, this.#restsMs - lastsMs);
    if (!always && (rests || (share > smallShare && !isDue))) return [...chunks];
    const filling = fill(lack);
    this.#count(filling);
    this.#sinceBytes = this.#sinceMs = 0;
    return [...chunks, ...filling];
  }

  /** Parts had to be left out: nothing is filled up for a while. */
  rest(): void {
    this.#restsMs = restMs;
  }

  #count(chunks: readonly Buffer[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#position += bytes;
    this.#sinceBytes += bytes;
  }

  /** Whether a block has become full since that position. */
  #ended(position: number): boolean {
    return Math.floor(position / blockBytes) < Math.floor(this.#position / blockBytes);
  }
}
