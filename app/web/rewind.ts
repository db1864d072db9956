/** Going back in time: `/stream.mp4?ago=60`, and `/live-edge`, which tells a player where the stream is by now. */
import { type Request, Router } from 'express';
import { mediaTypeOf } from '../delivery/qualities.ts';
import type { RewoundViews } from '../delivery/rewound-views.ts';
import { Failure } from '../lib/failure.ts';
import { startMsOf } from '../live/channel.ts';
import type { Dvrs } from '../live/dvrs.ts';
import type { Renditions } from '../live/renditions.ts';
import { channelNamed } from './quality-named.ts';
import { beginEndless, enterAudience, type ViewingDeps } from './viewing.ts';

type RewindDeps = ViewingDeps & {
  renditions: Renditions;
  dvrs: Dvrs;
  rewoundViews: RewoundViews;
  now: () => number;
};

/** Seconds to go back, or undefined for what is live. Throws Failure `bad-request` for anything but a whole number. */
export function agoOf(request: Request): number | undefined {
  const { ago } = request.query;
  if (ago === undefined || ago === '0') return undefined;
  if (typeof ago === 'string' && /^[1-9]\d{0,5}$/.test(ago)) return Number(ago);
  throw new Failure(
    'bad-request',
    `ago must be a whole number of seconds, not ${JSON.stringify(String(ago).slice(0, 40))}.`,
  );
}

export function rewindRoutes(deps: RewindDeps): Router {
  const { renditions, dvrs, rewoundViews, now } = deps;
  const router = Router();

  router.get('/stream.mp4', (request, response, next) => {
    const ago = agoOf(request);
    if (ago === undefined) {
      next();
      return;
    }
    const dvr = dvrs.of(channelNamed(renditions, request.query.quality));
    const first = rewoundViews.place(dvr, ago * 1000);
    response.set({ 'Content-Type': mediaTypeOf(first), 'Accept-Ranges': 'none', Connection: 'close' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    beginEndless(response);
    const isScript = request.query.plain === '1';
    rewoundViews.open(dvr, first, response, isScript, enterAudience(deps, request, response));
  });

  // No clock: a place on the stream's own timeline, and lengths of time.
  router.get('/live-edge', (_request, response) => {
    const { newest } = renditions.main.window;
    if (!newest) throw new Failure('stream-offline', 'The stream is off. Please come back when it is live.');
    response.json({
      edgeMs: Math.round(startMsOf(newest, newest.init) + newest.durationMs),
      ageMs: Math.max(0, Math.round(now() - newest.completedAtMs)),
      // Which there are: a player that knows others asks for them anew.
      qualities: renditions.on.map(({ name }) => name).join(),
      rewindS: Math.floor(dvrs.of(renditions.main).spanMs / 1000),
    });
  });

  return router;
}
