/**
 * A channel's live feed: its window, state and start. Takes readings of the channel folder and tells the time;
 * owns no file, no viewer and no protocol.
 */
import { Topic } from '../lib/topic.ts';
import type { CompletePart, FolderReading } from '../segments/channel-folder.ts';
import type { InitSegment } from '../segments/init-segment.ts';
import { type ParsedPart, shiftPart } from '../segments/part.ts';
import type { LiveConfig } from './config.ts';
import { type ChannelState, channelState, isOn } from './state.ts';
import { type EncoderRun, Timeline } from './timeline.ts';
import { type LivePart, Window } from './window.ts';

// An encoder that is back so soon goes on with what was listed.
const comesBackMs = 5000;

export type LiveEvent = { type: 'part'; part: LivePart } | { type: 'state'; state: ChannelState };

/** The start of a part on the timeline that it lies on now, in ms: the earliest of its tracks. */
export function startMsOf(part: Pick<ParsedPart, 'fragments'>, init: InitSegment): number {
  const runs = part.fragments[0]?.runs ?? [];
  const starts = runs.map(run => {
    const track = init.tracks.find(({ id }) => id === run.trackId);
    return track ? (run.decodeTime / track.timescale) * 1000 : Number.POSITIVE_INFINITY;
  });
  return Math.min(...starts, Number.MAX_SAFE_INTEGER);
}

export class LiveChannel {
  readonly name: string;
  readonly events = new Topic<LiveEvent>();
  readonly window: Window;
  readonly #config: LiveConfig;
  #state: ChannelState = 'offline';
  #init: InitSegment | undefined;
  #startedAtMs: number | undefined;
  readonly #timeline: Timeline;
  /** The encoder run that the newest part is of. */
  #run: EncoderRun | undefined;
  #isNewRun = true;
  /** Ended by hand. */
  #isOver = false;
  #endMs = 0;
  #overSinceMs: number | undefined;
  #silentSince: { completedAtMs: number; durationMs: number } | undefined;

  /** Renditions of one channel share a `timeline`. */
  constructor(name: string, config: LiveConfig, timeline = new Timeline()) {
    this.name = name;
    this.#config = config;
    this.#timeline = timeline;
    this.window = new Window({ windowMs: config.windowS * 1000, segmentMs: config.segmentS * 1000 });
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** The init segment of the newest part, or of the encoder that is about to write one. */
  get init(): InitSegment | undefined {
    return this.#init;
  }

  /** When the stream started, by start.txt or else by its first part; undefined while it is not on. */
  get startedAtMs(): number | undefined {
    return isOn(this.#state) ? this.#startedAtMs : undefined;
  }

  /** Takes a reading of the channel folder and publishes what has changed. */
  apply(reading: FolderReading, nowMs: number): void {
    if (reading.init) {
      this.#init = reading.init;
      this.#isNewRun = true;
      this.#isOver = false;
    }
    const parts = this.#init ? reading.parts : [];
    const newest = parts.at(-1);
    if (newest) this.#silentSince = newest;
    else if (reading.init) this.#silentSince = undefined;
    this.#settle(reading, nowMs, parts);
    const state = this.#stateAt(reading, nowMs);
    const begins = reading.init !== undefined || state === 'starting' || isOn(state);
    if (!isOn(this.#state)) this.#forgetLastStream(begins, nowMs);
    for (const part of parts) if (this.#init) this.#append(part, this.#init);
    this.#changeState(state);
    this.#overSinceMs = isOn(state) ? undefined : (this.#overSinceMs ?? nowMs);
  }

  /** At the next one's beginning nothing of it may be shown any more, else when nobody can still be playing it. */
  #forgetLastStream(begins: boolean, nowMs: number): void {
    const { newest } = this.window;
    if (!newest) return;
    const isOld = begins
      ? nowMs - newest.completedAtMs > comesBackMs
      : nowMs - (this.#overSinceMs ?? nowMs) > this.#config.windowS * 1000;
    if (!isOld) return;
    this.window.clear();
    // Also the encoder that had only paused begins anew, with a keyframe.
    this.#isNewRun = true;
  }

  /** Nobody waits for an encoder that is gone to come back, unless another one begins. */
  end(): void {
    this.#isOver = true;
    if (this.#state === 'stalled') this.#changeState('ended');
  }

  #settle(reading: FolderReading, nowMs: number, parts: readonly CompletePart[]): void {
    if (reading.startedAtMs !== undefined && reading.startedAtMs <= nowMs)
      this.#startedAtMs = reading.startedAtMs;
    else if (this.#state === 'offline' || this.#state === 'ended' || this.#state === 'starting') {
      const first = parts[0];
      if (first) this.#startedAtMs = first.completedAtMs - first.durationMs;
    }
  }

  #stateAt(reading: FolderReading, nowMs: number): ChannelState {
    const { encoder, playlist, playlistChangedAtMs } = reading;
    const endAfterStallMs = this.#config.endAfterStallS * 1000;
    const state = channelState({
      encoder,
      playlist,
      playlistChangedAtMs,
      newest: this.#silentSince,
      nowMs,
      endAfterStallMs,
    });
    return this.#isOver && state === 'stalled' ? 'ended' : state;
  }

  #changeState(state: ChannelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.events.publish({ type: 'state', state });
  }

  /** Every encoder run counts from zero; on the channel's timeline it goes on where the wall clock is. */
  #append(part: CompletePart, init: InitSegment): void {
    const beginsRun = this.#isNewRun;
    // We came in the middle of a run: until its next keyframe nobody can decode it.
    if (beginsRun && !part.independent) return;
    const timed = { ...part, startMs: startMsOf(part, init) };
    if (beginsRun) this.#run = this.#timeline.begin(timed, this.#run, this.#endMs);
    this.#isNewRun = false;
    if (!this.#run) return;
    const { shiftMs } = this.#run;
    if (shiftMs !== 0) shiftPart(part, init, shiftMs);
    this.#timeline.advance(this.#run, timed);
    this.#endMs = timed.startMs + shiftMs + part.durationMs;
    this.events.publish({ type: 'part', part: this.window.push(part, init, beginsRun) });
  }
}
