/** Renditions as viewers are told of them: what each one is, what it takes to play it, and what it costs them. */
import type { LiveChannel } from '../live/channel.ts';
import { rateOf } from '../live/rate.ts';
import { type LiveRendition, mainName } from '../live/renditions.ts';

export type Quality = {
  /** For addresses: `/stream.mp4?quality=240p`. */
  name: string;
  kind: 'pictures' | 'sound' | 'slides';
  /** For people: `360p`, `240p VP9`, `Sound only`. */
  label: string;
  /** The media type with codecs (RFC 6381), as MSE and `<source>` want it. */
  type: string;
  /** Pixels; 0 for sound. */
  width: number;
  height: number;
  /** As measured. */
  kbps: number;
  mbPerHour: number;
};

export const slideshowType = 'multipart/x-mixed-replace';

const codecWords: Readonly<Record<string, string>> = {
  vp09: 'VP9',
  av01: 'AV1',
  hvc1: 'H.265',
  hev1: 'H.265',
};

/** The media type of a channel's endless response; without codecs while nobody knows them. */
export function mediaTypeOf({ init }: Pick<LiveChannel, 'init'>): string {
  const tracks = init?.tracks ?? [];
  const base = tracks.length > 0 && tracks.every(({ kind }) => kind === 'audio') ? 'audio/mp4' : 'video/mp4';
  return tracks.length === 0 ? base : `${base}; codecs="${tracks.map(({ codec }) => codec).join(', ')}"`;
}

export function qualityOf(rendition: LiveRendition): Quality {
  const { name } = rendition;
  if (rendition.kind === 'slides') {
    const { newest, everyMs } = rendition.slides;
    const kbps = newest && everyMs > 0 ? (newest.bytes.length * 8) / everyMs : 0;
    const { width = 0, height = 0 } = newest ?? {};
    return { name, kind: 'slides', label: 'Slides', type: slideshowType, width, height, ...cost(kbps) };
  }
  const { channel } = rendition;
  const video = channel.init?.tracks.find(({ kind }) => kind === 'video');
  const shared = { name, type: mediaTypeOf(channel), ...cost(rateOf(channel.window).averageKbps) };
  if (!video) return { ...shared, kind: 'sound', label: 'Sound only', width: 0, height: 0 };
  const { width, height, codec } = video;
  const word = codecWords[codec.slice(0, 4)];
  const label = name === mainName || word === undefined ? `${height}p` : `${height}p ${word}`;
  return { ...shared, kind: 'pictures', label, width, height };
}

const kinds: readonly Quality['kind'][] = ['pictures', 'sound', 'slides'];

/** The main one first, then the best first; sound and slides at the end. */
export function qualitiesOf(renditions: readonly LiveRendition[]): Quality[] {
  const rank = ({ name, kind }: Quality): number => (name === mainName ? -1 : kinds.indexOf(kind));
  return renditions
    .map(qualityOf)
    .toSorted((one, other) => rank(one) - rank(other) || other.height - one.height || other.kbps - one.kbps);
}

function cost(kbps: number): { kbps: number; mbPerHour: number } {
  return { kbps: twoDigits(kbps), mbPerHour: mbPerHourOf(kbps) };
}

/** Two digits are as much as is true for the next hour. */
export function mbPerHourOf(kbps: number): number {
  return twoDigits((kbps * 3600) / 8 / 1000);
}

function twoDigits(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(2));
}
