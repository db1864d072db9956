/**
 * video.js in the place of the bare element, playing the same endless fMP4 through MSE; HLS through video.js when
 * that fails. Tells in words what went wrong, with a button to try again.
 */
import videojs from 'video.js';
import { element } from './dom.ts';
import { type EndlessFailure, EndlessSource } from './endless-source.ts';
import { LiveEdge } from './live-edge.ts';
import type { ChannelState } from './wire.ts';

const endlessType = 'application/x-endless-mp4';
const endlessUrl = '/stream.mp4?plain=1';
const hlsSource = { src: '/stream.m3u8', type: 'application/x-mpegURL' };
const firstRetryMs = 500;
const maxRetryMs = 15_000;
// Failures in a row before HLS is tried instead.
const patience = 3;

const sentences: Readonly<Record<EndlessFailure, string>> = {
  codec: 'Your browser can’t play this video format.',
  network: 'The connection to the stream was lost.',
  ended: 'The connection to the stream was lost.',
  decode: 'The picture could not be decoded.',
};

type PlayerOptions = {
  stage: HTMLElement;
  /** What shows the picture until the player does; taken away then. */
  bare: HTMLElement;
  sound: boolean;
  useHls: boolean;
  state: ChannelState;
};

const isOn = (state: ChannelState): boolean => state === 'live' || state === 'stalled';

export type Player = { show(state: ChannelState): void };

export function createPlayer({ stage, bare, sound, useHls, ...initial }: PlayerOptions): Player {
  const video = element('video', { class: 'video-js', playsinline: '', 'aria-label': 'Live stream' });
  stage.append(video);
  const player = videojs(video, {
    controls: true,
    fill: true,
    autoplay: sound ? 'any' : 'muted',
    muted: !sound,
    errorDisplay: false,
    liveui: false,
    html5: { vhs: { llhls: true, overrideNative: true } },
    controlBar: {
      children: [
        'playToggle',
        'volumePanel',
        'customControlSpacer',
        'pictureInPictureToggle',
        'fullscreenToggle',
      ],
    },
  });
  const notice = element('div', { class: 'stage-error', role: 'alert', hidden: '' });
  const live = element(
    'button',
    { class: 'live-badge', type: 'button', title: 'Go to the live edge' },
    'Live',
  );
  stage.append(notice);
  player.controlBar.el().insertBefore(live, player.controlBar.el().children[2] ?? null);

  let { state } = initial;
  let hls = useHls;
  let failures = 0;
  let retryMs = firstRetryMs;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let edge: LiveEdge | undefined;

  function tell(sentence: string): void {
    const again = element('button', { class: 'button', type: 'button' }, 'Try again');
    again.addEventListener('click', () => {
      failures = 0;
      hls = useHls;
      load();
    });
    notice.replaceChildren(element('p', {}, sentence), again);
    notice.hidden = false;
  }

  function load(): void {
    clearTimeout(retry);
    retry = undefined;
    notice.hidden = true;
    player.src(hls ? hlsSource : { src: endlessUrl, type: endlessType });
    void player.play()?.catch(() => undefined);
  }

  function onFailure(failure: EndlessFailure): void {
    if (!isOn(state)) return;
    failures += 1;
    const hopeless = failure === 'codec' && hls;
    if (hopeless || failures > patience) tell(sentences[failure]);
    if (hopeless) return;
    if (failure === 'codec' || failures >= patience) hls = true;
    retry = setTimeout(load, retryMs);
    retryMs = Math.min(retryMs * 2, maxRetryMs);
  }

  videojs.getTech('Html5').registerSourceHandler(
    {
      canPlayType: type => (type === endlessType ? 'probably' : ''),
      canHandleSource: source => (source.type === endlessType ? 'probably' : ''),
      handleSource(_source, tech) {
        const media = tech.el();
        const liveEdge = new LiveEdge(media);
        edge = liveEdge;
        const source = new EndlessSource({
          video: media,
          url: endlessUrl,
          attach: objectUrl => tech.setSrc(objectUrl),
          onData: () => liveEdge.onData(),
          onFailure,
        });
        return {
          dispose() {
            liveEdge.dispose();
            source.dispose();
          },
        };
      },
    },
    0,
  );

  player.on('playing', () => {
    failures = 0;
    retryMs = firstRetryMs;
    notice.hidden = true;
    stage.dataset.playing = 'yes';
    bare.remove();
  });
  player.on('error', () => onFailure(player.error()?.code === 4 ? 'codec' : 'decode'));
  player.on('play', () => edge?.goLive());
  live.addEventListener('click', () => {
    void player.play()?.catch(() => undefined);
    edge?.goLive();
  });
  setInterval(() => {
    live.dataset.edge = state === 'live' && (edge?.atEdge ?? !player.paused()) ? 'yes' : 'no';
  }, 500);
  document.getElementById('sound')?.addEventListener('click', event => {
    event.preventDefault();
    player.muted(false);
    void player.play()?.catch(() => undefined);
  });

  if (isOn(state)) load();
  return {
    show(next): void {
      const begins = isOn(next) && !isOn(state);
      state = next;
      if (!isOn(next)) delete stage.dataset.playing;
      if (begins && !retry) load();
    },
  };
}
