/** What changes by itself on the desk, for pages without JavaScript: the frame of figures, and a picture of viewers. */
import { Router } from 'express';
import { Failure } from '../../lib/failure.ts';
import type { Templates } from '../templates.ts';
import type { Visitors } from '../visitor.ts';
import { type Facts, factsOf } from './facts.ts';
import { fieldsOf, textOf } from './form.ts';
import { chartPng, hoursOf } from './over-time.ts';
import type { ViewDeps } from './pages.ts';
import { helpers } from './template-helpers.ts';

type FigureDeps = ViewDeps & {
  visitors: Visitors;
  templates: Templates;
  style: Readonly<Record<string, string>>;
};

/** The frame asks for itself again so often. */
export const factsEveryS = 5;

export function currentFacts({ moderation, held, modes }: ViewDeps): Facts {
  const { stream, counters, raid } = moderation;
  return factsOf(stream.status(), {
    lastMinute: counters.lastMinute(),
    waiting: held.size,
    isRaid: raid.isOn,
    isClosed: modes.state.closed,
  });
}

export function figureRoutes(deps: FigureDeps): Router {
  const { moderation, visitors, templates, style } = deps;
  const router = Router();

  router.get('/broadcaster/facts', (request, response) => {
    const visitor = visitors.welcome(request);
    const isStaff = moderation.accounts.staffOf(request.sessionID) !== undefined;
    const shown = isStaff ? { facts: currentFacts(deps), next: factsEveryS } : {};
    const values = { ...helpers({ request, visitor, page: '' }), ...style, ...shown };
    response
      .status(isStaff ? 200 : 403)
      .type('html')
      .send(templates.render('desk-facts-frame', values));
  });

  router.get('/broadcaster/viewers', (request, response) => {
    if (!moderation.accounts.staffOf(request.sessionID)) {
      throw new Failure('session-missing', 'Your log-in has ended. Log in again.');
    }
    const hours = hoursOf(textOf(fieldsOf(request), 'hours'));
    response.type('image/png').send(chartPng(moderation.viewers, hours));
  });

  return router;
}
