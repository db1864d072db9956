/**
 * video.js in the place of the bare element, playing the same endless fMP4 through MSE; HLS through video.js when
 * that fails. Joins the playback with its controls, and tells in words what went wrong.
 */
import type { Source } from 'video.js';
import { element } from '../dom.ts';
import type { ChannelState } from '../wire.ts';
import { EndlessPlayback } from './endless-playback.ts';
import { hlsAddress } from './hls-address.ts';
import { HlsEdge } from './hls-edge.ts';
import { listenToKeys } from './keys.ts';
import { LiveClock } from './live-clock.ts';
import { PlayerNotice } from './notice.ts';
import { statsOf } from './playback-stats.ts';
import { Qualities } from './qualities.ts';
import { renditionsIn } from './rendition.ts';
import { StatsPanel } from './stats-panel.ts';
import { StreamFacts } from './stream-facts.ts';
import { stepS, TimeControls } from './time-controls.ts';
import { PlayerTrouble } from './trouble.ts';
import { createVideoJs, endlessSource, onEndless } from './video-js.ts';

const showEveryMs = 500;

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
  let playback: EndlessPlayback | undefined;

  const media = (): HTMLVideoElement => player.el().querySelector('video') ?? video;
  const notice = new PlayerNotice(() => {
    trouble.forgive();
    qualities.forgive();
    load();
  });
  const qualities = new Qualities(renditionsIn(document.getElementById('renditions')?.textContent ?? '[]'), {
    play: (name, atOnce) => playback?.setQuality(name, atOnce),
    reload: () => load(),
    usesHls: () => trouble.usesHls,
  });
  const trouble = new PlayerTrouble({
    notice,
    useHls,
    isOn: () => isOn(state),
    isLive: () => state === 'live',
    giveUp: type => qualities.giveUp(type),
    load: () => load(),
  });
  const facts = new StreamFacts({
    clock,
    qualitiesUrl: urlOf('/qualities.json'),
    offer: renditions => {
      qualities.offer(renditions);
      // There may be one among them that plays here.
      if (playback?.line.isUnplayable) playback.hurry();
    },
  });
  const time = new TimeControls({
    place: () => ({
      behindS: playback?.behindS ?? 0,
      rewindS: playback ? clock.rewindS : 0,
      isLive: state === 'live' && (playback ? playback.isLive : !player.paused()),
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
  const hlsEdge = new HlsEdge();
  const stats = new StatsPanel(() => statsOf(media(), playback, clock, qualities.label));

  function goLive(): void {
    void player.play()?.catch(() => undefined);
    playback?.goLive();
    show();
  }

  function load(): void {
    notice.hide();
    if (trouble.usesHls) void loadHls();
    else start(endlessSource(urlOf('/stream.mp4')));
  }

  /** Its code is more than all the rest, and few need it. */
  async function loadHls(): Promise<void> {
    try {
      await import('@videojs/http-streaming');
      start({ src: urlOf(...hlsAddress(qualities.all, qualities.byHand)), type: 'application/x-mpegURL' });
    } catch {
      notice.tell('The connection to the stream was lost.');
    }
  }

  function start(source: Source): void {
    player.src(source);
    void player.play()?.catch(() => undefined);
  }

  onEndless(tech => {
    const own = new EndlessPlayback({
      video: tech.el(),
      attach: objectUrl => tech.setSrc(objectUrl),
      clock,
      urlOf: parameters => urlOf('/stream.mp4', { plain: '1', ...parameters }),
      quality: qualities.name,
      isOn: () => isOn(state),
      onTrouble: met => trouble.meet(met),
      onRelief: () => trouble.relieve(),
    });
    playback = own;
    return {
      dispose() {
        own.dispose();
        if (playback === own) playback = undefined;
      },
    };
  });

  function show(): void {
    // A stream that ends and begins within a moment gives no sign.
    const plays = !player.paused() && media().readyState > media().HAVE_CURRENT_DATA;
    if (isOn(state) && plays && !bare.isConnected) stage.dataset.playing = 'yes';
    if (isOn(state) && !document.hidden) {
      qualities.watch(playback);
      facts.keepCurrent(stats.isOpen);
    }
    if (trouble.usesHls && !playback) {
      hlsEdge.watch(player);
      qualities.sees(media().videoHeight);
    }
    time.show();
  }

  const bar = player.controlBar.el();
  const spacer = bar.querySelector('.vjs-custom-control-spacer');
  bar.insertBefore(time.live, spacer);
  spacer?.after(time.start, time.back, qualities.menu.button, stats.toggle);
  player.el().append(time.bar, qualities.menu.element, stats.element, notice.element);
  const keys = {
    ArrowLeft: () => time.step(-stepS),
    ArrowRight: () => time.step(stepS),
    Home: () => time.toStart(),
    End: goLive,
    l: goLive,
    i: () => stats.set(!stats.isOpen),
    q: () => qualities.menu.toggle(),
    m: () => player.muted(!player.muted()),
    k: () => void (player.paused() ? player.play()?.catch(() => undefined) : player.pause()),
    Escape: () => {
      const wasOpen = stats.isOpen;
      stats.set(false);
      return qualities.menu.close() || wasOpen;
    },
  };
  listenToKeys(player.el(), keys, () => player.userActive(true));

  player.on('playing', () => {
    trouble.plays();
    stage.dataset.playing = 'yes';
    bare.remove();
    // For the frame, which is gone: the player has controls of its own.
    for (const id of ['rewind', 'reload']) document.getElementById(id)?.setAttribute('hidden', '');
  });
  player.on('error', () => {
    // What is off has no codec.
    if (!isOn(state)) return;
    const isUnplayable = player.error()?.code === 4 && !playback;
    trouble.meet(isUnplayable ? { kind: 'codec', type: playback?.line.type ?? '' } : { kind: 'decode' });
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
      if (next !== 'live') trouble.relieve();
      if (!isOn(next)) {
        delete stage.dataset.playing;
        notice.hide();
      }
      // An element that failed takes nothing any more.
      if (begins && playback && !player.error()) playback.hurry();
      else if (begins) load();
    },
  };
}
