/** video.js as we want it: our own controls beside a few of its own, and a source of our own. */
import videojs, { type Source, type Tech, type VideoJsPlayer } from 'video.js';

const endlessType = 'application/x-endless-mp4';

export function createVideoJs(video: HTMLVideoElement, sound: boolean): VideoJsPlayer {
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

/** A source that `onEndless` plays. */
export function endlessSource(url: string): Source {
  return { src: url, type: endlessType };
}

/** `play` is called each time that such a source is begun; what it returns is disposed of when another one is. */
export function onEndless(play: (tech: Tech) => { dispose(): void }): void {
  const answer = (type: string) => (type === endlessType ? 'probably' : '');
  const handler = {
    canPlayType: answer,
    canHandleSource: ({ type }: Source) => answer(type),
    handleSource: (_source: Source, tech: Tech) => play(tech),
  } as const;
  videojs.getTech('Html5').registerSourceHandler(handler, 0);
}
