/**
 * video.js in the place of the bare element, playing the same endless fMP4 through MSE; HLS through video.js when
 * that fails. Joins the playback with its controls, and tells in words what went wrong.
 */
import videojs, { type VideoJsPlayer } from 'video.js';
import { element } from './dom.ts';
import { EndlessPlayback, type Trouble } from './endless-playback.ts';
import { hlsAddress } from './hls-address.ts';
import { LiveClock } from './live-clock.ts';
import { statsOf } from './playback-stats.ts';
import { listenToKeys } from './player-keys.ts';
import { PlayerNotice } from './player-notice.ts';
import { Qualities } from './qualities.ts';
import { codecsInWords, renditionsIn } from './rendition.ts';
import { StatsPanel } from './stats-panel.ts';
import { stepS, TimeControls } from './time-controls.ts';
import type { ChannelState } from './wire.ts';

const endlessType = 'application/x-endless-mp4';
// Decoding errors in a row before HLS is tried instead, and failures of the line before they are told.
const patience = 3;
const showEveryMs = 500;
// The server's time is asked for seldom: over Tor each question is a round trip.
const clockEveryMs = 20_000;
const clockOftenMs = 5000;
// What may be gone back to grows.
const youngS = 60;
const learnEveryMs = 60_000;

type PlayerOptions = {
  stage: HTMLElement;
  /** What shows the picture until the player does; taken away then. */
  bare: HTMLElement;
  sound: boolean;
  useHls: boolean;
  state: ChannelState;
  /** `?t=…` where there is no cookie. */
  query: string;
};

const isOn = (state: ChannelState): boolean => state === 'live' || state === 'stalled';

export type Player = { show(state: ChannelState): void };

