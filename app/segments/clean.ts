/**
 * Takes out of a broadcaster's bytes what tells which program, machine or clock made them. Sizes never change,
 * so no offset in moof or moov has to.
 */
import { type Box, boxesIn, FieldReader, findBox } from './boxes.ts';
import { cleanEditLists } from './edit-list.ts';
import type { Track } from './init-segment.ts';
import { nalCodingOf, nalUnitsIn, silenceSei } from './nal.ts';
import type { Fragment, Sample } from './part.ts';

const containers: ReadonlySet<string> = new Set(['moov', 'mdia', 'minf', 'stbl']);
const freeText: ReadonlySet<string> = new Set(['udta', 'meta', 'uuid', 'free', 'skip']);

/** Fills `length` bytes of a box with zeros, `at` bytes into its payload. Throws Failure `mp4-malformed`. */
function blank(bytes: Buffer, box: Box, at: number, length: number): void {
  const from = new FieldReader(bytes, box).skip(at).skip(length).offset - length;
  bytes.fill(0, from, from + length);
}

function isVisual(bytes: Buffer, trak: Box): boolean {
  const mdia = findBox(bytes, 'mdia', trak);
  const hdlr = mdia && findBox(bytes, 'hdlr', mdia);
  return hdlr !== undefined && new FieldReader(bytes, hdlr).skip(8).text(4) === 'vide';
}

/** x265 signs the decoder configuration too: hvcC has a list of SEI messages (ISO/IEC 14496-15 §8.3.3.1.2). */
function cleanHevcConfiguration(bytes: Buffer, hvcC: Box): void {
  const coding = nalCodingOf('hvc1');
  const fields = new FieldReader(bytes, hvcC).skip(22);
  for (let arrays = fields.u8(); arrays > 0; arrays -= 1) {
    const typeOffset = fields.skip(1).offset - 1;
    for (let units = fields.u16(); units > 0; units -= 1) {
      const length = fields.u16();
      const end = fields.skip(length).offset;
      if (!coding || length === 0) continue;
      silenceSei(bytes, { start: end - length, end }, coding);
      // The list says once more what type its units are; the two bits above are not part of it.
      const type = coding.typeOf(bytes.readUInt8(end - length));
      bytes.writeUInt8((bytes.readUInt8(typeOffset) & 0xc0) | type, typeOffset);
    }
  }
}

function cleanSampleEntry(bytes: Buffer, entry: Box): void {
  // compressorname: 32 bytes, 42 into a visual sample entry (ISO/IEC 14496-12 §12.1.3): `Lavc59.37.100 libx264`.
  blank(bytes, entry, 42, 32);
  const hvcC = findBox(bytes, 'hvcC', { ...entry, body: entry.body + 78 });
  if (hvcC) cleanHevcConfiguration(bytes, hvcC);
}

function cleanBox(bytes: Buffer, box: Box, visual: boolean): void {
  // Creation and modification times, after version and flags, 4 or 8 bytes each (§8.2.2, 8.3.2, 8.4.2).
  if (box.type === 'mvhd' || box.type === 'tkhd' || box.type === 'mdhd') {
    blank(bytes, box, 4, new FieldReader(bytes, box).u8() === 1 ? 16 : 8);
  }
  // The handler's name is free text, `VideoHandler` or a product's name (§8.4.3).
  else if (box.type === 'hdlr') bytes.fill(0, Math.min(box.body + 24, box.end), box.end);
  else if (freeText.has(box.type)) {
    bytes.write('free', box.start + 4, 'latin1');
    bytes.fill(0, box.body, box.end);
  } else if (box.type === 'trak') cleanBoxes(bytes, box, isVisual(bytes, box));
  else if (containers.has(box.type)) cleanBoxes(bytes, box, visual);
  else if (box.type === 'stsd' && visual) {
    for (const entry of boxesIn(bytes, box.body + 8, box.end)) cleanSampleEntry(bytes, entry);
  }
}

function cleanBoxes(bytes: Buffer, parent: Box | undefined, visual: boolean): void {
  for (const box of boxesIn(bytes, parent?.body, parent?.end)) cleanBox(bytes, box, visual);
}

/**
 * Cleans an init segment in place: creation times, handler and compressor names, user data, a clock that its times count
 * from. Throws Failure `mp4-malformed`.
 */
export function cleanInitSegment(bytes: Buffer): void {
  cleanBoxes(bytes, undefined, false);
  const moov = findBox(bytes, 'moov');
  if (moov) cleanEditLists(bytes, moov);
}

const fillElementId = 6;

/**
 * libavcodec's AAC encoder signs every 256th frame (`Lavc59.37.100`) in a fill element that stands first (ISO/IEC
 * 14496-3 §4.4.2.7): id (3 bits), count of bytes (4, and 8 more if those are all ones), kind (4), anything.
 */
function cleanAacSample(bytes: Buffer, { offset, sizeBytes }: Sample): void {
  if (sizeBytes < 3) return;
  const head = bytes.readUIntBE(offset, 3);
  if (head >> 21 !== fillElementId) return;
  const shortCount = (head >> 17) & 0xf;
  const isLong = shortCount === 15;
  const count = isLong ? 14 + ((head >> 9) & 0xff) : shortCount;
  const kind = (head >> (isLong ? 5 : 13)) & 0xf;
  // Other kinds carry sound: spectral band replication, dynamic range.
  if (kind !== 0) return;
  const end = offset + Math.min(count + (isLong ? 1 : 0), sizeBytes);
  const start = offset + (isLong ? 3 : 2);
  if (start < end) bytes.fill(0, start, end);
}

/** Cleans the samples of one moof + mdat in place. */
export function cleanFragment(bytes: Buffer, fragment: Fragment, tracks: readonly Track[]): void {
  for (const { trackId, samples } of fragment.runs) {
    const codec = tracks.find(track => track.id === trackId)?.codec ?? '';
    const coding = nalCodingOf(codec);
    for (const sample of samples) {
      if (coding) for (const unit of nalUnitsIn(bytes, sample)) silenceSei(bytes, unit, coding);
      else if (codec.startsWith('mp4a.40')) cleanAacSample(bytes, sample);
    }
  }
}
