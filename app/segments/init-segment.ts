import { createHash } from 'node:crypto';
import { type Box, boxesIn, FieldReader, needBox } from './boxes.ts';
import { codecOf } from './codec.ts';

/** What a part's tfhd and trun leave out, from the track's trex (ISO/IEC 14496-12 §8.8.3). */
export type SampleDefaults = { durationTicks: number; sizeBytes: number; flags: number };

export type Track = {
  id: number;
  kind: 'video' | 'audio';
  /** Ticks per second of the track's decode times. */
  timescale: number;
  /** RFC 6381, as MSE and EXT-X-STREAM-INF want it: `avc1.42c01e`, `mp4a.40.2`. */
  codec: string;
  /** Pixels; 0 for audio. */
  width: number;
  height: number;
  /** 0 for video. */
  channels: number;
  defaults: SampleDefaults;
};

/** An init segment: `bytes` as served (ftyp + moov, cleaned by cleanInitSegment) and its tracks. */
export type InitSegment = {
  /** Same bytes, same id: 16 hex digits. */
  id: string;
  bytes: Buffer;
  tracks: readonly Track[];
};

function trackOf(bytes: Buffer, trak: Box, defaults: ReadonlyMap<number, SampleDefaults>): Track | undefined {
  const tkhd = new FieldReader(bytes, needBox(bytes, 'tkhd', trak));
  const id = tkhd.skip(tkhd.u8() === 1 ? 3 + 16 : 3 + 8).u32();
  const mdia = needBox(bytes, 'mdia', trak);
  const mdhd = new FieldReader(bytes, needBox(bytes, 'mdhd', mdia));
  const timescale = mdhd.skip(mdhd.u8() === 1 ? 3 + 16 : 3 + 8).u32();
  const handler = new FieldReader(bytes, needBox(bytes, 'hdlr', mdia)).skip(8).text(4);
  const kind = handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : undefined;
  if (!kind || timescale === 0) return undefined;
  const stsd = needBox(bytes, 'stsd', needBox(bytes, 'stbl', needBox(bytes, 'minf', mdia)));
  const [entry] = boxesIn(bytes, stsd.body + 8, stsd.end);
  if (!entry) return undefined;
  // A visual sample entry's width and height, an audio one's channelcount (§12.1.3, §12.2.3).
  const fields = new FieldReader(bytes, entry).skip(kind === 'video' ? 24 : 16);
  const [width, height, channels] = kind === 'video' ? [fields.u16(), fields.u16(), 0] : [0, 0, fields.u16()];
  return {
    id,
    kind,
    timescale,
    codec: codecOf(bytes, entry),
    width,
    height,
    channels,
    defaults: defaults.get(id) ?? { durationTicks: 0, sizeBytes: 0, flags: 0 },
  };
}

/**
 * Reads init.mp4 (ISO/IEC 14496-12 §8.2). `bytes` is kept, not copied. Throws Failure `mp4-malformed`; tracks
 * that are neither video nor audio are left out.
 */
export function parseInitSegment(bytes: Buffer): InitSegment {
  const moov = needBox(bytes, 'moov');
  const defaults = new Map<number, SampleDefaults>();
  for (const trex of boxesIn(bytes, needBox(bytes, 'mvex', moov).body, needBox(bytes, 'mvex', moov).end)) {
    if (trex.type !== 'trex') continue;
    const fields = new FieldReader(bytes, trex).skip(4);
    const id = fields.u32();
    fields.skip(4);
    defaults.set(id, { durationTicks: fields.u32(), sizeBytes: fields.u32(), flags: fields.u32() });
  }
  const tracks: Track[] = [];
  for (const trak of boxesIn(bytes, moov.body, moov.end)) {
    if (trak.type !== 'trak') continue;
    const track = trackOf(bytes, trak, defaults);
    if (track) tracks.push(track);
  }
  return {
    id: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    bytes,
    tracks,
  };
}
