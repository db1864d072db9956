/**
 * One viewer's endless fMP4 response: the init segment, then the channel's parts from the newest keyframe on, for
 * as long as both sides like. Holds a position, never a copy: what a viewer can't take in time is left out, and he
 * goes on at the newest keyframe. Knows no HTTP: whoever calls brings a Writable and a clock.
 */
import type { Writable } from 'node:stream';
import type { LiveChannel } from '../live/channel.ts';
import type { LivePart } from '../live/window.ts';
import type { InitSegment } from '../segments/init-segment.ts';
import type { DeliveryConfig } from './config.ts';
import { durationMsOf, type Packaging } from './packaging/packaging.ts';
import { Unplayed } from './unplayed.ts';

// An empty box, which every demuxer passes over (ISO/IEC 14496-12 §8.1.2): it tells both ends that the line is up.
const freeBox = Buffer.from([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65]);
const keepAliveMs = 15_000;
// How far a viewer may lag before parts are left out: a little, so that a hiccup costs no picture.
const maxLagMs = 1500;

/** Whether samples of `next` decode where `first` was the init segment: same tracks, same codecs, same clocks. */
export function sameTracks(first: InitSegment, next: InitSegment): boolean {
  const shape = ({ tracks }: InitSegment) =>
    tracks.map(({ id, codec, timescale }) => `${id} ${codec.slice(0, 4)} ${timescale}`).join();
  return shape(first) === shape(next);
}

// How much may wait on the way to the viewer before parts are left out, and how little when he goes on.
const fullMs = 900;
const clearMs = 250;

/** What is known of the way to a viewer beyond our own socket. */
export type Line = {
  /** How long what waits there will take, or how long it has waited, in ms. */
  readonly queuedMs: number;
};

export type EndlessDeps = {
  channel: LiveChannel;
  sink: Writable;
  packaging: Packaging;
  /** Undefined where nobody tells: when the way is full is then seen by the sink alone. */
  line?: Line | undefined;
  now: () => number;
};

export class EndlessView {
  readonly #channel: LiveChannel;
  readonly #sink: Writable;
  readonly #packaging: Packaging;
  readonly #line: Line | undefined;
  readonly #now: () => number;
  readonly #config: DeliveryConfig;
  readonly #unsubscribe: () => void;
  readonly #unplayed: Unplayed;
  #init: InitSegment | undefined;
  #last: LivePart | undefined;
  #blockedSinceMs: number | undefined;
  #lastPartMs: number;
  #lastWriteMs: number;
  #waitsForLine = false;
  #closed = false;

  constructor(deps: EndlessDeps, config: DeliveryConfig) {
    this.#channel = deps.channel;
    this.#packaging = deps.packaging;
    this.#line = deps.line;
    this.#sink = deps.sink;
    this.#now = deps.now;
    this.#config = config;
    this.#lastPartMs = this.#lastWriteMs = deps.now();
    this.#unplayed = new Unplayed(this.#lastPartMs);
    this.#unsubscribe = this.#channel.events.subscribe(event => {
      if (event.type === 'part') this.#advance();
    });
    this.#sink.on('drain', () => {
      this.#blockedSinceMs = undefined;
      this.#advance();
    });
    this.#sink.once('close', () => this.close());
    this.#sink.on('error', () => this.close());
    if (this.#channel.state === 'live') this.#advance();
  }

  /** To be called about once a second: keep-alives, waits that took too long, connections that died. */
  tick(): void {
    const nowMs = this.#now();
    if (this.#blockedSinceMs !== undefined) {
      // Also after our own end: it waits for the last bytes to be taken.
      if (nowMs - this.#blockedSinceMs > this.#config.deadAfterS * 1000) this.#sink.destroy();
      return;
    }
    if (this.#closed) return;
    const patienceS = this.#init ? this.#config.gapS : this.#config.waitS;
    if (nowMs - this.#lastPartMs > patienceS * 1000) this.close();
    else if (this.#init && nowMs - this.#lastWriteMs >= keepAliveMs) this.#write([freeBox]);
  }

  /** Ends the response cleanly. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#sink.end();
  }

  #advance(): void {
    if (this.#closed || this.#blockedSinceMs !== undefined) return;
    const nowMs = this.#now();
    const waited = this.#waitsForLine;
    this.#waitsForLine = this.#isLineFull(nowMs);
    if (this.#waitsForLine) return;
    const missed = waited ? undefined : this.#missed();
    const unplayedMs = this.#unplayed.ms;
    const due = missed
      ? {
          parts: missed,
          chunks: missed.flatMap(part => this.#packaging.next(part)),
          lastsMs: durationMsOf(missed),
        }
      : this.#packaging.begin(this.#channel.window, this.#last, { nowMs, unplayedMs });
    const last = due?.parts.at(-1);
    if (!due || !last) return;
    const chunks = this.#init ? due.chunks : [this.#packaging.init(last.init), ...due.chunks];
    if (!due.parts.every(part => this.#decodes(part))) {
      // A second moov in one response shows garbage: end it, and let the viewer ask anew.
      this.close();
      return;
    }
    this.#last = last;
    this.#lastPartMs = nowMs;
    this.#unplayed.give(due.lastsMs);
    this.#write(chunks);
  }

  /** Whether the circuit carries less than the stream, so that the newest part would only wait. */
  #isLineFull(nowMs: number): boolean {
    if (!this.#line || !this.#last) return false;
    const { queuedMs } = this.#line;
    // While nothing is written only what was written before waits, however long.
    this.#unplayed.advance(nowMs, Math.max(0, queuedMs - (nowMs - this.#lastPartMs)));
    if (!this.#waitsForLine) return queuedMs > fullMs;
    if (queuedMs > clearMs) return true;
    const { keptMs } = this.#packaging;
    const unplayedMs = this.#unplayed.ms;
    // All that waited came at once: the line stood still, and carries enough when it does not.
    if (keptMs !== undefined && unplayedMs > 0) return unplayedMs > keptMs;
    // He goes on with a keyframe that has just come: a burst of what came since the last one would fill the line again.
    return !this.#channel.window.newest?.independent;
  }

  /** The parts since the last one, or undefined for one who has none yet or has fallen too far behind. */
  #missed(): LivePart[] | undefined {
    if (!this.#last) return undefined;
    const missed = this.#channel.window.partsFrom(this.#last.number + 1);
    return missed && (missed.length <= 1 || durationMsOf(missed) <= maxLagMs) ? missed : undefined;
  }

  /** Whether the part can follow what was sent; takes its init segment as the one in force. */
  #decodes(part: LivePart): boolean {
    const before = this.#init;
    this.#init = part.init;
    return !before || before.id === part.init.id || (part.selfContained && sameTracks(before, part.init));
  }

  #write(chunks: readonly Buffer[]): void {
    this.#lastWriteMs = this.#now();
    // Corked, a burst leaves in one system call.
    this.#sink.cork();
    let room = true;
    for (const chunk of chunks) room = this.#sink.write(chunk);
    this.#sink.uncork();
    if (!room) this.#blockedSinceMs = this.#lastWriteMs;
  }
}
