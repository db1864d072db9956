import type { VideoJsPlayer } from 'video.js';

// As far as VHS lies behind by itself, and some.
const behindS = 1.5;
const looks = 3;

/** Takes HLS back to its live edge: VHS plays on where it stood, however long a line was away. To be called twice a second. */
export class HlsEdge {
  #late = 0;

  watch(player: VideoJsPlayer): void {
    const seekable = player.seekable();
    if (player.paused() || player.seeking() || seekable.length === 0) return;
    const end = seekable.end(seekable.length - 1);
    this.#late = end - player.currentTime() > behindS ? this.#late + 1 : 0;
    if (this.#late < looks) return;
    this.#late = 0;
    player.currentTime(end);
  }
}
