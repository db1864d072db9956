/**
 * The stream in one media element for as long as somebody watches: what is asked of the server, and when again. Live, or
 * from some time ago; in one quality or another. Owns the line; leaves bytes to EndlessSource and the place of
 * playback to LiveEdge.
 */
import { Arrivals } from './arrivals.ts';
import { Backlog } from './backlog.ts';
import { type EndlessFailure, EndlessSource } from './endless-source.ts';
import { LineWatch } from './line-watch.ts';
import type { LiveClock } from './live-clock.ts';
import { LiveEdge } from './live-edge.ts';
import { watchWaking } from './wake.ts';

export type Trouble =
  | { kind: 'codec'; type: string }
  /** MSE is of no use any more. */
  | { kind: 'decode' }
  /** It is being tried again; `sentence`: the server's own, if it had one. */
  | { kind: 'line'; failures: number; sentence: string };

type PlaybackOptions = {
  video: HTMLVideoElement;
  attach(objectUrl: string): void;
  clock: LiveClock;
  /** The address of the stream with these parameters. */
  urlOf(parameters: Readonly<Record<string, string>>): string;
  quality: string;
  isOn(): boolean;
  onTrouble(trouble: Trouble): void;
  /** Data comes again. */
  onRelief(): void;
};

const tickMs = 500;
// Seconds that wait in the circuit while data keeps coming: what is asked for anew overtakes them.
const backlogS = 4;
// What stood still for a while comes in a burst, and is soon over.
const backloggedMs = 2000;
// So long a paused player reads on, for one who comes back soon.
const restAfterMs = 60_000;
// One who went back in time is given his data at the stream's pace, and reads no further than this.
const aheadAtMostS = 90;
const aheadAtLeastS = 20;
// Nearer than this to the newest picture is live.
const liveS = 3;
// The server takes no more digits.
const furthestS = 999_999;

