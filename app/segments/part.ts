/** A file of the channel folder → one part: what is served of it, and what delivery has to know about it. */
import { Failure } from '../lib/failure.ts';
import { type Box, boxesIn, FieldReader, findBox, needBox } from './boxes.ts';
import type { InitSegment, SampleDefaults, Track } from './init-segment.ts';
import { hasParameterSets, nalCodingOf } from './nal.ts';
import { hasSequenceHeader } from './obu.ts';

export type Sample = { offset: number; sizeBytes: number; durationTicks: number; sync: boolean };

/** The samples of one track in one moof (its traf), in decoding order; offsets count from the part's first byte. */
export type Run = {
  trackId: number;
  /** tfdt, in ticks of the track's timescale, and where its field lies: rewritten when a timeline goes on. */
  decodeTime: number;
  decodeTimeOffset: number;
  decodeTimeBytes: 4 | 8;
  samples: readonly Sample[];
  /** Pictures are shown in another order than they are decoded in (B-frames): trun has composition offsets. */
  reordered: boolean;
};

export type Fragment = { runs: readonly Run[] };

/** `bytes` are moof + mdat pairs without the file's styp and sidx. */
export type ParsedPart = {
  bytes: Buffer;
  fragments: readonly Fragment[];
  /** Of the video where it holds any, else of the longest track. */
  durationMs: number;
  /** Begins with a sync sample of the video: INDEPENDENT in the sense of RFC 8216bis §4.4.4.9. */
  independent: boolean;
  /** Its first picture brings its own parameter sets, so it decodes after another init segment too. */
  selfContained: boolean;
};

// sample_is_non_sync_sample, ISO/IEC 14496-12 §8.8.3.1.
const nonSyncFlag = 0x00010000;
// No real part has more; a broken or hostile one may claim any number in a few bytes.
const maxSamples = 20_000;

function readHeader(bytes: Buffer, traf: Box, defaultsOf: (trackId: number) => SampleDefaults) {
  const tfhd = new FieldReader(bytes, needBox(bytes, 'tfhd', traf));
  const flags = tfhd.skip(1).u24();
  const trackId = tfhd.u32();
  if (flags & 0x000001) {
    throw new Failure(
      'part-unsupported',
      'The part counts its data from the start of the file (tfhd base-data-offset). Let the encoder set ' +
        'default-base-moof (ffmpeg: -movflags +default_base_moof).',
    );
  }
  if (flags & 0x000002) tfhd.skip(4);
  const trex = defaultsOf(trackId);
  return {
    trackId,
    defaults: {
      durationTicks: flags & 0x000008 ? tfhd.u32() : trex.durationTicks,
      sizeBytes: flags & 0x000010 ? tfhd.u32() : trex.sizeBytes,
      flags: flags & 0x000020 ? tfhd.u32() : trex.flags,
    },
  };
}

function tooManySamples(count: number): Failure {
  return new Failure('mp4-malformed', `The part claims ${count} samples, more than ${maxSamples}.`);
}

/** Reads one trun (§8.8.8); `dataStart` is where its data begins when it has no offset of its own. */
function readSamples(bytes: Buffer, trun: Box, moof: Box, dataStart: number, defaults: SampleDefaults) {
  const fields = new FieldReader(bytes, trun);
  const flags = fields.skip(1).u24();
  const count = fields.u32();
  if (count > maxSamples) throw tooManySamples(count);
  let offset = flags & 0x000001 ? moof.start + fields.i32() : dataStart;
  const firstFlags = flags & 0x000004 ? fields.u32() : undefined;
  const samples: Sample[] = [];
  for (let index = 0; index < count; index += 1) {
    const durationTicks = flags & 0x000100 ? fields.u32() : defaults.durationTicks;
    const sizeBytes = flags & 0x000200 ? fields.u32() : defaults.sizeBytes;
    const ownFlags = flags & 0x000400 ? fields.u32() : defaults.flags;
    if (flags & 0x000800) fields.skip(4);
    if (offset < 0 || offset + sizeBytes > bytes.length) {
      throw new Failure(
        'mp4-malformed',
        `A sample of ${sizeBytes} bytes at ${offset} lies outside its part.`,
      );
    }
    const sampleFlags = index === 0 && firstFlags !== undefined ? firstFlags : ownFlags;
    samples.push({ offset, sizeBytes, durationTicks, sync: (sampleFlags & nonSyncFlag) === 0 });
    offset += sizeBytes;
  }
  return { samples, dataEnd: offset, reordered: (flags & 0x000800) !== 0 };
}

