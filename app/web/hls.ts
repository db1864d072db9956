/** HLS: the media playlist of each rendition, the pieces that they name, and the playlist of the playlists. */
import { type Request, type RequestHandler, Router } from 'express';
import { holdFirstSegment, holdPart, holdReload } from '../delivery/blocking.ts';
import { mediaOf, mediaPlaylist, parseMediaName } from '../delivery/hls.ts';
import { multivariantPlaylist } from '../delivery/multivariant.ts';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import { mainName, type Renditions } from '../live/renditions.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Returning } from '../people/returning.ts';
import { channelNamed } from './quality-named.ts';
import { returnToAudience, type ViewingDeps } from './viewing.ts';

type HlsDeps = ViewingDeps & {
  renditions: Renditions;
  returning: Returning;
  access: PeopleConfig['access'];
};

const playlistType = 'application/vnd.apple.mpegurl';

function wholeNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Failure(
    'bad-request',
    `${name} must be a whole number, not ${JSON.stringify(text.slice(0, 40))}.`,
  );
}

const startsAtKeyframe = (request: Request): boolean => request.query.start === 'keyframe';

export function hlsRoutes(deps: HlsDeps): Router {
  const { renditions, visitors, access } = deps;
  const router = Router();
  const channelOf = (request: Request): LiveChannel =>
    channelNamed(renditions, request.params.quality ?? mainName);
  // Where not everybody may come in, a player has to show who it is with every piece.
  const queryOf = (request: Request): string =>
    access === 'open' ? '' : (visitors.of(request)?.query ?? '');

  const playlist: RequestHandler = async (request, response) => {
    const channel = channelOf(request);
    const sequence = wholeNumber(request.query._HLS_msn, '_HLS_msn');
    const part = wholeNumber(request.query._HLS_part, '_HLS_part');
    if (part !== undefined && sequence === undefined) {
      throw new Failure('bad-request', '_HLS_part needs _HLS_msn (rfc8216bis §6.2.5.2).');
    }
    const signal = closeSignal(response);
    await holdFirstSegment(channel, signal);
    if (sequence !== undefined) await holdReload(channel, { sequence, part }, signal);
    const options = { query: queryOf(request), startsAtKeyframe: startsAtKeyframe(request) };
    const text = mediaPlaylist(channel, options);
    if (channel.state !== 'ended' && request.method !== 'HEAD') returnToAudience(deps, request);
    response.type(playlistType).send(text);
  };

  const piece: RequestHandler = async (request, response) => {
    const channel = channelOf(request);
    const name = parseMediaName(String(request.params.name));
    if (name?.kind === 'part') await holdPart(channel, name.number, closeSignal(response));
    const chunks = name && mediaOf(channel, name);
    if (!chunks) throw new Failure('not-found', 'This piece of the stream has passed. Reload the playlist.');
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    response.set({ 'Content-Type': 'video/mp4', 'Content-Length': String(length) });
    if (request.method !== 'HEAD') for (const chunk of chunks) response.write(chunk);
    response.end();
  };

  router.get('/stream.m3u8', playlist);
  router.get('/hls/:name', piece);
  router.get('/:quality/stream.m3u8', playlist);
  router.get('/:quality/hls/:name', piece);

  router.get('/qualities.m3u8', async (request, response) => {
    await holdFirstSegment(renditions.main, closeSignal(response));
    const { codecs } = request.query;
    const codec = codecs === undefined ? undefined : String(codecs);
    const options = { query: queryOf(request), codec, startsAtKeyframe: startsAtKeyframe(request) };
    response.type(playlistType).send(multivariantPlaylist(renditions.on, options));
  });

  return router;
}

/** Aborts when the client goes away before it has its answer. */
function closeSignal(response: NodeJS.EventEmitter): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
