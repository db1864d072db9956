import { Router } from 'express';
import { qualitiesOf } from '../delivery/qualities.ts';
import { isOn } from '../live/state.ts';
import type { Board } from '../moderation/board.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { LiveFrames } from './frame/frames.ts';
import { type PlayerDeps, renderPlayer } from './player-frame.ts';
import { rewindLinks } from './rewind-links.ts';
import { nonceOf } from './security.ts';

type WatchDeps = PlayerDeps & {
  frames: LiveFrames;
  board: Pick<Board, 'state'>;
  access: PeopleConfig['access'];
  siteName: string;
  /** How far back one may go, seconds; 0 where nothing is kept. */
  dvrS: number;
};

/** `/`: the picture, and beside it the live column. `?sound=1` waits for the viewer's own press of play. */
export function watchPage(deps: WatchDeps): Router {
  const { renditions, info, frames, board, visitors, templates, assets, access, siteName, dvrS } = deps;
  const router = Router();
  router.get('/', (request, response) => {
    const visitor = visitors.welcome(request);
    const { query } = visitor;
    const { state, title } = info.current;
    const sound = request.query.sound === '1';
    const videojs = request.query.videojs !== '0';
    const html = templates.render('watch', {
      siteName,
      title,
      state,
      sound,
      description: board.state.description,
      picture: renderPlayer(
        deps,
        isOn(renditions.main.state) ? { sound, query } : { sound, query, next: `/player${query}` },
      ),
      rewind: rewindLinks(dvrS, { query, sound }),
      column: frames.still(response, visitor),
      query,
      videojs,
      host: request.headers.host,
      // Where not everybody may come in, another program has to be this person.
      pass: access === 'open' ? '' : visitor.pass,
      // Inside a script element only `<` can end it.
      qualities: JSON.stringify(qualitiesOf(renditions.on)).replaceAll('<', '\\u003c'),
      nonce: nonceOf(response),
      style: assets.url('style.css'),
      // A request of its own would cost more, and come before that for the video.
      icon: assets.dataUrl('icon.png'),
      script: assets.url('watch.js'),
      modules: assets.importsOf(assets.url('watch.js')),
      playerModules: assets.importsOf(assets.url('chunk-player.js')).join(' '),
      playerStyle: assets.url('player.css'),
    });
    response.type('html').send(html);
  });
  return router;
}