function readRun(bytes: Buffer, moof: Box, traf: Box, defaultsOf: (trackId: number) => SampleDefaults): Run {
  const { trackId, defaults } = readHeader(bytes, traf, defaultsOf);
  const tfdt = new FieldReader(bytes, needBox(bytes, 'tfdt', traf));
  const decodeTimeBytes = tfdt.u8() === 1 ? 8 : 4;
  const decodeTimeOffset = tfdt.skip(3).offset;
  const decodeTime = decodeTimeBytes === 8 ? tfdt.u64() : tfdt.u32();
  const samples: Sample[] = [];
  let reordered = false;
  let dataStart = moof.end + 8;
  for (const trun of boxesIn(bytes, traf.body, traf.end)) {
    if (trun.type !== 'trun') continue;
    const run = readSamples(bytes, trun, moof, dataStart, defaults);
    samples.push(...run.samples);
    if (samples.length > maxSamples) throw tooManySamples(samples.length);
    reordered ||= run.reordered;
    dataStart = run.dataEnd;
  }
  return { trackId, decodeTime, decodeTimeOffset, decodeTimeBytes, samples, reordered };
}

/** Ticks of all of a run's samples. */
export function durationTicksOf(run: Run): number {
  return run.samples.reduce((sum, sample) => sum + sample.durationTicks, 0);
}

function isSelfContained(bytes: Buffer, first: Sample, codec: string): boolean {
  // A keyframe of VP9 says all of itself (VP9 §6.2).
  if (codec.startsWith('vp09')) return true;
  if (codec.startsWith('av01')) return hasSequenceHeader(bytes, first);
  const coding = nalCodingOf(codec);
  return coding !== undefined && hasParameterSets(bytes, first, coding);
}

function durationMsOf(fragments: readonly Fragment[], track: Track): number {
  const runs = fragments.flatMap(fragment => fragment.runs).filter(run => run.trackId === track.id);
  return (runs.reduce((sum, run) => sum + durationTicksOf(run), 0) / track.timescale) * 1000;
}

/**
 * Parses the file `stream<N>.m4s` (RFC 8216 §3.3, ISO/IEC 14496-12 §8.8). Throws Failure `mp4-malformed`, or
 * `part-unsupported` for a layout that can't be served piecewise.
 */
export function parsePart(file: Buffer, init: InitSegment): ParsedPart {
  const kept = [...boxesIn(file)].filter(box => box.type === 'moof' || box.type === 'mdat');
  const bytes = Buffer.concat(kept.map(box => file.subarray(box.start, box.end)));
  const defaultsOf = (trackId: number): SampleDefaults =>
    init.tracks.find(track => track.id === trackId)?.defaults ?? { durationTicks: 0, sizeBytes: 0, flags: 0 };
  const fragments: Fragment[] = [];
  let sampleCount = 0;
  for (const moof of boxesIn(bytes)) {
    if (moof.type !== 'moof') continue;
    const runs: Run[] = [];
    for (const traf of boxesIn(bytes, moof.body, moof.end)) {
      if (traf.type !== 'traf') continue;
      const run = readRun(bytes, moof, traf, defaultsOf);
      sampleCount += run.samples.length;
      if (sampleCount > maxSamples) throw tooManySamples(sampleCount);
      runs.push(run);
    }
    fragments.push({ runs });
  }
  const lead = init.tracks.find(track => track.kind === 'video') ?? init.tracks[0];
  if (!lead || fragments.length === 0 || !findBox(bytes, 'mdat')) {
    throw new Failure('mp4-malformed', 'The part has no moof and mdat, or the init segment no track.');
  }
  const first = fragments[0]?.runs.find(run => run.trackId === lead.id)?.samples[0];
  const independent = lead.kind === 'audio' || first?.sync === true;
  const selfContained = independent && first !== undefined && isSelfContained(bytes, first, lead.codec);
  // Without a length what never holds a picture would never leave the window.
  const durationMs =
    durationMsOf(fragments, lead) || Math.max(...init.tracks.map(track => durationMsOf(fragments, track)));
  return { bytes, fragments, durationMs, independent, selfContained };
}

/**
 * Moves the part on its timeline by `shiftMs`, in place. Ticks are rounded per track from the same shift, so
 * tracks stay together to within one tick.
 */
export function shiftPart(part: ParsedPart, init: InitSegment, shiftMs: number): void {
  for (const run of part.fragments.flatMap(fragment => fragment.runs)) {
    const timescale = init.tracks.find(track => track.id === run.trackId)?.timescale;
    if (timescale === undefined) continue;
    run.decodeTime = Math.max(0, run.decodeTime + Math.round((shiftMs / 1000) * timescale));
    if (run.decodeTimeBytes === 8) part.bytes.writeBigUInt64BE(BigInt(run.decodeTime), run.decodeTimeOffset);
    else part.bytes.writeUInt32BE(run.decodeTime % 2 ** 32, run.decodeTimeOffset);
  }
}
