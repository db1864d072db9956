/**
 * Takes out of a broadcaster's bytes what tells which program, machine or clock made them. Sizes never change,
 * so no offset in moof or moov has to.
 */
import { type Box, boxesIn } from './boxes.ts';
import { isAvc, type Track } from './init-segment.ts';
import { type Fragment, nalUnitsIn, type Sample } from './part.ts';

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd']);

/** Where creation and modification times lie: after version and flags, 4 or 8 bytes each (§8.2.2, 8.3.2, 8.4.2). */
function blankTimes(bytes: Buffer, box: Box): void {
  const length = bytes.readUInt8(box.body) === 1 ? 16 : 8;
  bytes.fill(0, box.body + 4, Math.min(box.body + 4 + length, box.end));
}

function makeFree(bytes: Buffer, box: Box): void {
  bytes.write('free', box.start + 4, 'latin1');
  bytes.fill(0, box.body, box.end);
}

function cleanBox(bytes: Buffer, box: Box): void {
  if (box.type === 'mvhd' || box.type === 'tkhd' || box.type === 'mdhd') blankTimes(bytes, box);
  // The handler's name is free text, `VideoHandler` or a product's name (§8.4.3).
  else if (box.type === 'hdlr') bytes.fill(0, Math.min(box.body + 24, box.end), box.end);
  else if (box.type === 'udta' || box.type === 'meta' || box.type === 'uuid') makeFree(bytes, box);
  // compressorname: 32 bytes, 42 into a visual sample entry (§12.1.3): `Lavc59.37.100 libx264`.
  else if (['avc1', 'avc3', 'vp09', 'av01'].includes(box.type)) bytes.fill(0, box.body + 42, box.body + 74);
  else if (containers.has(box.type)) {
    for (const child of boxesIn(bytes, box.body + (box.type === 'stsd' ? 8 : 0), box.end))
      cleanBox(bytes, child);
  }
}

/** Cleans an init segment in place: creation times, handler and compressor names, user data. */
export function cleanInitSegment(bytes: Buffer): void {
  for (const box of boxesIn(bytes)) cleanBox(bytes, box);
}

const seiNalType = 6;
const fillerNalType = 12;

/**
 * x264 signs its first picture with version and options in an SEI message. An SEI becomes a filler NAL unit
 * (ITU-T H.264 §7.3.2.7) of the same length, which decoders pass over.
 */
function cleanAvcSample(bytes: Buffer, sample: Sample): void {
  for (const { type, start, end } of nalUnitsIn(bytes, sample)) {
    if (type !== seiNalType || end - start < 2) continue;
    bytes.writeUInt8(fillerNalType, start);
    bytes.fill(0xff, start + 1, end - 1);
    bytes.writeUInt8(0x80, end - 1);
  }
}

/** libavcodec's AAC encoder signs its first frame, byte-aligned in a fill element: `Lavc59.37.100`. */
function cleanAacSample(bytes: Buffer, from: number, to: number): void {
  const signature = /Lavc[\d.]*/.exec(bytes.toString('latin1', from, to));
  if (signature) bytes.fill(0x20, from + signature.index, from + signature.index + signature[0].length);
}

/** Cleans the samples of one moof + mdat in place. */
export function cleanFragment(bytes: Buffer, fragment: Fragment, tracks: readonly Track[]): void {
  for (const run of fragment.runs) {
    const track = tracks.find(candidate => candidate.id === run.trackId);
    if (track && isAvc(track)) {
      for (const sample of run.samples) cleanAvcSample(bytes, sample);
    } else if (track?.codec.startsWith('mp4a') && run.decodeTime === 0) {
      const first = run.samples[0];
      if (first) cleanAacSample(bytes, first.offset, first.offset + first.sizeBytes);
    }
  }
}
