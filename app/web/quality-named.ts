import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import { type LiveRendition, mainName, type Renditions } from '../live/renditions.ts';
import type { LiveSlides } from '../live/slides.ts';
import type { Slide } from '../segments/slide-file.ts';

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

/**
 * The same for slides, of which there need not be any: without a name the first ones that are on. Throws Failure
 * `stream-offline` where there is nothing at all any more.
 */
export function slidesNamed(renditions: Renditions, wanted: unknown): { slides: LiveSlides; newest: Slide } {
  const name = wanted === undefined ? '' : String(wanted);
  const rendition =
    wanted === undefined ? renditions.on.find(({ kind }) => kind === 'slides') : renditions.find(name);
  const slides = rendition?.kind === 'slides' ? rendition.slides : undefined;
  if (slides?.newest) return { slides, newest: slides.newest };
  if (renditions.on.length > 0) throw unknown(renditions, name, 'slides');
  throw new Failure('stream-offline', 'The stream is off. Please come back when it is live.');
}
