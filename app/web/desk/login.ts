import { parse as parseBasicAuth } from 'basic-auth';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { Failure, sentenceOf } from '../../lib/failure.ts';
import type { Accounts } from '../../moderation/accounts.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import { type Fields, fieldsOf, textOf } from './form.ts';
import { statusOf } from './status.ts';

type LoginDeps = {
  accounts: Accounts;
  visitors: Visitors;
  parse: RequestHandler;
  /** The log-in page as HTML. */
  page: (visitor: Visitor, values: LoginValues) => string;
};

/** `typed`: what was sent by somebody whose log-in had ended. */
export type LoginValues = { notice?: string; username?: string; invitation?: string; typed?: Fields };

export function showLogin(
  response: Response,
  page: LoginDeps['page'],
  visitor: Visitor,
  values: LoginValues = {},
) {
  response.type('html').send(page(visitor, values));
}

/** For programs: `curl -u broadcaster:…`. A browser is never asked for it, or it could not be logged out. */
export async function logInByHeader(
  accounts: Accounts,
  request: Request,
  { person, circuit }: Visitor,
): Promise<void> {
  const given = parseBasicAuth(request.headers.authorization ?? '');
  if (!given || accounts.staffOf(request.sessionID)) return;
  const session = { sessionId: request.sessionID, personId: person.id, circuit };
  await accounts.login(session, { username: given.name, password: given.pass });
}

/** Log-in, log-out, and the way in for those who were invited to be moderators. */
export function loginRoutes({ accounts, visitors, parse, page }: LoginDeps): Router {
  const router = Router();

  router.get('/broadcaster/join', (request, response) => {
    const invitation = textOf(fieldsOf(request), 'invite');
    showLogin(response, page, visitors.welcome(request), { invitation });
  });

  // The session stays the visitor's own; being staff is noted beside it, and ends with a log-out or a new password.
  router.post('/broadcaster/login', parse, async (request, response) => {
    const form = fieldsOf(request);
    const [username, password] = [textOf(form, 'username'), textOf(form, 'password')];
    const invitation = textOf(form, 'invitation');
    const visitor = visitors.sender(request);
    const session = { sessionId: request.sessionID, personId: visitor.person.id, circuit: visitor.circuit };
    try {
      if (!visitors.gave(visitor, textOf(form, 'csrf'))) {
        throw new Failure('session-missing', 'Your session has ended. Here is a new one: log in again.');
      }
      if (invitation) await accounts.acceptInvitation(session, { token: invitation, username, password });
      else await accounts.login(session, { username, password });
      response.redirect(303, `/broadcaster${visitor.query}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(statusOf(error));
      showLogin(response, page, visitor, { notice: sentenceOf(error), username, invitation });
    }
  });

  router.post('/broadcaster/logout', parse, (request, response) => {
    const visitor = visitors.sender(request);
    if (visitors.gave(visitor, textOf(fieldsOf(request), 'csrf'))) accounts.logout(request.sessionID);
    response.redirect(303, `/broadcaster${visitor.query}`);
  });

  return router;
}
