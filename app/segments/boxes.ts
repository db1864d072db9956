import { Failure } from '../lib/failure.ts';

/** Where a box lies in its bytes: header at `start`, payload from `body` up to `end` (ISO/IEC 14496-12 §4.2). */
export type Box = { type: string; start: number; body: number; end: number };

function malformed(sentence: string): Failure {
  return new Failure('mp4-malformed', `Not valid MP4: ${sentence}. The file is left out of the stream.`);
}

/** The boxes that lie one after the other in `bytes[from, to)`. Throws Failure `mp4-malformed`. */
export function* boxesIn(bytes: Buffer, from = 0, to = bytes.length): Generator<Box, void, undefined> {
  for (let start = from; start < to; ) {
    if (start + 8 > to) throw malformed(`${to - start} bytes at ${start} are too few for a box`);
    const type = bytes.toString('latin1', start + 4, start + 8);
    let size = bytes.readUInt32BE(start);
    let body = start + 8;
    if (size === 1) {
      if (start + 16 > to) throw malformed(`the large size of ${type} at ${start} is cut off`);
      size = Number(bytes.readBigUInt64BE(start + 8));
      body = start + 16;
    } else if (size === 0) {
      size = to - start;
    }
    const end = start + size;
    if (end < body || end > to)
      throw malformed(`${type} at ${start} claims ${size} bytes, ${to - start} are there`);
    yield { type, start, body, end };
    start = end;
  }
}

/** The first box of `type` directly inside `parent` (or at the top level), or undefined. */
export function findBox(bytes: Buffer, type: string, parent?: Box): Box | undefined {
  for (const box of boxesIn(bytes, parent?.body, parent?.end)) if (box.type === type) return box;
  return undefined;
}

/** Like findBox, for a box that the standard makes mandatory. Throws Failure `mp4-malformed`. */
export function needBox(bytes: Buffer, type: string, parent?: Box): Box {
  const box = findBox(bytes, type, parent);
  if (!box) throw malformed(`${parent ? `${parent.type} has` : 'there is'} no ${type}`);
  return box;
}

/**
 * Reads the fields of a box's payload in the order of the standard's syntax tables. Throws Failure
 * `mp4-malformed` instead of reading past the box.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #box: Box;
  offset: number;

  constructor(bytes: Buffer, box: Box) {
    this.#bytes = bytes;
    this.#box = box;
    this.offset = box.body;
  }

  #advance(length: number): number {
    const at = this.offset;
    if (at + length > this.#box.end)
      throw malformed(`${this.#box.type} at ${this.#box.start} ends too early`);
    this.offset = at + length;
    return at;
  }

  skip(length: number): this {
    this.#advance(length);
    return this;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  u24(): number {
    return this.#bytes.readUIntBE(this.#advance(3), 3);
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  /** Ticks as a number, which is exact up to 2^53, some 3000 years at 90 kHz; no stream is older. */
  u64(): number {
    const value = Number(this.#bytes.readBigUInt64BE(this.#advance(8)));
    if (value > Number.MAX_SAFE_INTEGER)
      throw malformed(`${this.#box.type} at ${this.#box.start} counts ${value} ticks`);
    return value;
  }

  text(length: number): string {
    const at = this.#advance(length);
    return this.#bytes.toString('latin1', at, at + length);
  }
}
