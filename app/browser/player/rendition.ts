/** The qualities that the page offers, as the server wrote them into it. */
import { element } from '../dom.ts';

export type Rendition = {
  /** For addresses, and for people. */
  name: string;
  label: string;
  kind: 'pictures' | 'sound';
  /** As MSE wants it: `video/mp4; codecs="…"`. */
  type: string;
  /** Pixels; 0 for sound. */
  height: number;
  /** As measured of late. */
  kbps: number;
  mbPerHour: number;
};

function renditionIn(told: unknown): Rendition | undefined {
  const of = (name: string): unknown =>
    typeof told === 'object' && told !== null ? Reflect.get(told, name) : undefined;
  const text = (name: string): string => String(of(name) ?? '');
  const [name, type, kindTold] = [text('name'), text('type'), text('kind')];
  // Slides are no stream.
  if (name === '' || !/^(video|audio)\/mp4/.test(type)) return undefined;
  const kind = kindTold === 'sound' || type.startsWith('audio/') ? 'sound' : 'pictures';
  const height = Number(of('height')) || 0;
  const cost = { kbps: Number(of('kbps')) || 0, mbPerHour: Number(of('mbPerHour')) || 0 };
  return { name, label: text('label') || name, kind, type, height, ...cost };
}

/** Out of what the server tells, best first; none where there is no choice. */
export function renditionsIn(json: string): Rendition[] {
  try {
    const told: unknown = JSON.parse(json);
    return Array.isArray(told) ? told.map(renditionIn).filter(each => each !== undefined) : [];
  } catch {
    return [];
  }
}

/** Whether this browser can play it through MSE. */
export function canPlay({ type }: Rendition): boolean {
  return MediaSource.isTypeSupported(type);
}

const codecNames: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/avc[13]/, 'H.264'],
  [/h(vc|ev)1/, 'H.265'],
  [/vp0?9/, 'VP9'],
  [/av01/, 'AV1'],
  [/mp4a/, 'AAC'],
  [/opus/i, 'Opus'],
];

/** `H.264 + AAC`. */
export function codecsInWords(type: string): string {
  return codecNames
    .filter(([pattern]) => pattern.test(type))
    .map(([, name]) => name)
    .join(' + ');
}

/** `240p, 150 kbit/s, ≈ 85 MB an hour`: a name, and what it costs. */
export function costOf({ kbps, mbPerHour }: Rendition): HTMLElement {
  return element('span', { class: 'cost' }, `${Math.round(kbps)} kbit/s, ≈ ${Math.round(mbPerHour)} MB/h`);
}
