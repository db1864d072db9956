/**
 * The desk at `/broadcaster`: log in, give the commands of moderation/ and see what was done, all of it plain forms.
 * What a command may do, and who may give it, is decided there.
 */
import { parse as parseBasicAuth } from 'basic-auth';
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { CommandResult } from '../moderation/command.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Actor } from '../moderation/staff.ts';
import type { Assets } from './assets.ts';
import { type Info, stateWords } from './info.ts';
import type { Templates } from './templates.ts';
import type { Visitor, Visitors } from './visitor.ts';

type DeskDeps = {
  moderation: Pick<Moderation, 'accounts' | 'commands' | 'log'>;
  info: Info;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  siteName: string;
};

const actionsShown = 30;
const text = z.string().max(4000).catch('');
const deskForm = z.object({
  csrf: text,
  username: text,
  password: text,
  invitation: text,
  line: text,
});

/** Failure code → status where it is not 422. */
const statusOf: Readonly<Record<string, number>> = { 'login-wrong': 403, 'login-wait': 429, busy: 503 };

export function deskRoutes(deps: DeskDeps): Router {
  const { moderation, info, visitors, templates, assets, siteName } = deps;
  const { accounts, commands, log } = moderation;
  const router = Router();
  const parse = express.urlencoded({ extended: false, limit: 16 * 1024, parameterLimit: 20 });
  const page = (response: Response, name: string, values: Record<string, unknown>): void => {
    response
      .type('html')
      .send(templates.render(name, { siteName, style: assets.url('style.css'), ...values }));
  };

  function actorOf(request: Request, { person }: Visitor): Actor | undefined {
    const staff = accounts.staffOf(request.sessionID);
    return staff && { ...staff, personId: person.id };
  }

  function showLogin(response: Response, visitor: Visitor, values: Record<string, unknown> = {}): void {
    page(response, 'login', { ...visitor, notice: '', username: '', invitation: '', ...values });
  }

  function showDesk(
    response: Response,
    visitor: Visitor,
    actor: Actor,
    told?: Partial<CommandResult> & { line: string },
  ): void {
    const { state, title, viewers } = info.current;
    page(response, 'desk', {
      ...visitor,
      actor,
      state: stateWords[state].badge,
      title,
      viewers,
      commands: commands.list(actor),
      actions: log.recent(actionsShown),
      told,
    });
  }

  /** For programs: `curl -u broadcaster:…`. A browser is never asked for it, or it could not be logged out. */
  async function logInByHeader(request: Request, { person, circuit }: Visitor): Promise<void> {
    const given = parseBasicAuth(request.headers.authorization ?? '');
    if (!given || accounts.staffOf(request.sessionID)) return;
    const session = { sessionId: request.sessionID, personId: person.id, circuit };
    await accounts.login(session, { username: given.name, password: given.pass });
  }

  router.get('/broadcaster', async (request, response) => {
    const visitor = visitors.welcome(request);
    await logInByHeader(request, visitor);
    const actor = actorOf(request, visitor);
    if (actor) showDesk(response, visitor, actor);
    else showLogin(response, visitor);
  });

  router.get('/broadcaster/join', (request, response) => {
    showLogin(response, visitors.welcome(request), { invitation: text.parse(request.query.invite) });
  });

  // The session stays the visitor's own; being staff is noted beside it, and ends with a log-out or a new password.
  router.post('/broadcaster/login', parse, async (request, response) => {
    const form = deskForm.parse(request.body ?? {});
    const visitor = visitors.sender(request);
    const { username, password, invitation } = form;
    const session = { sessionId: request.sessionID, personId: visitor.person.id, circuit: visitor.circuit };
    try {
      if (!visitors.gave(visitor, form.csrf)) {
        throw new Failure('session-missing', 'Your session has ended. Here is a new one: log in again.');
      }
      if (invitation) await accounts.acceptInvitation(session, { token: invitation, username, password });
      else await accounts.login(session, { username, password });
      response.redirect(303, `/broadcaster${visitor.query}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(statusOf[error.code] ?? 422);
      showLogin(response, visitor, { notice: sentenceOf(error), username, invitation });
    }
  });

  router.post('/broadcaster', parse, async (request, response) => {
    const { csrf, line } = deskForm.parse(request.body ?? {});
    const visitor = visitors.sender(request);
    const actor = actorOf(request, visitor);
    if (!actor || !visitors.gave(visitor, csrf)) {
      response.status(403);
      return showLogin(response, visitor, { notice: 'You are not logged in any more.' });
    }
    try {
      showDesk(response, visitor, actor, { line: '', ...(await commands.runLine(line, actor)) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(statusOf[error.code] ?? 422);
      showDesk(response, visitor, actor, { line, sentence: sentenceOf(error) });
    }
  });

  router.post('/broadcaster/logout', parse, (request, response) => {
    const visitor = visitors.sender(request);
    if (visitors.gave(visitor, deskForm.parse(request.body ?? {}).csrf)) accounts.logout(request.sessionID);
    response.redirect(303, `/broadcaster${visitor.query}`);
  });

  return router;
}
