import { randomBytes } from 'node:crypto';

/** The next number, at least 0 and below 1. */
export type Random = () => number;

const blockBytes = 4096;

/** Numbers nobody can foretell, fetched from the system a block at a time. */
export function createCryptoRandom(): Random {
  let block = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= block.length) {
      block = randomBytes(blockBytes);
      at = 0;
    }
    const number = block.readUInt32LE(at) / 2 ** 32;
    at += 4;
    return number;
  };
}

/** A number evenly spread between `from` and `to`. */
export function between(random: Random, from: number, to: number): number {
  return from + random() * (to - from);
}
