/**
 * Keeps playback close behind the newest data: a little faster when it lags, a little slower when it would run dry,
 * a jump when it is far behind. How close follows the line: every stall widens the distance, calm narrows it.
 */
const checkMs = 100;
const smallestTargetS = 0.08;
const largestTargetS = 3;
const stallAddsS = 0.15;
const calmS = 10;
const calmShrink = 0.9;
const jumpBehindS = 2.5;
// Parts arrive in bursts: what counts is the least that was buffered within a second.
const windowChecks = 10;

export class LiveEdge {
  readonly #video: HTMLVideoElement;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #aheadS: number[] = [];
  #targetS = smallestTargetS;
  #lastStallMs = performance.now();
  #started = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#timer = setInterval(() => this.#check(), checkMs);
    video.addEventListener('waiting', this.#onWaiting);
  }

  /** Behind the newest data, seconds. */
  get behindS(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  }

  get atEdge(): boolean {
    return !this.#video.paused && this.behindS < this.#targetS + jumpBehindS;
  }

  goLive(): void {
    const { buffered } = this.#video;
    if (buffered.length === 0) return;
    const last = buffered.length - 1;
    this.#video.currentTime = Math.max(buffered.start(last), buffered.end(last) - this.#targetS - 0.1);
    this.#aheadS.length = 0;
  }

  /** To be called when data has come: the first of it sets the place to start from. */
  onData(): void {
    if (this.#started || this.#video.buffered.length === 0) return;
    this.#started = true;
    this.goLive();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#video.removeEventListener('waiting', this.#onWaiting);
  }

  readonly #onWaiting = (): void => {
    const nowMs = performance.now();
    // The wait for the first data is no stall, nor is each of the waits within one.
    if (this.#started && nowMs - this.#lastStallMs > 1000 && this.#video.played.length > 0) {
      this.#targetS = Math.min(largestTargetS, this.#targetS + stallAddsS);
    }
    this.#lastStallMs = nowMs;
  };

  #check(): void {
    const video = this.#video;
    if (video.paused || video.seeking || !this.#started) return;
    if (this.#jumpGap()) return;
    this.#aheadS.push(this.behindS);
    if (this.#aheadS.length > windowChecks) this.#aheadS.shift();
    const leastS = Math.min(...this.#aheadS);
    if (leastS > this.#targetS + jumpBehindS) this.goLive();
    else video.playbackRate = this.#rate(leastS - this.#targetS);
    const nowMs = performance.now();
    if (nowMs - this.#lastStallMs > calmS * 1000) {
      this.#targetS = Math.max(smallestTargetS, this.#targetS * calmShrink);
      this.#lastStallMs = nowMs;
    }
  }

  #rate(surplusS: number): number {
    if (surplusS > 0.4) return 1.1;
    if (surplusS > 0.05) return 1.04;
    if (surplusS < -0.04) return 0.96;
    return 1;
  }

  /** Playback stands before a hole that parts left out have made: goes on behind it. */
  #jumpGap(): boolean {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index += 1) {
      const start = buffered.start(index);
      if (currentTime < start) {
        this.#video.currentTime = start + 0.01;
        return true;
      }
      if (currentTime < buffered.end(index) - 0.02) return false;
    }
    return false;
  }
}
