/**
 * One viewer's endless fMP4 response that begins some time ago: at the pace of the stream, from disk, for as long as both
 * sides like. Where the stream had paused it goes on at once. Whoever can't keep the pace falls further behind, and, at
 * the end of what is kept, is moved on to a keyframe. Holds a position, and one read's worth of bytes.
 */
import type { Writable } from 'node:stream';
import { type Dvr, endMsOf } from '../live/dvr.ts';
import type { KeptPart } from '../live/dvr-file.ts';
import type { InitSegment } from '../segments/init-segment.ts';
import { parsePart, shiftPart } from '../segments/part.ts';
import type { DeliveryConfig } from './config.ts';
import { sameTracks } from './endless.ts';
import { fill } from './packaging/fragment.ts';

/** `true`: on the channel's timeline, for a script that skips pauses itself. `false`: without a gap, for a `<video>`. */
export type KeepsTimeline = boolean;

type RewoundDeps = {
  dvr: Dvr;
  sink: Writable;
  first: KeptPart;
  keepsTimeline: KeepsTimeline;
  now: () => number;
};

// So much is given ahead of the pace: it is the viewer's buffer.
const aheadMs = 5000;
const readBytes = 256 * 1024;
const keepAliveMs = 15_000;
// Less than this between two parts is rounding.
const pauseMs = 300;

export class RewoundView {
  readonly #deps: RewoundDeps;
  readonly #config: DeliveryConfig;
  readonly #begunAtMs: number;
  readonly #firstMs: number;
  /** Pauses of the stream that were left out so far. */
  #skippedMs = 0;
  #next: number;
  #endMs: number | undefined;
  #init: InitSegment | undefined;
  #blockedSinceMs: number | undefined;
  #lastPartMs: number;
  #lastWriteMs: number;
  #isBusy = false;
  #isClosed = false;

  constructor(deps: RewoundDeps, config: DeliveryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#begunAtMs = this.#lastPartMs = this.#lastWriteMs = deps.now();
    this.#firstMs = deps.first.startMs;
    this.#next = deps.first.number;
    deps.sink.on('drain', () => {
      this.#blockedSinceMs = undefined;
      void this.#advance();
    });
    deps.sink.once('close', () => this.close());
    deps.sink.on('error', () => this.close());
    void this.#advance();
  }

  /** To be called about twice a second: the pace, keep-alives, connections that died, a stream that is over. */
  tick(): void {
    const nowMs = this.#deps.now();
    if (this.#blockedSinceMs !== undefined) {
      if (nowMs - this.#blockedSinceMs > this.#config.deadAfterS * 1000) this.#deps.sink.destroy();
      return;
    }
    if (this.#isClosed) return;
    if (nowMs - this.#lastPartMs > this.#config.gapS * 1000) this.close();
    else if (nowMs - this.#lastWriteMs >= keepAliveMs) this.#write(fill(1));
    else void this.#advance();
  }

  /** Ends the response cleanly. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deps.sink.end();
  }

  async #advance(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (!this.#isClosed && this.#blockedSinceMs === undefined) {
        const due = this.#due();
        if (due.length === 0) return;
        const bytes = await this.#deps.dvr.read(due);
        // Removed while it was read: what is there now comes next.
        if (bytes && !this.#isClosed) this.#send(due, bytes);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** What the pace allows to be sent now. */
  #due(): readonly KeptPart[] {
    const parts = this.#deps.dvr.from(this.#next, readBytes);
    const [first] = parts;
    if (first && this.#endMs !== undefined) {
      const gapMs = first.startMs - this.#skippedMs - this.#endMs;
      if (Math.abs(gapMs) > pauseMs) this.#skippedMs += gapMs;
    }
    const dueMs = this.#firstMs + this.#deps.now() - this.#begunAtMs + aheadMs;
    const until = parts.findIndex(part => part.startMs - this.#skippedMs > dueMs);
    return until < 0 ? parts : parts.slice(0, until);
  }

  #send(parts: readonly KeptPart[], bytes: readonly Buffer[]): void {
    const chunks: Buffer[] = [];
    for (const [index, part] of parts.entries()) {
      const chunk = bytes[index];
      const gapMs = part.startMs - this.#skippedMs - (this.#endMs ?? part.startMs - this.#skippedMs);
      // A pause within one read: it is looked at again on its own.
      if (!chunk || Math.abs(gapMs) > pauseMs) break;
      if (!this.#decodes(part)) {
        // A second moov in one response shows garbage: end it, and let the viewer ask anew.
        this.#write(chunks);
        this.close();
        return;
      }
      if (!this.#init) chunks.push(part.init.bytes);
      this.#init = part.init;
      chunks.push(this.#deps.keepsTimeline ? chunk : earlier(part, chunk, this.#skippedMs));
      this.#endMs = endMsOf(part) - this.#skippedMs;
      this.#next = part.number + 1;
      this.#lastPartMs = this.#deps.now();
    }
    this.#write(chunks);
  }

  #decodes(part: KeptPart): boolean {
    const before = this.#init;
    return !before || before.id === part.init.id || (part.selfContained && sameTracks(before, part.init));
  }

  #write(chunks: readonly Buffer[]): void {
    const { sink, now } = this.#deps;
    this.#lastWriteMs = now();
    sink.cork();
    let room = true;
    for (const chunk of chunks) room = sink.write(chunk);
    sink.uncork();
    if (!room) this.#blockedSinceMs = this.#lastWriteMs;
  }
}

function earlier({ init }: KeptPart, bytes: Buffer, earlierMs: number): Buffer {
  if (earlierMs === 0) return bytes;
  const part = parsePart(bytes, init);
  shiftPart(part, init, -earlierMs);
  return part.bytes;
}