function createVideoJs(video: HTMLVideoElement, sound: boolean): VideoJsPlayer {
  return videojs(video, {
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
}

/** The sentence for what this browser can't play, with what to do about it. */
function codecSentence(type: string): string {
  const codecs = codecsInWords(type) || 'this format';
  return (
    `This browser can’t play the stream’s video (${codecs}). Install your system’s video codecs (on Linux the ` +
    'package ffmpeg) and try again, or open the stream in another player: see “Other players” below.'
  );
}

export function createPlayer({ stage, bare, sound, useHls, query, ...initial }: PlayerOptions): Player {
  const video = element('video', { class: 'video-js', playsinline: '', 'aria-label': 'Live stream' });
  stage.append(video);
  const player = createVideoJs(video, sound);
  const urlOf = (path: string, parameters: Readonly<Record<string, string>> = {}): string => {
    const all = new URLSearchParams(query);
    for (const [name, value] of Object.entries(parameters)) all.set(name, value);
    return all.size === 0 ? path : `${path}?${all}`;
  };
  const clock = new LiveClock(urlOf('/live-edge'));

  let { state } = initial;
  let hls = useHls;
  let decodeFailures = 0;
  let playback: EndlessPlayback | undefined;
  let clockAskedMs = Number.NEGATIVE_INFINITY;

  const media = (): HTMLVideoElement => player.el().querySelector('video') ?? video;
  const notice = new PlayerNotice(() => {
    decodeFailures = 0;
    hls = useHls;
    qualities.forgive();
    load();
  });
  const qualities = new Qualities(renditionsIn(document.getElementById('renditions')?.textContent ?? '[]'), {
    play: (name, atOnce) => playback?.setQuality(name, atOnce),
    reload: () => load(),
  });
  const time = new TimeControls({
    place: () => ({
      behindS: playback?.behindS ?? 0,
      rewindS: playback ? clock.rewindS : 0,
      isLive: state === 'live' && (playback ? playback.edge.atEdge : !player.paused()),
    }),
    goLive: () => goLive(),
    goBack: behindS => {
      playback?.goBack(behindS);
      show();
    },
    toStart: () => {
      playback?.goToStart();
      show();
    },
  });
  let askedQualities = '';
  let learntMs = Number.NEGATIVE_INFINITY;
  const stats = new StatsPanel(() => statsOf(media(), playback, clock, qualities.label));

  /** Qualities come and go with the encoder that writes them, and what they cost follows the picture. */
  async function learnQualities(): Promise<void> {
    const nowMs = performance.now();
    const isOld = clock.qualities.includes(',') && nowMs - learntMs > learnEveryMs;
    if (clock.qualities === '' || (clock.qualities === askedQualities && !isOld)) return;
    learntMs = nowMs;
    askedQualities = clock.qualities;
    const response = await fetch(urlOf('/qualities.json'), { cache: 'no-store' }).catch(() => undefined);
    if (response?.ok) qualities.offer(renditionsIn(await response.text()));
    else askedQualities = '';
  }

  function goLive(): void {
    void player.play()?.catch(() => undefined);
    playback?.goLive();
    show();
  }

  function load(): void {
    notice.hide();
    const hlsSource = { src: urlOf(...hlsAddress(qualities.all)), type: 'application/x-mpegURL' };
    player.src(hls ? hlsSource : { src: urlOf('/stream.mp4'), type: endlessType });
    void player.play()?.catch(() => undefined);
  }

  function onTrouble(trouble: Trouble): void {
    if (trouble.kind === 'codec') {
      if (!qualities.giveUp(trouble.type)) notice.tell(codecSentence(trouble.type));
      return;
    }
    if (trouble.kind === 'line') {
      if (trouble.failures < patience) return;
      const sentence = trouble.sentence || 'The connection to the stream was lost.';
      notice.tell(`${sentence} It is being tried again.`);
      return;
    }
    if (!isOn(state)) return;
    decodeFailures += 1;
    if (decodeFailures > 2 * patience) {
      notice.tell('The picture could not be decoded. Reload the page, or choose another quality.');
      return;
    }
    hls ||= decodeFailures >= patience;
    load();
  }

  videojs.getTech('Html5').registerSourceHandler(
    {
      canPlayType: type => (type === endlessType ? 'probably' : ''),
      canHandleSource: source => (source.type === endlessType ? 'probably' : ''),
      handleSource(_source, tech) {
        const own = new EndlessPlayback({
          video: tech.el(),
          attach: objectUrl => tech.setSrc(objectUrl),
          clock,
          urlOf: parameters => urlOf('/stream.mp4', { plain: '1', ...parameters }),
          quality: qualities.name,
          isOn: () => isOn(state),
          onTrouble,
          onRelief: () => notice.hide(),
        });
        playback = own;
        return {
          dispose() {
            own.dispose();
            if (playback === own) playback = undefined;
          },
        };
      },
    },
    0,
  );

  function show(): void {
    const nowMs = performance.now();
    if (isOn(state) && !document.hidden) {
      qualities.watch(playback);
      const isYoung = clock.rewindS > 0 && clock.rewindS < youngS;
      if (nowMs - clockAskedMs > (stats.isOpen || isYoung ? clockOftenMs : clockEveryMs)) {
        clockAskedMs = nowMs;
        void clock.ask().then(learnQualities);
      }
    }
    time.show();
  }

  const bar = player.controlBar.el();
  const spacer = bar.querySelector('.vjs-custom-control-spacer');
  bar.insertBefore(time.live, spacer);
  spacer?.after(time.start, time.back, qualities.button, stats.toggle);
  player.el().append(time.bar, qualities.menu, stats.element, notice.element);
  const keys = {
    ArrowLeft: () => time.step(-stepS),
    ArrowRight: () => time.step(stepS),
    Home: () => time.toStart(),
    End: goLive,
    l: goLive,
    i: () => stats.set(!stats.isOpen),
    q: () => qualities.toggle(),
    m: () => player.muted(!player.muted()),
    k: () => void (player.paused() ? player.play()?.catch(() => undefined) : player.pause()),
    Escape: () => {
      stats.set(false);
      qualities.close();
    },
  };
  listenToKeys(player.el(), keys, () => player.userActive(true));

  player.on('playing', () => {
    decodeFailures = 0;
    notice.hide();
    stage.dataset.playing = 'yes';
    bare.remove();
    // For the frame, which is gone: the player has controls of its own.
    for (const id of ['rewind', 'reload']) document.getElementById(id)?.setAttribute('hidden', '');
  });
  player.on('error', () => {
    const isUnplayable = player.error()?.code === 4 && !playback;
    onTrouble(isUnplayable ? { kind: 'codec', type: playback?.type ?? '' } : { kind: 'decode' });
  });
  player.on('play', () => {
    if (playback?.edge.isFollowing) playback.goLive();
  });
  setInterval(show, showEveryMs);
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
      if (begins && playback) playback.hurry();
      else if (begins) load();
    },
  };
}
