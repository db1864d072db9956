/**
 * A part as Firefox's demuxer wants it. When that comes to a sync sample it reads on until it knows where the next one is,
 * and returns nothing until then; and a picture that is late makes it throw away all until the next real keyframe
 * if the next sync sample it knows of is late as well. So the last picture of each part is marked as a sync sample: the
 * one that costs no waiting and is late last (MP4Demuxer SetNextKeyFrameTime, MediaFormatReader ShouldSkip).
 */
import type { LivePart } from '../../live/window.ts';
import { boxesIn, FieldReader, needBox } from '../../segments/boxes.ts';
import type { InitSegment } from '../../segments/init-segment.ts';
import { type RunToWrite, syncSampleFlags, writeFragment } from './fragment.ts';

/** Without sound: a track that is only fetched for nothing, and holds the other one up while it waits for data. */
export type Tracks = 'pictures' | 'pictures and sound';

function isWanted(init: InitSegment, trackId: number, tracks: Tracks): boolean {
  const kind = init.tracks.find(({ id }) => id === trackId)?.kind;
  // A stream without pictures is sound or nothing.
  const takesSound = tracks === 'pictures and sound' || !init.tracks.some(track => track.kind === 'video');
  return kind === 'video' || (kind === 'audio' && takesSound);
}

/** The init segment with the other tracks' boxes renamed to free ones (§8.1.2), so that none of them exists. */
export function geckoInit(init: InitSegment, tracks: Tracks): Buffer {
  const bytes = Buffer.from(init.bytes);
  const free = (start: number) => bytes.write('free', start + 4, 'latin1');
  const moov = needBox(bytes, 'moov');
  for (const child of boxesIn(bytes, moov.body, moov.end)) {
    if (child.type === 'trak') {
      const tkhd = new FieldReader(bytes, needBox(bytes, 'tkhd', child));
      const id = tkhd.skip(tkhd.u8() === 1 ? 3 + 16 : 3 + 8).u32();
      if (!isWanted(init, id, tracks)) free(child.start);
    } else if (child.type === 'mvex') {
      for (const trex of boxesIn(bytes, child.body, child.end)) {
        if (trex.type === 'trex' && !isWanted(init, new FieldReader(bytes, trex).skip(4).u32(), tracks))
          free(trex.start);
      }
    }
  }
  return bytes;
}

/** The part with the wanted tracks alone. */
export function geckoPart(part: LivePart, tracks: Tracks): Buffer {
  if (part.fragments.some(({ runs }) => runs.some(run => run.reordered))) return inPlace(part, tracks);
  const video = part.init.tracks.find(({ kind }) => kind === 'video')?.id;
  const lastPicture = part.fragments
    .flatMap(({ runs }) => runs)
    .findLast(run => run.trackId === video)
    ?.samples.at(-1);
  const fragments = part.fragments.map(({ runs }) =>
    runs
      .filter(run => isWanted(part.init, run.trackId, tracks))
      .map(
        ({ trackId, decodeTime, samples }): RunToWrite => ({
          trackId,
          decodeTime,
          samples: samples.map(sample => ({
            data: part.bytes.subarray(sample.offset, sample.offset + sample.sizeBytes),
            durationTicks: sample.durationTicks,
            sync: sample.sync || sample === lastPicture,
          })),
        }),
      ),
  );
  return Buffer.concat(fragments.filter(runs => runs.length > 0).map(writeFragment));
}

/** Where pictures are not shown in the order of decoding the boxes stay as they are: all pictures sync samples. */
function inPlace(part: LivePart, tracks: Tracks): Buffer {
  const bytes = Buffer.from(part.bytes);
  for (const moof of boxesIn(bytes)) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxesIn(bytes, moof.body, moof.end)) {
      if (traf.type !== 'traf') continue;
      const trackId = new FieldReader(bytes, needBox(bytes, 'tfhd', traf)).skip(4).u32();
      if (!isWanted(part.init, trackId, tracks)) {
        bytes.write('free', traf.start + 4, 'latin1');
        continue;
      }
      for (const child of boxesIn(bytes, traf.body, traf.end)) {
        if (child.type === 'tfhd') markTfhd(bytes, new FieldReader(bytes, child));
        else if (child.type === 'trun') markTrun(bytes, new FieldReader(bytes, child));
      }
    }
  }
  return bytes;
}

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

// Parts that may be asked for at once: the newest, and those of a viewer who lags a little.
const keptParts = 16;

/** Makes the copy once a part, for all viewers who need it. */
export class GeckoParts {
  readonly tracks: Tracks;
  readonly #kept = new Map<number, Buffer>();

  constructor(tracks: Tracks) {
    this.tracks = tracks;
  }

  bytesOf(part: LivePart): Buffer {
    const known = this.#kept.get(part.number);
    if (known) return known;
    const bytes = geckoPart(part, this.tracks);
    this.#kept.set(part.number, bytes);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= keptParts) break;
      this.#kept.delete(oldest);
    }
    return bytes;
  }
}
