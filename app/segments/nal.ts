/** NAL units inside samples of AVC and HEVC video, and inside hvcC: finds parameter sets, silences SEI messages. */
import type { Sample } from './part.ts';

/** Header byte and end of one NAL unit. */
export type NalUnit = { start: number; end: number };

/** What differs between the codecs: ITU-T H.264 §7.3.1 and table 7-1, ITU-T H.265 §7.3.1.2 and table 7-1. */
export type NalCoding = {
  headerBytes: number;
  typeOf(firstByte: number): number;
  seiTypes: readonly number[];
  sequenceParameterSetType: number;
  /** First byte of a NAL unit of filler data, which decoders pass over. */
  fillerFirstByte: number;
};

const avc: NalCoding = {
  headerBytes: 1,
  typeOf: firstByte => firstByte & 0x1f,
  seiTypes: [6],
  sequenceParameterSetType: 7,
  fillerFirstByte: 12,
};

const hevc: NalCoding = {
  headerBytes: 2,
  typeOf: firstByte => (firstByte >> 1) & 0x3f,
  seiTypes: [39, 40],
  sequenceParameterSetType: 33,
  fillerFirstByte: 38 << 1,
};

/** The coding of a track's samples by its RFC 6381 codec, or undefined when they are no NAL units. */
export function nalCodingOf(codec: string): NalCoding | undefined {
  if (/^avc[13]/.test(codec)) return avc;
  return /^(hvc1|hev1)/.test(codec) ? hevc : undefined;
}

/** The NAL units of a sample (ISO/IEC 14496-15 §5.3.4.2, §8.3.4.2), with the 4-byte lengths that all muxers write. */
export function* nalUnitsIn(bytes: Buffer, sample: Sample): Generator<NalUnit, void, undefined> {
  const sampleEnd = sample.offset + sample.sizeBytes;
  for (let start = sample.offset + 4; start < sampleEnd; ) {
    const end = start + bytes.readUInt32BE(start - 4);
    if (end <= start || end > sampleEnd) return;
    yield { start, end };
    start = end + 4;
  }
}

export function hasParameterSets(bytes: Buffer, sample: Sample, coding: NalCoding): boolean {
  return nalUnitsIn(bytes, sample).some(
    ({ start }) => coding.typeOf(bytes.readUInt8(start)) === coding.sequenceParameterSetType,
  );
}

/**
 * x264 and x265 sign their first picture with version and options in an SEI message. An SEI becomes filler data
 * (H.264 §7.3.2.7, H.265 §7.3.2.8) of the same length; any other NAL unit is left as it is.
 */
export function silenceSei(bytes: Buffer, { start, end }: NalUnit, coding: NalCoding): void {
  if (!coding.seiTypes.includes(coding.typeOf(bytes.readUInt8(start)))) return;
  if (end - start <= coding.headerBytes) return;
  bytes.writeUInt8(coding.fillerFirstByte, start);
  bytes.fill(0xff, start + coding.headerBytes, end - 1);
  bytes.writeUInt8(0x80, end - 1);
}
