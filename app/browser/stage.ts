/** The picture with JavaScript: the bare element first, and once it shows something the player in its place. */
import { element, needElement } from './dom.ts';
import type { Player } from './player.ts';
import type { ChannelState, StreamInfo } from './wire.ts';

const words: Readonly<Record<ChannelState, [heading: string, sentence: string]>> = {
  offline: ['The stream is off', 'It starts here by itself when it goes live.'],
  starting: ['The stream is starting', 'The picture comes in a moment.'],
  live: ['The stream is live', 'The picture comes in a moment.'],
  stalled: ['The stream is interrupted', 'It goes on here by itself.'],
  ended: ['The stream has ended', 'It starts here by itself when it is live again.'],
};

// The player's code is worth waiting for the first picture, but not for ever.
const patienceMs = 4000;

function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise(resolve => {
    video.addEventListener('playing', () => resolve(), { once: true });
    video.addEventListener('error', () => resolve(), { once: true });
    setTimeout(resolve, patienceMs);
  });
}

function findVideo(): HTMLVideoElement {
  const video = needElement('video');
  if (!(video instanceof HTMLVideoElement)) throw new Error('#video is no video element.');
  return video;
}

export function prepareStage() {
  const stage = needElement('stage');
  const note = needElement('stage-note');
  const bare = findVideo();
  let state: ChannelState | undefined;
  let player: Player | undefined;

  async function upgrade(): Promise<void> {
    // Its own style elements would need a hole in our Content-Security-Policy.
    Object.assign(window, { VIDEOJS_NO_DYNAMIC_STYLE: true });
    const style = element('link', { rel: 'stylesheet', href: stage.dataset.playerStyle ?? '' });
    const styled = new Promise(resolve => {
      for (const event of ['load', 'error']) style.addEventListener(event, resolve, { once: true });
    });
    document.head.append(style);
    const [{ createPlayer }] = await Promise.all([import('./player.ts'), styled]);
    player = createPlayer({
      stage,
      bare,
      sound: bare.preload === 'none',
      useHls: new URLSearchParams(location.search).get('player') === 'hls',
    });
    if (state) player.show(state);
  }

  if (stage.dataset.videojs === 'yes' && 'MediaSource' in window) {
    void firstPicture(bare).then(upgrade);
  }

  return {
    show(info: StreamInfo): void {
      const before = state;
      state = info.state;
      stage.dataset.state = state;
      const [heading, sentence] = words[state];
      const [big, small] = note.children;
      if (big) big.textContent = heading;
      if (small) small.textContent = sentence;
      if (player) player.show(state);
      // The bare element's response may have ended with the last stream.
      else if (state === 'live' && before !== undefined && before !== 'live' && bare.readyState === 0)
        bare.load();
    },
  };
}
