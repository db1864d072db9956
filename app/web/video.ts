/** The stream itself: `/stream.mp4`, `/stream.m3u8` and the media that the playlist names. */
import { randomUUID } from 'node:crypto';
import { type Request, Router } from 'express';
import { holdFirstSegment, holdPart, holdReload } from '../delivery/blocking.ts';
import { mediaOf, mediaPlaylist, parseMediaName } from '../delivery/hls.ts';
import type { Reader, Views } from '../delivery/views.ts';
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { Audience } from '../people/audience.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { OpenLines } from './open-lines.ts';
import type { Visitors } from './visitor.ts';

type VideoDeps = {
  channel: LiveChannel;
  views: Views;
  audience: Audience;
  lines: OpenLines;
  visitors: Visitors;
  access: PeopleConfig['access'];
};

function wholeNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Failure(
    'bad-request',
    `${name} must be a whole number, not ${JSON.stringify(text.slice(0, 40))}.`,
  );
}

function codecsOf(channel: LiveChannel): string {
  const codecs = channel.init?.tracks.map(track => track.codec).join(', ');
  return codecs ? `video/mp4; codecs="${codecs}"` : 'video/mp4';
}

/** A `<video>` of Firefox, and so of Tor Browser, is served for speed; what is fetched by a script is not. */
function readerOf(request: Request): Reader {
  const isGecko = /\bGecko\/\d/.test(request.headers['user-agent'] ?? '');
  if (!isGecko || request.query.plain === '1') return 'plain';
  if (request.query.sound === '1') return 'audible-gecko';
  return /\.onion(:\d+)?$/i.test(request.headers.host ?? '') ? 'muted-gecko-through-tor' : 'muted-gecko';
}

export function videoRoutes({ channel, views, audience, lines, visitors, access }: VideoDeps): Router {
  const router = Router();

  // Range is not looked at: browsers ask for `bytes=0-` first, and show nothing, or freeze, when a live stream
  // answers 206.
  router.get('/stream.mp4', (request, response) => {
    response.set({ 'Content-Type': codecsOf(channel), 'Accept-Ranges': 'none', Connection: 'close' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    views.assertPlace();
    // Without Transfer-Encoding the body lasts until the connection closes, and a part is one write.
    response.removeHeader('Transfer-Encoding');
    response.flushHeaders();
    request.socket.setNoDelay(true);
    // A player without a session, such as mpv, is a viewer nobody knows.
    const id = visitors.of(request)?.person.id;
    const leaveAudience = audience.enter(id ?? randomUUID());
    const leavePerson = id === undefined ? undefined : lines.open(id, 'view', () => response.destroy());
    views.open(channel, response, readerOf(request), () => {
      leaveAudience();
      leavePerson?.();
    });
  });

  router.get('/stream.m3u8', async (request, response) => {
    const sequence = wholeNumber(request.query._HLS_msn, '_HLS_msn');
    const part = wholeNumber(request.query._HLS_part, '_HLS_part');
    if (part !== undefined && sequence === undefined) {
      throw new Failure('bad-request', '_HLS_part needs _HLS_msn (rfc8216bis §6.2.5.2).');
    }
    const signal = closeSignal(response);
    await holdFirstSegment(channel, signal);
    if (sequence !== undefined) await holdReload(channel, { sequence, part }, signal);
    // Where not everybody may come in, a player has to show who it is with every piece.
    const query = access === 'open' ? '' : visitors.of(request)?.query;
    response.type('application/vnd.apple.mpegurl').send(mediaPlaylist(channel, query));
  });

  router.get('/hls/:name', async (request, response) => {
    const name = parseMediaName(request.params.name);
    if (name?.kind === 'part') await holdPart(channel, name.number, closeSignal(response));
    const chunks = name && mediaOf(channel, name);
    if (!chunks) throw new Failure('not-found', 'This piece of the stream has passed. Reload the playlist.');
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    response.set({ 'Content-Type': 'video/mp4', 'Content-Length': String(length) });
    if (request.method !== 'HEAD') for (const chunk of chunks) response.write(chunk);
    response.end();
  });

  return router;
}

/** Aborts when the client goes away before it has its answer. */
function closeSignal(response: NodeJS.EventEmitter): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
