import { Router } from 'express';
import type { Emotes } from '../chat/emotes.ts';
import { Failure } from '../lib/failure.ts';

/** `/emotes/<name>`: a picture of the emotes folder. The address carries its version, so it may be kept for ever. */
export function emoteRoutes({ emotes }: { emotes: Pick<Emotes, 'find'> }): Router {
  const router = Router();
  router.get('/emotes/:name', (request, response) => {
    const emote = emotes.find(request.params.name);
    if (!emote) throw new Failure('not-found', 'There is no emote of this name any more.');
    response.set('Cache-Control', 'public, max-age=31536000, immutable');
    response.type(emote.contentType).send(emote.bytes);
  });
  return router;
}
