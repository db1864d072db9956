/**
 * Keeps playback close behind the newest data: a little faster when it lags, a little slower when it would run dry,
 * a jump when it is far behind. Follows only while it is told to; who has gone back in time is left in peace.
 */
import { TargetDistance } from './target-distance.ts';

const checkMs = 100;
const jumpBehindS = 1.5;
const jumpAfterStallS = 0.4;
// Parts arrive in bursts: what counts is the least that was buffered within a second.
const windowChecks = 10;
// A seek makes the element wait too, and so does the beginning.
const seekMs = 500;
const beginMs = 1500;

export class LiveEdge {
  readonly #video: HTMLVideoElement;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #target = new TargetDistance(performance.now());
  #aheadS: number[] = [];
  #isFollowing = true;
  #isPlaced = false;
  #awaitsNext = false;
  #checkedMs = 0;
  #soughtMs = Number.NEGATIVE_INFINITY;
  #placedMs = 0;
  #dryMs: number | undefined;
  #stalls = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#timer = setInterval(() => this.#check(), checkMs);
    video.addEventListener('waiting', this.#onDry);
    video.addEventListener('playing', this.#onPlaying);
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  get stalls(): number {
    return this.#stalls;
  }

  /** How far behind the newest data it wants to be. */
  get targetS(): number {
    return this.#target.seconds;
  }

  /** Buffered and not yet played. */
  get aheadS(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  }

  get atEdge(): boolean {
    return this.#isFollowing && !this.#video.paused && this.aheadS < this.#target.seconds + jumpBehindS + 1;
  }

  /** To stay at the newest data once a response that begins there has come; what plays goes on until then. */
  followNext(): void {
    this.#isFollowing = true;
    this.#awaitsNext = true;
  }

  /** To the newest data, and to stay there. */
  follow(): void {
    this.#isFollowing = true;
    const { buffered } = this.#video;
    if (buffered.length === 0) return;
    const last = buffered.length - 1;
    this.#seek(Math.max(buffered.start(last), buffered.end(last) - this.#target.seconds - 0.1));
  }

  /** To another place, and on from there at the stream's own pace. */
  leave(toS: number): void {
    this.#isFollowing = this.#awaitsNext = false;
    this.#video.playbackRate = 1;
    this.#seek(toS);
  }

  /** Data of another place is about to come: the first of it sets where to begin, at or after `fromS`. */
  restart(): void {
    this.#isPlaced = this.#awaitsNext = false;
  }

  /** To be called when data has come. `fromS`: where one who does not follow wants to begin. */
  onData(fromS: number): void {
    const { buffered } = this.#video;
    if (buffered.length === 0) return;
    if (!this.#isPlaced) {
      this.#isPlaced = true;
      this.#placedMs = performance.now();
      if (this.#isFollowing) this.follow();
      else this.leave(Math.max(buffered.start(0), Math.min(fromS, buffered.end(0) - 0.1)));
    }
    // Timers of a hidden page are slow, data is not.
    if (performance.now() - this.#checkedMs > 2 * checkMs) this.#check();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#video.removeEventListener('waiting', this.#onDry);
    this.#video.removeEventListener('playing', this.#onPlaying);
  }

  #seek(toS: number): void {
    this.#soughtMs = performance.now();
    this.#video.currentTime = toS;
    this.#aheadS = [];
  }

  readonly #onDry = (): void => {
    if (this.#isPlaced && this.#video.played.length > 0) this.#dryMs ??= performance.now();
  };

  readonly #onPlaying = (): void => {
    if (this.#dryMs === undefined) return;
    const nowMs = performance.now();
    const stallMs = nowMs - Math.max(this.#dryMs, this.#soughtMs + seekMs, this.#placedMs + beginMs);
    this.#dryMs = undefined;
    if (stallMs <= 0) return;
    this.#stalls += 1;
    if (!this.#isFollowing) return;
    this.#target.stalled(nowMs, stallMs);
    // What is broken already suffers no more from a jump.
    if (this.aheadS > this.#target.seconds + jumpAfterStallS) this.follow();
  };

  #check(): void {
    const video = this.#video;
    const nowMs = performance.now();
    this.#checkedMs = nowMs;
    if (video.paused || video.seeking || !this.#isPlaced || this.#awaitsNext) return;
    if (this.#jumpGap() || !this.#isFollowing) return;
    this.#aheadS.push(this.aheadS);
    if (this.#aheadS.length > windowChecks) this.#aheadS.shift();
    const leastS = Math.min(...this.#aheadS);
    const surplusS = leastS - this.#target.seconds;
    if (surplusS > jumpBehindS && this.#aheadS.length === windowChecks) this.follow();
    else video.playbackRate = rateFor(surplusS);
    this.#target.tick(nowMs);
  }

  /** Playback stands before a hole that parts left out have made: goes on behind it. */
  #jumpGap(): boolean {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index += 1) {
      const start = buffered.start(index);
      if (currentTime < start) {
        this.#seek(start + 0.01);
        return true;
      }
      if (currentTime < buffered.end(index) - 0.02) return false;
    }
    return false;
  }
}

/** Of playback, for so many seconds more than wanted. */
export function rateFor(surplusS: number): number {
  if (surplusS > 0.4) return 1.1;
  if (surplusS > 0.05) return 1.04;
  if (surplusS < -0.04) return 0.96;
  return 1;
}
