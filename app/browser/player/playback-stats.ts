/** The figures of the statistics panel, in words. What can't be known is not guessed. */
import type { EndlessPlayback } from './endless-playback.ts';
import type { LiveClock } from './live-clock.ts';
import { codecsInWords } from './rendition.ts';
import type { Stats } from './stats-panel.ts';

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} s`;

function delay(playback: EndlessPlayback | undefined, clock: LiveClock): string {
  const { errorS } = clock;
  if (!playback || errorS === undefined) return 'not known yet';
  // Of the server's newest part against the picture that is shown: neither the encoder's time nor the screen's.
  return `${seconds(playback.behindS)} ± ${seconds(Math.max(0.1, errorS))}`;
}

function pictures(video: HTMLVideoElement): string {
  const { droppedVideoFrames, totalVideoFrames } = video.getVideoPlaybackQuality();
  return totalVideoFrames === 0 ? 'not told' : `${droppedVideoFrames} of ${totalVideoFrames}`;
}

function arriving(playback: EndlessPlayback): string {
  const kbps = playback.line.arrivals.kbps(performance.now());
  const megabytes = (playback.line.arrivals.totalBytes / 1e6).toFixed(1);
  return kbps === undefined ? '…' : `${Math.round(kbps)} kbit/s, ${megabytes} MB so far`;
}

export function statsOf(
  video: HTMLVideoElement,
  playback: EndlessPlayback | undefined,
  clock: LiveClock,
  quality: string,
): Stats {
  const size = video.videoWidth > 0 ? `${video.videoWidth}×${video.videoHeight}` : 'no picture';
  const codecs = codecsInWords(playback?.line.type ?? '');
  const common = [
    ['Behind the server', delay(playback, clock)],
    ['Quality', [quality, size, codecs].filter(each => each !== '').join(', ')],
    ['Pictures dropped', pictures(video)],
  ] as const;
  if (!playback) return [...common, ['Line', 'HLS']];
  const { edge, line } = playback;
  const aim = edge.isFollowing ? `, aims at ${seconds(edge.targetS)}` : '';
  return [
    ...common,
    ['Buffer', `${seconds(edge.aheadS)}${aim}`],
    ['Arriving', arriving(playback)],
    ['On its way', seconds(Math.max(0, line.backlog.seconds))],
    ['Stalls, reconnects', `${edge.stalls}, ${line.reconnects}`],
  ];
}
