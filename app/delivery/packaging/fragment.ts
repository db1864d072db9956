import type { LivePart } from '../../live/window.ts';

/** One sample to be written: its bytes, and what its trun entry says (ISO/IEC 14496-12 §8.8.8). */
export type SampleToWrite = { data: Buffer; durationTicks: number; sync: boolean };

/** The samples of one track in one fragment; `decodeTime` in ticks. */
export type RunToWrite = { trackId: number; decodeTime: number; samples: readonly SampleToWrite[] };

// sample_depends_on = 2 (on no other) and sample_is_non_sync_sample = 0, or 1 and 1 (§8.8.3.1).
export const syncSampleFlags = 0x02000000;
const otherSampleFlags = 0x01010000;

function box(type: string, ...content: Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...content]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function traf({ trackId, decodeTime, samples }: RunToWrite, dataOffset: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(decodeTime));
  const entries = samples.flatMap(({ data, durationTicks, sync }) => [
    durationTicks,
    data.length,
    sync ? syncSampleFlags : otherSampleFlags,
  ]);
  return box(
    'traf',
    // default-base-is-moof
    box('tfhd', words(0x00020000, trackId)),
    box('tfdt', words(0x01000000), time),
    // data-offset, and duration, size and flags of each sample
    box('trun', words(0x00000701, samples.length, dataOffset, ...entries)),
  );
}

/** A moof and its mdat. */
export function writeFragment(runs: readonly RunToWrite[]): Buffer {
  const moofOf = (offsets: readonly number[]): Buffer =>
    box('moof', box('mfhd', words(0, 1)), ...runs.map((run, index) => traf(run, offsets[index] ?? 0)));
  // The moof's size does not depend on the offsets in it.
  let offset = moofOf([]).length + 8;
  const offsets = runs.map(run => {
    const start = offset;
    offset += run.samples.reduce((sum, { data }) => sum + data.length, 0);
    return start;
  });
  return Buffer.concat([
    moofOf(offsets),
    box('mdat', ...runs.flatMap(run => run.samples.map(({ data }) => data))),
  ]);
}

// The header of a box.
const leastFillBytes = 8;
const nothing = Buffer.alloc(32 * 1024);

/** At least `bytes` that every demuxer passes over: a free box (§8.1.2). Nothing for less than one byte. */
export function fill(bytes: number): Buffer[] {
  if (bytes <= 0) return [];
  const contentBytes = Math.max(0, bytes - leastFillBytes);
  const header = words(leastFillBytes + contentBytes, 0);
  header.write('free', 4, 'latin1');
  // The content is the same for all, and never copied.
  const content = Array.from({ length: Math.ceil(contentBytes / nothing.length) }, (_, index) =>
    nothing.subarray(0, Math.min(nothing.length, contentBytes - index * nothing.length)),
  );
  return [header, ...content];
}

/** The samples of one track of a part, in decoding order. */
export function samplesOf(part: LivePart, trackId: number): SampleToWrite[] {
  return part.fragments
    .flatMap(fragment => fragment.runs)
    .filter(run => run.trackId === trackId)
    .flatMap(run => run.samples)
    .map(({ offset, sizeBytes, durationTicks, sync }) => ({
      data: part.bytes.subarray(offset, offset + sizeBytes),
      durationTicks,
      sync,
    }));
}
