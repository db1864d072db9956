import { Router } from 'express';
import type { LiveChannel } from '../live/channel.ts';
import type { Board } from '../moderation/board.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Assets } from './assets.ts';
import type { LiveFrames } from './frame/frames.ts';
import type { Info } from './info.ts';
import { isOn, renderPlayer } from './player-frame.ts';
import { nonceOf } from './security.ts';
import type { Templates } from './templates.ts';
import type { Visitors } from './visitor.ts';

type WatchDeps = {
  channel: LiveChannel;
  info: Info;
  frames: LiveFrames;
  board: Pick<Board, 'state'>;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  access: PeopleConfig['access'];
  siteName: string;
};

/** `/`: the picture, and beside it the live column. `?sound=1` waits for the viewer's own press of play. */
export function watchPage(deps: WatchDeps): Router {
  const { channel, info, frames, board, visitors, templates, assets, access, siteName } = deps;
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
        isOn(channel) ? { sound, query } : { sound, query, next: `/player${query}` },
      ),
      column: frames.still(response, visitor),
      query,
      videojs,
      host: request.headers.host,
      // Where not everybody may come in, another program has to be this person.
      pass: access === 'open' ? '' : visitor.pass,
      nonce: nonceOf(response),
      style: assets.url('style.css'),
      icon: assets.url('icon.png'),
      script: assets.url('watch.js'),
      playerStyle: assets.url('player.css'),
    });
    response.type('html').send(html);
  });
  return router;
}
