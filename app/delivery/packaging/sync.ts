import type { LivePart } from '../../live/window.ts';
import { boxesIn, FieldReader } from '../../segments/boxes.ts';
import { syncSampleFlags } from './fragment.ts';

// Parts that may be asked for at once: the newest, and those of a viewer who lags a little.
const keptParts = 16;

function markTrun(bytes: Buffer, fields: FieldReader): void {
  const flags = fields.skip(1).u24();
  const count = fields.u32();
  if (flags & 0x000001) fields.skip(4);
  if (flags & 0x000004) bytes.writeUInt32BE(syncSampleFlags, fields.skip(4).offset - 4);
  for (let sample = 0; sample < count; sample += 1) {
    if (flags & 0x000100) fields.skip(4);
    if (flags & 0x000200) fields.skip(4);
    if (flags & 0x000400) bytes.writeUInt32BE(syncSampleFlags, fields.skip(4).offset - 4);
    if (flags & 0x000800) fields.skip(4);
  }
}

function markTfhd(bytes: Buffer, fields: FieldReader): void {
  const flags = fields.skip(1).u24();
  fields.skip(4);
  if (flags & 0x000001) fields.skip(8);
  for (const flag of [0x000002, 0x000008, 0x000010]) if (flags & flag) fields.skip(4);
  if (flags & 0x000020) bytes.writeUInt32BE(syncSampleFlags, fields.skip(4).offset - 4);
}

/** A copy of a part's bytes in which every sample says that it is a sync sample (§8.8.7, §8.8.8). */
export function markSync(part: Pick<LivePart, 'bytes'>): Buffer {
  const bytes = Buffer.from(part.bytes);
  for (const moof of boxesIn(bytes)) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxesIn(bytes, moof.body, moof.end)) {
      if (traf.type !== 'traf') continue;
      for (const box of boxesIn(bytes, traf.body, traf.end)) {
        if (box.type === 'tfhd') markTfhd(bytes, new FieldReader(bytes, box));
        else if (box.type === 'trun') markTrun(bytes, new FieldReader(bytes, box));
      }
    }
  }
  return bytes;
}

/** Makes the copy once a part, for all viewers who need it. */
export class SyncedParts {
  readonly #kept = new Map<number, Buffer>();

  bytesOf(part: LivePart): Buffer {
    const known = this.#kept.get(part.number);
    if (known) return known;
    const bytes = markSync(part);
    this.#kept.set(part.number, bytes);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= keptParts) break;
      this.#kept.delete(oldest);
    }
    return bytes;
  }
}
