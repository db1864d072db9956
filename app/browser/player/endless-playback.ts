/**
 * The stream in one media element for as long as somebody watches: live, or from some time ago; in one quality or another.
 * Decides what is asked of the line, and when; leaves data to EndlessLine and the place of playback to LiveEdge.
 */
import { EndlessLine, type How, type LineOptions } from './endless-line.ts';
import type { LiveClock } from './live-clock.ts';
import { LiveEdge } from './live-edge.ts';
import { watchWaking } from './wake.ts';

type PlaybackOptions = LineOptions & { clock: LiveClock };

const tickMs = 500;
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
  readonly line: EndlessLine;
  readonly #options: PlaybackOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopWatching: () => void;
  /** Whether what is asked for begins at the live edge. */
  #asksForLive = true;
  #fromS = 0;
  #pausedMs: number | undefined;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.edge = new LiveEdge(options.video);
    this.line = new EndlessLine(options, {
      onBegin: isClear => {
        if (isClear) this.edge.restart();
      },
      onBuffered: () => this.#onBuffered(),
      askAgain: wasRefused => this.#askAgain(wasRefused),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#stopWatching = watchWaking({ wake: () => this.hurry(), sight: () => this.#onSight() });
    this.line.ask({ clear: false, seamless: false });
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
    if (this.#asksForLive && this.line.isOpen && !this.line.backlog.isMuch) this.edge.follow();
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
    if (covers(this.#options.video.buffered, toS)) this.edge.leave(toS);
    else this.#leaveFor(toS);
  }

  /** To the oldest that is to be had. */
  goToStart(): void {
    if (this.#liveS !== undefined) this.#leaveFor(0);
  }

  /** The same moment in another quality; at once where the line is full of the one before. */
  setQuality(quality: string, atOnce: boolean): void {
    if (quality === this.line.quality) return;
    this.line.quality = quality;
    if (this.#asksForLive) this.line.ask({ clear: atOnce, seamless: !atOnce });
    else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: true });
  }

  /** Nothing that was known of the line counts any more. */
  hurry(): void {
    this.#options.clock.forget();
    void this.#options.clock.ask();
    this.line.forgive();
    if (!this.#options.isOn()) return;
    if (this.edge.isFollowing) this.#askForLive();
    else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: false });
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#stopWatching();
    this.edge.dispose();
    this.line.dispose();
  }

  get #liveS(): number | undefined {
    const isAtEdge = this.#asksForLive && this.#options.video.buffered.length > 0;
    return this.#options.clock.nowS ?? (isAtEdge ? this.#bufferedEndS : undefined);
  }

  get #bufferedEndS(): number {
    const { buffered, currentTime } = this.#options.video;
    return buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
  }

  #leaveFor(toS: number): void {
    this.#fromS = toS;
    this.edge.leave(this.#options.video.currentTime);
    this.#askFrom(toS, { clear: true, seamless: false });
  }

  #askForLive(): void {
    this.#asksForLive = true;
    this.edge.followNext();
    this.line.ask({ clear: true, seamless: false });
  }

  #askFrom(fromS: number, how: How): void {
    const nowS = this.#liveS;
    if (nowS === undefined) {
      this.#askForLive();
      return;
    }
    this.#asksForLive = false;
    this.line.ask(how, { ago: String(Math.min(furthestS, Math.max(1, Math.ceil(nowS - fromS)))) });
  }

  #askAgain(wasRefused: boolean): void {
    // What was refused may be the past: it can be turned off, or full.
    if (this.edge.isFollowing || wasRefused) {
      // A server that was started again counts its time anew.
      this.#options.clock.forget();
      void this.#options.clock.ask();
      this.#askForLive();
    } else this.#askFrom(this.#bufferedEndS, { clear: false, seamless: false });
  }

  #onBuffered(): void {
    if (this.#options.video.buffered.length === 0) return;
    this.edge.onData(this.#fromS);
    if (this.#asksForLive) this.line.reached(this.#bufferedEndS);
  }

  #onSight(): void {
    void this.#options.clock.ask();
    if (!this.#options.isOn() || !this.edge.isFollowing) return;
    if (this.line.isSilent) this.hurry();
    else if (this.edge.aheadS > this.edge.targetS + 1) this.edge.follow();
  }

  #tick(): void {
    if (!this.#options.isOn() || this.#rests() || this.line.isUnplayable) return;
    if (!this.line.isOpen) {
      // One who has gone back in time has read far enough ahead: on when he comes near the end of it.
      if (!this.line.isWaiting && this.edge.aheadS <= aheadAtLeastS) this.#askAgain(false);
      return;
    }
    if (this.line.check() && this.line.backlog.lasts(performance.now(), this.#asksForLive)) this.#overtake();
    if (!this.#asksForLive && this.edge.aheadS > aheadAtMostS) this.line.stop();
  }

  /** Whether nobody has watched for so long that nothing more is read. */
  #rests(): boolean {
    const nowMs = performance.now();
    if (!this.#options.video.paused) this.#pausedMs = undefined;
    else this.#pausedMs ??= nowMs;
    if (this.#pausedMs === undefined || nowMs - this.#pausedMs < restAfterMs) return false;
    this.line.stop();
    return true;
  }

  #overtake(): void {
    this.line.overtake();
    if (this.edge.isFollowing) this.#askForLive();
    else this.line.ask({ clear: false, seamless: false });
  }
}

function covers(buffered: TimeRanges, atS: number): boolean {
  for (let index = 0; index < buffered.length; index += 1) {
    if (atS >= buffered.start(index) && atS < buffered.end(index) - 0.5) return true;
  }
  return false;
}
