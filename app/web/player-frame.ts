/**
 * The picture without JavaScript. The watch page carries this frame's document with it (srcdoc), which saves a round
 * trip; `/player` is the same for reloading, for sound, and to wait for a stream that is off.
 */
import { type Request, type Response, Router } from 'express';
import type { LiveChannel } from '../live/channel.ts';
import type { Assets } from './assets.ts';
import { type Info, stateWords } from './info.ts';
import type { Templates } from './templates.ts';
import type { Visitors } from './visitor.ts';

type PlayerDeps = {
  channel: LiveChannel;
  info: Info;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
};

const keepAliveMs = 20_000;
// Then the browser asks again: a connection that died unseen is replaced.
const maxWaitMs = 10 * 60_000;

/** Whether there is a picture to show: the moving one, or the last one of a stream that was interrupted. */
export function isOn(channel: LiveChannel): boolean {
  return channel.state === 'live' || channel.state === 'stalled';
}

/** `query` carries the session of a browser without cookies; `next` is loaded soon after the document. */
type PlayerValues = { sound: boolean; query: string; next?: string };

/** The frame's document: the video element, or what is said in its place. */
export function renderPlayer(deps: PlayerDeps, values: PlayerValues): string {
  const { channel, info, templates, assets } = deps;
  const { heading, sentence } = stateWords[info.current.state];
  return templates.render('player', {
    on: isOn(channel),
    ...values,
    heading,
    sentence,
    style: assets.url('style.css'),
  });
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
    if (isOn(channel)) end();
  });
  const alive = setInterval(() => response.write('<!-- -->\n'), keepAliveMs);
  const enough = setTimeout(end, maxWaitMs);
  response.once('close', leave);
}

export function playerFrame(deps: PlayerDeps): Router {
  const router = Router();
  router.get('/player', (request: Request, response: Response) => {
    response.type('html');
    const query = deps.visitors.of(request)?.query ?? '';
    const document = renderPlayer(deps, { sound: request.query.sound === '1', query });
    if (isOn(deps.channel) || request.method === 'HEAD') {
      response.send(document);
      return;
    }
    // A connection that is lost is then a page that is complete, and asks for itself again.
    response.set({ Refresh: '3', Connection: 'close' });
    response.removeHeader('Transfer-Encoding');
    response.write(document);
    waitForStream(deps.channel, response, `/player${query}`);
  });
  return router;
}
