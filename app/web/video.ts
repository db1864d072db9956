/** The stream itself as one response that never ends: `/stream.mp4` in each quality, and the slideshow. */
import { type Request, Router } from 'express';
import { mediaTypeOf, qualitiesOf } from '../delivery/qualities.ts';
import type { Slideshows } from '../delivery/slideshow.ts';
import type { TcpQueues } from '../delivery/tcp-queue.ts';
import type { Reader, Views } from '../delivery/views.ts';
import { mainName, type Renditions } from '../live/renditions.ts';
import { circuitOf } from '../tor/circuit-listener.ts';
import type { CircuitTraffic } from '../tor/circuit-traffic.ts';
import { channelNamed, slidesNamed } from './quality-named.ts';
import { beginEndless, enterAudience, type ViewingDeps } from './viewing.ts';

type VideoDeps = ViewingDeps & {
  renditions: Renditions;
  views: Views;
  slideshows: Slideshows;
  traffic: Pick<CircuitTraffic, 'of'>;
  tcpQueues: TcpQueues;
};

/** A `<video>` of Firefox, and so of Tor Browser, is served for speed; what is fetched by a script is not. */
function readerOf(request: Request): Reader {
  const isGecko = /\bGecko\/\d/.test(request.headers['user-agent'] ?? '');
  const way = /\.onion(:\d+)?$/i.test(request.headers.host ?? '') ? 'tor' : 'direct';
  if (!isGecko || request.query.plain === '1') return { demuxer: 'plain', way };
  const { quality = mainName } = request.query;
  const demuxer = request.query.sound === '1' ? 'audible-gecko' : 'muted-gecko';
  return { demuxer, way, saves: quality !== mainName };
}

export function videoRoutes(deps: VideoDeps): Router {
  const { renditions, views, slideshows, traffic, tcpQueues } = deps;
  const router = Router();

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
    const line = traffic.of(circuitOf(request.socket)) ?? tcpQueues.watch(request.socket);
    views.open(
      channel,
      response,
      { reader: readerOf(request), line },
      enterAudience(deps, request, response),
    );
  });

  router.get('/slideshow', (request, response) => {
    const { slides } = slidesNamed(renditions, request.query.quality);
    response.set({ 'Content-Type': slideshows.type, Connection: 'close' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    slideshows.assertPlace();
    beginEndless(response);
    slideshows.open(slides, response, enterAudience(deps, request, response));
  });

  router.get('/slide.jpg', (request, response) => {
    const { newest } = slidesNamed(renditions, request.query.quality);
    response.type('image/jpeg').send(newest.bytes);
  });

  router.get('/qualities.json', (_request, response) => {
    response.json(qualitiesOf(renditions.on));
  });

  return router;
}