export class EndlessPlayback {
  readonly edge: LiveEdge;
  readonly arrivals = new Arrivals(performance.now());
  readonly backlog = new Backlog();
  readonly #options: PlaybackOptions;
  readonly #source: EndlessSource;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopWatching: () => void;
  readonly #line = new LineWatch();
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Whether what is asked for begins at the live edge. */
  #asksForLive = true;
  #fromS = 0;
  /** What is asked for, and what plays. */
  #quality: string;
  #playing: string;
  #type = '';
  #reconnects = 0;
  #backloggedSinceMs: number | undefined;
  #pausedMs: number | undefined;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#quality = this.#playing = options.quality;
    this.edge = new LiveEdge(options.video);
    this.#source = new EndlessSource({
      video: options.video,
      attach: options.attach,
      onBytes: bytes => this.#onBytes(bytes),
      onBegin: (type, isClear) => this.#onBegin(type, isClear),
      onBuffered: () => this.#onBuffered(),
      onFailure: failure => this.#onFailure(failure),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#stopWatching = watchWaking({ wake: () => this.hurry(), sight: () => this.#onSight() });
    this.#ask({ clear: false, seamless: false });
  }

  /** Codecs of what plays. */
  get type(): string {
    return this.#type;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  /** Seconds between what is shown and what the server could show; as far as buffers go where it has not said. */
  get behindS(): number {
    const nowS = this.#liveS;
    return nowS === undefined ? this.edge.aheadS : Math.max(0, nowS - this.#options.video.currentTime);
  }

  get isLive(): boolean {
    return this.edge.atEdge && this.behindS < this.edge.targetS + liveS + 1;
  }

  goLive(): void {
    if (this.#asksForLive && this.#source.isOpen && this.backlog.seconds < backlogS) this.edge.follow();
    else this.#askForLive();
  }

  /** To what was shown `behindS` seconds ago, as far as that is still to be had. */
  goBack(behindS: number): void {
    const nowS = this.#liveS;
    if (nowS === undefined || behindS < liveS) {
      this.goLive();
      return;
    }
    const toS = nowS - Math.min(behindS, Math.max(this.#options.clock.rewindS, liveS));
    if (covers(this.#options.video.buffered, toS)) {
      this.edge.leave(toS);
      return;
    }
    this.#fromS = toS;
    this.edge.leave(this.#options.video.currentTime);
    this.#askFrom(toS, { clear: true, seamless: false });
  }

  /** To the oldest that is to be had. */
  goToStart(): void {
    if (this.#liveS === undefined) return;
    this.#fromS = 0;
    this.edge.leave(this.#options.video.currentTime);
    this.#askFrom(0, { clear: true, seamless: false });
  }

  /** The same moment in another quality; at once where the line is full of the one before. */
  setQuality(quality: string, atOnce: boolean): void {
    if (quality === this.#quality) return;
    this.#quality = quality;
    if (this.#asksForLive) this.#ask({ clear: atOnce, seamless: !atOnce });
    else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: true });
  }

  /** Nothing that was known of the line counts any more. */
  hurry(): void {
    this.backlog.reset();
    this.#options.clock.forget();
    void this.#options.clock.ask();
    this.#line.forgive();
    if (!this.#options.isOn()) return;
    if (this.edge.isFollowing) this.#askForLive();
    else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: false });
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    this.#stopWatching();
    this.edge.dispose();
    this.#source.dispose();
  }

  get #liveS(): number | undefined {
    const isAtEdge = this.#asksForLive && this.#options.video.buffered.length > 0;
    return this.#options.clock.nowS ?? (isAtEdge ? this.#bufferedEndS : undefined);
  }

  get #bufferedEndS(): number {
    const { buffered, currentTime } = this.#options.video;
    return buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
  }

  /** To be looked at at each tick. */
  #isBacklogged(): boolean {
    const nowMs = performance.now();
    if (!this.#asksForLive || this.backlog.seconds < backlogS) this.#backloggedSinceMs = undefined;
    else this.#backloggedSinceMs ??= nowMs;
    return this.#backloggedSinceMs !== undefined && nowMs - this.#backloggedSinceMs > backloggedMs;
  }

  #askForLive(): void {
    this.#asksForLive = true;
    this.edge.follow();
    this.#ask({ clear: true, seamless: false });
  }

  #askFrom(fromS: number, how: { clear: boolean; seamless: boolean }): void {
    const nowS = this.#liveS;
    if (nowS === undefined) {
      this.#askForLive();
      return;
    }
    this.#asksForLive = false;
    this.#ask(how, { ago: String(Math.min(furthestS, Math.max(1, Math.ceil(nowS - fromS)))) });
  }

  #ask(how: { clear: boolean; seamless: boolean }, parameters: Readonly<Record<string, string>> = {}): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#line.asked(!how.seamless);
    const quality: Record<string, string> = this.#quality === '' ? {} : { quality: this.#quality };
    this.#source.ask({ ...how, url: this.#options.urlOf({ ...quality, ...parameters }) });
  }

  #onBegin(type: string, isClear: boolean): void {
    this.#type = type;
    this.#playing = this.#quality;
    if (isClear) this.edge.restart();
    this.#line.begun();
    this.arrivals.restart(performance.now());
  }

  #onBytes(bytes: number): void {
    this.#line.came();
    this.arrivals.add(this.#line.bytesMs, bytes);
  }

  #onBuffered(): void {
    const { buffered } = this.#options.video;
    if (buffered.length === 0) return;
    this.edge.onData(this.#fromS);
    if (this.#asksForLive) this.backlog.add(this.#line.bytesMs, buffered.end(buffered.length - 1));
  }

  #onFailure(failure: EndlessFailure): void {
    const { onTrouble, isOn } = this.#options;
    if (failure.kind === 'decode') {
      onTrouble(failure);
      return;
    }
    if (this.#source.isOpen) {
      // What was to take over did not come: the one before goes on.
      this.#quality = this.#playing;
      return;
    }
    if (failure.kind === 'codec') {
      onTrouble(failure);
      return;
    }
    if (!isOn()) return;
    const refused = failure.kind === 'refused' ? failure : undefined;
    const waitMs = Math.max(refused?.retryAfterMs ?? 0, this.#line.failed());
    this.#reconnects += 1;
    this.#retry = setTimeout(() => this.#askAgain(refused !== undefined), waitMs);
    onTrouble({ kind: 'line', failures: this.#line.failures, sentence: refused?.sentence ?? '' });
  }

  #askAgain(wasRefused: boolean): void {
    // What was refused may be the past: it can be turned off, or full.
    if (this.edge.isFollowing || wasRefused) this.#askForLive();
    else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: false });
  }

  #onSight(): void {
    void this.#options.clock.ask();
    if (!this.#options.isOn() || !this.edge.isFollowing) return;
    if (this.#line.isSilent || !this.#source.isOpen) this.hurry();
    else if (this.edge.aheadS > this.edge.targetS + 1) this.edge.follow();
  }

  #tick(): void {
    if (!this.#options.isOn() || this.#rests()) return;
    if (!this.#source.isOpen) {
      this.#readOn();
      return;
    }
    if (this.#line.isDead) {
      this.#source.stop();
      this.#onFailure({ kind: 'network' });
    } else if (this.#line.hasSettled) {
      if (this.#line.failures > 0) this.#options.onRelief();
      this.#line.forgive();
      if (this.#isBacklogged()) this.#overtake();
    }
    if (!this.#asksForLive && this.edge.aheadS > aheadAtMostS) this.#source.stop();
  }

  /** Whether nobody has watched for so long that nothing more is read. */
  #rests(): boolean {
    const nowMs = performance.now();
    if (!this.#options.video.paused) this.#pausedMs = undefined;
    else this.#pausedMs ??= nowMs;
    if (this.#pausedMs === undefined || nowMs - this.#pausedMs < restAfterMs) return false;
    this.#source.stop();
    return true;
  }

  /** Leaves what waits in the circuit where it is. */
  #overtake(): void {
    this.#reconnects += 1;
    this.backlog.reset();
    if (this.edge.isFollowing) this.#askForLive();
    else this.#ask({ clear: false, seamless: false });
  }

  /** One who has gone back in time has read far enough ahead: on when he comes near the end of it. */
  #readOn(): void {
    if (this.#retry !== undefined || this.edge.aheadS > aheadAtLeastS) return;
    this.#askAgain(false);
  }
}

function covers(buffered: TimeRanges, atS: number): boolean {
  for (let index = 0; index < buffered.length; index += 1) {
    if (atS >= buffered.start(index) && atS < buffered.end(index) - 0.5) return true;
  }
  return false;
}
