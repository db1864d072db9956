/** The stream itself as one response that never ends: `/stream.mp4` in each quality, and the slideshow. */
import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { mediaTypeOf, qualitiesOf } from '../delivery/qualities.ts';
import type { Slideshows } from '../delivery/slideshow.ts';
import type { Reader, Views } from '../delivery/views.ts';
import { Failure } from '../lib/failure.ts';
import type { Renditions } from '../live/renditions.ts';
import type { Audience } from '../people/audience.ts';
import { circuitOf } from '../tor/circuit-listener.ts';
import type { CircuitTraffic } from '../tor/circuit-traffic.ts';
import type { OpenLines } from './open-lines.ts';
import { channelNamed, slidesNamed } from './quality-named.ts';
import type { Visitors } from './visitor.ts';

type VideoDeps = {
  renditions: Renditions;
  views: Views;
  slideshows: Slideshows;
  audience: Audience;
  lines: OpenLines;
  visitors: Visitors;
  traffic: Pick<CircuitTraffic, 'of'>;
};

/** A `<video>` of Firefox, and so of Tor Browser, is served for speed; what is fetched by a script is not. */
function readerOf(request: Request): Reader {
  const isGecko = /\bGecko\/\d/.test(request.headers['user-agent'] ?? '');
  const way = /\.onion(:\d+)?$/i.test(request.headers.host ?? '') ? 'tor' : 'direct';
  if (!isGecko || request.query.plain === '1') return { demuxer: 'plain', way };
  return { demuxer: request.query.sound === '1' ? 'audible-gecko' : 'muted-gecko', way };
}

/** Without Transfer-Encoding the body lasts until the connection closes, and a part is one write. */
function beginEndless(response: Response): void {
  response.removeHeader('Transfer-Encoding');
  response.flushHeaders();
  response.req.socket.setNoDelay(true);
}

export function videoRoutes(deps: VideoDeps): Router {
  const { renditions, views, slideshows, audience, lines, visitors, traffic } = deps;
  const router = Router();

  /** Counts who watches, whatever they watch; the returned function takes them out again. */
  function enter(request: Request, response: Response): () => void {
    // A player without a session, such as mpv, is a viewer nobody knows.
    const id = visitors.of(request)?.person.id;
    const leaveAudience = audience.enter(id ?? randomUUID());
    const leavePerson = id === undefined ? undefined : lines.open(id, 'view', () => response.destroy());
    return () => {
      leaveAudience();
      leavePerson?.();
    };
  }

  // Range is not looked at: browsers ask for `bytes=0-` first, and show nothing, or freeze, when a live stream
  // answers 206.
  router.get('/stream.mp4', (request, response) => {
    const channel = channelNamed(renditions, request.query.quality);
    response.set({ 'Content-Type': mediaTypeOf(channel), 'Accept-Ranges': 'none', Connection: 'close' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    views.assertPlace();
    beginEndless(response);
    const line = traffic.of(circuitOf(request.socket));
    views.open(channel, response, { reader: readerOf(request), line }, enter(request, response));
  });

  router.get('/slideshow', (request, response) => {
    const slides = slidesNamed(renditions, request.query.quality);
    response.set({ 'Content-Type': slideshows.type, Connection: 'close' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    slideshows.assertPlace();
    beginEndless(response);
    slideshows.open(slides, response, enter(request, response));
  });

  router.get('/slide.jpg', (request, response) => {
    const { newest } = slidesNamed(renditions, request.query.quality);
    if (!newest) throw new Failure('not-found', 'There is no picture yet. Try again in some seconds.');
    response.type('image/jpeg').send(newest.bytes);
  });

  router.get('/qualities.json', (_request, response) => {
    response.json(qualitiesOf(renditions.on));
  });

  return router;
}
