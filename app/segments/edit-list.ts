/**
 * Edit lists (ISO/IEC 14496-12 §8.6.6) as far as they tell of a clock: an encoder that stamps pictures by its machine's has
 * all tracks begin with an empty edit, as long as that clock has run.
 */
import { type Box, boxesIn, FieldReader, findBox, needBox } from './boxes.ts';

/** The `segment_duration` of a track's first edit, where that is an empty one: its value, and where it lies. */
type EmptyEdit = { duration: number; offset: number; isLong: boolean };

function emptyEditOf(bytes: Buffer, trak: Box): EmptyEdit | undefined {
  const edts = findBox(bytes, 'edts', trak);
  const elst = edts && findBox(bytes, 'elst', edts);
  if (!elst) return undefined;
  const fields = new FieldReader(bytes, elst);
  const isLong = fields.u8() === 1;
  if (fields.skip(3).u32() === 0) return undefined;
  const { offset } = fields;
  const duration = isLong ? fields.u64() : fields.u32();
  // media_time, -1 for nothing.
  if (isLong && fields.i32() !== -1) return undefined;
  return fields.i32() === -1 ? { duration, offset, isLong } : undefined;
}

// What is shorter is what an encoder waits for.
const clockS = 3600;

/** The ticks per second that edits are told in (§8.2.2). */
function movieTimescale(bytes: Buffer, moov: Box): number {
  const mvhd = new FieldReader(bytes, needBox(bytes, 'mvhd', moov));
  return mvhd.skip(mvhd.u8() === 1 ? 3 + 16 : 3 + 8).u32();
}

/** Takes out, in place, what all tracks wait for before they begin; how they lie to each other stays. */
export function cleanEditLists(bytes: Buffer, moov: Box): void {
  const traks = [...boxesIn(bytes, moov.body, moov.end)].filter(({ type }) => type === 'trak');
  const edits = traks.map(trak => emptyEditOf(bytes, trak)).filter(edit => edit !== undefined);
  if (edits.length < traks.length) return;
  const shared = Math.min(...edits.map(({ duration }) => duration));
  if (edits.length === 0 || shared < clockS * movieTimescale(bytes, moov)) return;
  for (const { duration, offset, isLong } of edits) {
    if (isLong) bytes.writeBigUInt64BE(BigInt(duration - shared), offset);
    else bytes.writeUInt32BE(duration - shared, offset);
  }
}
