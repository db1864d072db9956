import type { CompletePart } from '../segments/channel-folder.ts';
import type { InitSegment } from '../segments/init-segment.ts';

/** A part in the window. All bytes are shared by every viewer and never written to again. */
export type LivePart = CompletePart & {
  /** Counts up by one from the first part this process saw. */
  number: number;
  init: InitSegment;
  /** The first part of a further encoder run: EXT-X-DISCONTINUITY before it (RFC 8216 §4.3.2.3). */
  discontinuity: boolean;
};

/** Parts from one keyframe to a later one: what RFC 8216 calls a Media Segment. */
export type LiveSegment = {
  /** Media Sequence Number, RFC 8216 §3. */
  sequence: number;
  parts: LivePart[];
  durationMs: number;
  /** True once the next segment has begun. */
  complete: boolean;
};

/** The newest `windowMs` of a channel as segments of parts; the one copy in memory. */
export class Window {
  readonly #windowMs: number;
  readonly #segmentMs: number;
  readonly segments: LiveSegment[] = [];
  #nextPart = 0;
  #nextSegment = 0;
  #durationMs = 0;
  #discontinuitySequence = 0;
  #longestSegmentMs = 0;
  #longestPartMs = 0;

  constructor(config: { windowMs: number; segmentMs: number }) {
    this.#windowMs = config.windowMs;
    this.#segmentMs = config.segmentMs;
  }

  /** `beginsRun`: the first part of an encoder run; a segment never holds parts of two. */
  push(part: CompletePart, init: InitSegment, beginsRun: boolean): LivePart {
    const current = this.segments.at(-1);
    const discontinuity = beginsRun && current !== undefined;
    const entry: LivePart = { ...part, number: this.#nextPart++, init, discontinuity };
    const length = current?.durationMs ?? 0;
    // Without keyframes a segment would grow for ever: it ends where memory does.
    const isFull = (part.independent && length >= this.#segmentMs - 1) || length >= this.#windowMs;
    if (!current || beginsRun || isFull) {
      if (current) current.complete = true;
      this.segments.push({
        sequence: this.#nextSegment++,
        parts: [entry],
        durationMs: part.durationMs,
        complete: false,
      });
    } else {
      current.parts.push(entry);
      current.durationMs += part.durationMs;
    }
    this.#durationMs += part.durationMs;
    this.#longestPartMs = Math.max(this.#longestPartMs, part.durationMs);
    this.#longestSegmentMs = Math.max(this.#longestSegmentMs, this.segments.at(-1)?.durationMs ?? 0);
    this.#trim();
    return entry;
  }

  /** Forgets everything, and how long it was; numbers go on. What comes next begins an encoder run. */
  clear(): void {
    if (this.segments.length === 0) return;
    const breaks = this.segments.filter(({ parts }) => parts[0]?.discontinuity).length;
    // And the one before what comes next.
    this.#discontinuitySequence += breaks + 1;
    this.segments.length = 0;
    this.#durationMs = this.#longestSegmentMs = this.#longestPartMs = 0;
  }

  #trim(): void {
    while (
      this.segments.length > 2 &&
      this.#durationMs - (this.segments[0]?.durationMs ?? 0) >= this.#windowMs
    ) {
      const gone = this.segments.shift();
      this.#durationMs -= gone?.durationMs ?? 0;
      if (gone?.parts.some(part => part.discontinuity)) this.#discontinuitySequence += 1;
    }
  }

  get newest(): LivePart | undefined {
    return this.segments.at(-1)?.parts.at(-1);
  }

  /** That the next part will have. */
  get nextNumber(): number {
    return this.#nextPart;
  }

  /** Of the newest segment there has been; 0 before the first. */
  get newestSequence(): number {
    return Math.max(0, this.#nextSegment - 1);
  }

  /** The live edge for one who joins: the parts from the newest keyframe on. */
  sinceNewestKeyframe(): LivePart[] {
    const parts: LivePart[] = [];
    for (const segment of this.segments.toReversed()) {
      for (const part of segment.parts.toReversed()) {
        parts.unshift(part);
        if (part.independent) return parts;
      }
    }
    return [];
  }

  /** Everything from the last keyframe before the part `number` on; empty when that has left the window. */
  sinceKeyframeBefore(number: number): LivePart[] {
    const keyframe = this.segments
      .flatMap(({ parts }) => parts)
      .findLast(part => part.independent && part.number < number);
    return keyframe ? (this.partsFrom(keyframe.number) ?? []) : [];
  }

  part(number: number): LivePart | undefined {
    const segment = this.segments.findLast(({ parts }) => (parts[0]?.number ?? 0) <= number);
    return segment?.parts[number - (segment.parts[0]?.number ?? 0)];
  }

  /** All parts from `number` on, or undefined when the first of them has left the window. */
  partsFrom(number: number): LivePart[] | undefined {
    const newest = this.newest?.number ?? -1;
    if (number > newest) return [];
    if (number < (this.segments[0]?.parts[0]?.number ?? 0)) return undefined;
    const parts: LivePart[] = [];
    for (let next = newest; next >= number; next -= 1) {
      const part = this.part(next);
      if (part) parts.unshift(part);
    }
    return parts;
  }

  segment(sequence: number): LiveSegment | undefined {
    return this.segments[sequence - (this.segments[0]?.sequence ?? 0)];
  }

  /** Shrinks only when all is forgotten: EXT-X-TARGETDURATION and PART-TARGET of a list must not (RFC 8216 §6.2.1). */
  get longest(): { segmentMs: number; partMs: number } {
    return { segmentMs: this.#longestSegmentMs, partMs: this.#longestPartMs };
  }

  /** EXT-X-DISCONTINUITY-SEQUENCE: discontinuities that have left the window. */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence;
  }
}
