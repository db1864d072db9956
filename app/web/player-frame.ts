/**
 * The picture without JavaScript. The watch page carries this frame's document with it (srcdoc), which saves a round
 * trip; `/player` is the same for reloading, for sound, for another quality, and to wait for a stream that is off.
 */
import { type Request, type Response, Router } from 'express';
import { type Quality, qualitiesOf } from '../delivery/qualities.ts';
import type { RewoundViews } from '../delivery/rewound-views.ts';
import type { Views } from '../delivery/views.ts';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import { mainName, type Renditions } from '../live/renditions.ts';
import { isOn } from '../live/state.ts';
import { addressed } from './addressed.ts';
import type { Assets } from './assets.ts';
import { type Info, stateWords } from './info.ts';
import { qualityLinks, sourcesOf, videoAddress } from './player-choices.ts';
import { agoOf } from './rewind.ts';
import type { Templates } from './templates.ts';
import type { Visitors } from './visitor.ts';

export type PlayerDeps = {
  renditions: Renditions;
  views: Pick<Views, 'isFull'>;
  rewoundViews: Pick<RewoundViews, 'isFull'>;
  info: Info;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
};

const keepAliveMs = 20_000;
// Then the browser asks again: a connection that died unseen is replaced.
const maxWaitMs = 10 * 60_000;
// A place becomes free when somebody leaves.
const fullRetryS = 20;
const nextS = 3;

type Note = Readonly<{ heading: string; sentence: string }>;

const fullNote: Note = {
  heading: 'The stream is full',
  sentence: 'All places are taken. It is tried again here by itself.',
};
const pastFullNote: Note = {
  heading: 'Too many watch the past',
  sentence: 'It is tried again here by itself; “Back to live” shows what is live.',
};

/**
 * `query` carries the session of a browser without cookies; `next` is loaded soon after the document. `quality` is the
 * name of one that was chosen; without it the browser takes the first that it can play.
 */
type PlayerValues = {
  sound: boolean;
  query: string;
  quality?: string;
  next?: string;
  /** Seconds to go back. */
  ago?: number | undefined;
};

/** What is said in the picture's place: an element whose request is refused shows nothing, and tells nobody why. */
function noteOf(
  { renditions, views, rewoundViews, info }: PlayerDeps,
  ago: number | undefined,
): Note | undefined {
  if (!isOn(renditions.main.state)) return stateWords[info.current.state];
  if (ago !== undefined) return rewoundViews.isFull ? pastFullNote : undefined;
  return views.isFull ? fullNote : undefined;
}

/** The frame's document: the picture, or what is said in its place, and the ways to another one. */
export function renderPlayer(deps: PlayerDeps, { quality, next, ...values }: PlayerValues): string {
  const { renditions, templates, assets } = deps;
  const qualities = qualitiesOf(renditions.on);
  const shown = qualities.find(({ name }) => name === (quality ?? mainName)) ?? qualities[0];
  const kind = shown?.kind ?? 'pictures';
  const { query, sound, ago } = values;
  const on = isOn(renditions.main.state);
  // Slides have places of their own.
  const note = on && kind === 'slides' ? undefined : noteOf(deps, ago);
  const withSound = sound ? '1' : undefined;
  const again = addressed('/player', { query, quality, sound: withSound, ago: ago?.toString() });
  return templates.render('player', {
    on,
    ...values,
    note,
    next: next ?? (on && note ? again : ''),
    nextS: next === undefined ? fullRetryS : nextS,
    kind,
    sources: sourcesOf(qualities, { sound, query, ago, chosen: quality === undefined ? undefined : shown }),
    listen: listenAddress(shown, qualities, query),
    slideshow: addressed('/slideshow', { query, quality: shown?.name }),
    slide: addressed('/slide.jpg', { query, quality: shown?.name }),
    links: qualityLinks(qualities, { sound, query, ago, shown }),
    // The page's own button leads to the main quality.
    toSound: quality === undefined || sound ? '' : addressed('/player', { query, quality, sound: '1' }),
    toLive:
      ago === undefined || kind === 'slides'
        ? ''
        : addressed('/player', { query, quality, sound: withSound }),
    style: assets.url('style.css'),
  });
}

/** What there is to hear beside slides. */
function listenAddress(shown: Quality | undefined, qualities: readonly Quality[], query: string): string {
  const sound = qualities.find(({ kind }) => kind === 'sound');
  return shown?.kind === 'slides' && sound ? videoAddress({ query, quality: sound.name }) : '';
}

/** Holds the document of a stream that is off open until it is on, then lets the browser load it anew. */
function waitForStream(channel: LiveChannel, response: Response, next: string): void {
  const leave = (): void => {
    unsubscribe();
    clearInterval(alive);
    clearTimeout(enough);
  };
  const end = (): void => {
    leave();
    response.end(`<meta http-equiv="refresh" content="0;url=${next}">`);
  };
  const unsubscribe = channel.events.subscribe(() => {
    if (isOn(channel.state)) end();
  });
  const alive = setInterval(() => response.write('<!-- -->\n'), keepAliveMs);
  const enough = setTimeout(end, maxWaitMs);
  response.once('close', leave);
}

/** The name of a quality that there is or was. Throws Failure `quality-unknown`. */
function qualityOf(request: Request, renditions: Renditions): string | undefined {
  const { quality } = request.query;
  if (quality === undefined) return undefined;
  const name = String(quality);
  if (renditions.find(name)) return name;
  const names = renditions.on.map(each => each.name).join(', ') || 'none now';
  throw new Failure(
    'quality-unknown',
    `There is no quality ${JSON.stringify(name.slice(0, 40))}; there are: ${names}.`,
  );
}

export function playerFrame(deps: PlayerDeps): Router {
  const { renditions, visitors } = deps;
  const router = Router();
  router.get('/player', (request: Request, response: Response) => {
    response.type('html');
    const quality = qualityOf(request, renditions);
    const query = visitors.of(request)?.query ?? '';
    const sound = request.query.sound === '1';
    const document = renderPlayer(deps, {
      sound,
      query,
      ago: agoOf(request),
      ...(quality === undefined ? {} : { quality }),
    });
    if (isOn(renditions.main.state) || request.method === 'HEAD') {
      response.send(document);
      return;
    }
    // A connection that is lost is then a page that is complete, and asks for itself again.
    response.set({ Refresh: '3', Connection: 'close' });
    response.removeHeader('Transfer-Encoding');
    response.write(document);
    waitForStream(renditions.main, response, addressed('/player', { query, quality }));
  });
  return router;
}
