import type { NextFunction, Request, Response } from 'express';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Assets } from './assets.ts';
import type { Templates } from './templates.ts';

type Shown = { status: number; heading: string; retryAfterS?: number };

/** Failure code → what the visitor gets. The sentence is the Failure's own. */
const table: Readonly<Record<string, Shown>> = {
  'not-found': { status: 404, heading: 'Nothing here' },
  'method-not-allowed': { status: 405, heading: 'Not like that' },
  'bad-request': { status: 400, heading: 'That request was not understood' },
  'wrong-host': { status: 421, heading: 'Wrong address' },
  'stream-offline': { status: 404, heading: 'The stream is off' },
  'quality-unknown': { status: 404, heading: 'No such quality' },
  'rewind-off': { status: 404, heading: 'No way back' },
  'rewind-full': { status: 503, heading: 'Too many in the past', retryAfterS: 60 },
  'stream-full': { status: 503, heading: 'The stream is full', retryAfterS: 60 },
  'session-missing': { status: 403, heading: 'Your session has ended' },
  'login-wrong': { status: 403, heading: 'Wrong name or password' },
  'login-wait': { status: 429, heading: 'Too many tries' },
  busy: { status: 503, heading: 'Busy', retryAfterS: 5 },
  banned: { status: 403, heading: 'You are banned' },
  'entry-captcha': { status: 403, heading: 'A captcha first' },
  'entry-invitation': { status: 403, heading: 'Members only' },
  'people-full': { status: 503, heading: 'The site is full', retryAfterS: 60 },
  'reload-too-far': { status: 400, heading: 'Too far ahead' },
};

const unexpected: Shown = { status: 500, heading: 'That went wrong on our side' };

function shownOf(error: unknown): Shown & { sentence: string } {
  const known = error instanceof Failure ? table[error.code] : undefined;
  if (known) return { ...known, sentence: sentenceOf(error) };
  // Express and its parsers throw errors with a `status` for what the client sent.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status === 413) {
    return {
      status,
      heading: 'Too much at once',
      sentence: 'Go back, shorten what you typed and send it again.',
    };
  }
  if (status >= 400 && status < 500) {
    return { status, heading: 'That request was not understood', sentence: 'Please go back and try again.' };
  }
  return { ...unexpected, sentence: 'Please try again in a moment.' };
}

/** No route took the request. */
export function notFound(_request: Request, _response: Response, next: NextFunction): void {
  next(new Failure('not-found', 'There is no page at this address.'));
}

/** The last middleware: an error page of our own, or one line of text for those who asked for no page. */
export function errorPages(deps: { templates: Templates; assets: Assets; log: Log; siteName: string }) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const shown = shownOf(error);
    if (shown.status === 500) deps.log.error(`${codeOf(error) ?? 'error'}: ${sentenceOf(error)}`);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(shown.status);
    if (shown.retryAfterS) response.set('Retry-After', String(shown.retryAfterS));
    if (request.accepts(['text/plain', 'html']) === 'html') {
      const { assets, templates, siteName } = deps;
      const style = assets.url('style.css');
      // A frame has nobody who reloads it.
      if (shown.retryAfterS) response.set('Refresh', String(shown.retryAfterS));
      const home = request.cameByUrl ? `/?t=${encodeURIComponent(String(request.query.t))}` : '/';
      response.type('html').send(templates.render('error', { ...shown, style, home, siteName }));
    } else {
      response.type('text/plain').send(`${shown.heading}. ${shown.sentence}\n`);
    }
  };
}
