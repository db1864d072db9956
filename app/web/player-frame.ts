/**
 * The picture without JavaScript. The watch page carries this frame's document with it (srcdoc), which saves a round
 * trip; `/player` is the same for reloading, for sound, and to wait for a stream that is off.
 */
import { type Request, type Response, Router } from 'express';
import type { LiveChannel } from '../live/channel.ts';
import type { Assets } from './assets.ts';
import { type Info, stateWords } from './info.ts';
import type { Templates } from './templates.ts';

type PlayerDeps = { channel: LiveChannel; info: Info; templates: Templates; assets: Assets };

const keepAliveMs = 20_000;
// Then the browser asks again: a connection that died unseen is replaced.
const maxWaitMs = 10 * 60_000;
const again = '<meta http-equiv="refresh" content="0;url=/player">';

/** Whether there is a picture to show: the moving one, or the last one of a stream that was interrupted. */
export function isOn(channel: LiveChannel): boolean {
  return channel.state === 'live' || channel.state === 'stalled';
}

/** The frame's document: the video element, or what is said in its place; `next` is loaded right after it. */
export function renderPlayer(deps: PlayerDeps, { sound, next }: { sound: boolean; next?: string }): string {
  const { channel, info, templates, assets } = deps;
  const { heading, sentence } = stateWords[info.current.state];
  return templates.render('player', {
    on: isOn(channel),
    sound,
    next,
    heading,
    sentence,
    style: assets.url('style.css'),
  });
}

/** Holds the document of a stream that is off open until it is on, then lets the browser load it anew. */
function waitForStream(channel: LiveChannel, response: Response): void {
  const unsubscribe = channel.events.subscribe(() => {
    if (isOn(channel)) response.end(again);
  });
  const alive = setInterval(() => response.write('<!-- -->\n'), keepAliveMs);
  const enough = setTimeout(() => response.end(again), maxWaitMs);
  response.once('close', () => {
    unsubscribe();
    clearInterval(alive);
    clearTimeout(enough);
  });
}

export function playerFrame(deps: PlayerDeps): Router {
  const router = Router();
  router.get('/player', (request: Request, response: Response) => {
    response.type('html');
    const document = renderPlayer(deps, { sound: request.query.sound === '1' });
    if (isOn(deps.channel) || request.method === 'HEAD') {
      response.send(document);
      return;
    }
    response.write(document);
    waitForStream(deps.channel, response);
  });
  return router;
}
