/** Keeps HLS at its live edge: VHS plays on where it stood, however long a line was away, and stays as far behind. */
import type { VideoJsPlayer } from 'video.js';
import { rateFor } from './live-edge.ts';
import { TargetDistance } from './target-distance.ts';

// As far as VHS lies behind by itself, and some.
const behindS = 1.5;
const looks = 2;
// What was buffered at least in so many looks was not needed.
const windowLooks = 10;
// A part is asked for when there is room for it, and takes its time.
const leastTargetS = 0.25;

export class HlsEdge {
  readonly #target = new TargetDistance(performance.now());
  #late = 0;
  #aheadS: number[] = [];
  #dryMs: number | undefined;

  /** To be called twice a second. */
  watch(player: VideoJsPlayer): void {
    const seekable = player.seekable();
    if (player.paused() || player.seeking() || seekable.length === 0) {
      this.#aheadS = [];
      return;
    }
    const end = seekable.end(seekable.length - 1);
    const newest = player.bufferedEnd();
    this.#late = Math.max(end, newest) - player.currentTime() > behindS ? this.#late + 1 : 0;
    if (this.#late >= looks) {
      this.#late = 0;
      this.#aheadS = [];
      // Outside of what is buffered VHS begins anew, with parts that nothing can be made of, and stands for seconds.
      const aimS = newest - this.#targetS;
      const isBuffered = newest > end - behindS && aimS > player.currentTime();
      player.currentTime(isBuffered ? aimS : end);
    } else this.#nudge(player);
  }

  get #targetS(): number {
    return Math.max(leastTargetS, this.#target.seconds);
  }

  #nudge(player: VideoJsPlayer): void {
    const nowMs = performance.now();
    const isDry = player.readyState() < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (isDry) this.#dryMs ??= nowMs;
    else if (this.#dryMs !== undefined) {
      this.#target.stalled(nowMs, nowMs - this.#dryMs);
      this.#dryMs = undefined;
    }
    this.#target.tick(nowMs);
    this.#aheadS.push(player.bufferedEnd() - player.currentTime());
    if (this.#aheadS.length > windowLooks) this.#aheadS.shift();
    const isKnown = !isDry && this.#aheadS.length === windowLooks;
    const surplusS = Math.min(...this.#aheadS) - this.#targetS;
    // A slower pace would only make it later: parts are there already, and only wait to be asked for.
    player.playbackRate(isKnown ? Math.max(1, rateFor(surplusS)) : 1);
  }
}
