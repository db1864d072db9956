import { Router } from 'express';
import type { Assets } from './assets.ts';
import { type Info, stateWords } from './info.ts';
import { nonceOf } from './security.ts';
import type { Templates } from './templates.ts';

type WatchDeps = { info: Info; templates: Templates; assets: Assets; siteName: string };

/** `/`: the picture, and beside it the live column. `?sound=1` waits for the viewer's own press of play. */
export function watchPage({ info, templates, assets, siteName }: WatchDeps): Router {
  const router = Router();
  router.get('/', (request, response) => {
    request.session.visitor = true;
    const { state, title } = info.current;
    const { heading, sentence } = stateWords[state];
    const videojs = request.query.videojs !== '0';
    const html = templates.render('watch', {
      siteName,
      title,
      state,
      stateHeading: heading,
      stateSentence: sentence,
      sound: request.query.sound === '1',
      videojs,
      host: request.headers.host,
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
