import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import { type LiveRendition, mainName, type Renditions } from '../live/renditions.ts';
import type { LiveSlides } from '../live/slides.ts';

function unknown(renditions: Renditions, wanted: string, kind: LiveRendition['kind']): Failure {
  const names = renditions.on.filter(each => each.kind === kind).map(({ name }) => name);
  const there = names.length === 0 ? 'there is none now' : `there are: ${names.join(', ')}`;
  const what = kind === 'media' ? 'quality' : 'slideshow';
  return new Failure(
    'quality-unknown',
    `There is no ${what} ${JSON.stringify(wanted.slice(0, 40))}; ${there}.`,
  );
}

/** The rendition that a request asks for by `?quality=`, the main one without it. Throws Failure `quality-unknown`. */
export function channelNamed(renditions: Renditions, wanted: unknown): LiveChannel {
  const name = wanted === undefined ? mainName : String(wanted);
  const rendition = renditions.find(name);
  if (rendition?.kind === 'media') return rendition.channel;
  throw unknown(renditions, name, 'media');
}

/** The same for slides, of which there need not be any: without a name the first ones that are on. */
export function slidesNamed(renditions: Renditions, wanted: unknown): LiveSlides {
  const name = wanted === undefined ? '' : String(wanted);
  const rendition =
    wanted === undefined ? renditions.on.find(({ kind }) => kind === 'slides') : renditions.find(name);
  if (rendition?.kind === 'slides') return rendition.slides;
  throw unknown(renditions, name, 'slides');
}
