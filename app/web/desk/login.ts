import { parse as parseBasicAuth } from 'basic-auth';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { Failure, sentenceOf } from '../../lib/failure.ts';
import type { Accounts } from '../../moderation/accounts.ts';
import { addressed } from '../addressed.ts';
import { statusOf } from '../form-status.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import type { Answer, Answers } from './answers.ts';
import { fields, fieldsOf, type Typed, textOf } from './form.ts';

type LoginDeps = {
  accounts: Accounts;
  visitors: Visitors;
  answers: Answers;
  parse: RequestHandler;
  /** The log-in page as HTML. */
  page: (visitor: Visitor, values: LoginValues) => string;
};

/** What was sent, and to which page, by somebody whose log-in had ended: it goes along, and is in its form again. */
type Unsent = Readonly<{ page: string; typed: Typed }>;

const unsent: z.ZodType<Unsent> = z.object({
  page: z.string().regex(/^[a-z]{0,20}$/),
  typed: z.object({ form: z.string(), fields }),
});

export type LoginValues = {
  notice?: string;
  username?: string;
  invitation?: string;
  unsent?: Unsent | undefined;
};

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
  // Whoever made an address with a session in it has that session, too.
  if (!given || request.cameByUrl || accounts.staffOf(request.sessionID)) return;
  const session = { sessionId: request.sessionID, personId: person.id, circuit };
  await accounts.login(session, { username: given.name, password: given.pass });
}

/** Log-in, log-out, and the way in for those who were invited to be moderators. */
export function loginRoutes({ accounts, visitors, answers, parse, page }: LoginDeps): Router {
  const router = Router();

  router.get('/broadcaster/join', (request, response) => {
    const invitation = textOf(fieldsOf(request), 'invite');
    showLogin(response, page, visitors.welcome(request), { invitation });
  });

  // A session that a cookie brought stays the visitor's own; being staff is noted beside it, and ends with a log-out or a
  // new password. One that the address brought may be somebody else's, who gave them that address: they get another.
  router.post('/broadcaster/login', parse, async (request, response) => {
    const form = fieldsOf(request);
    const [username, password] = [textOf(form, 'username'), textOf(form, 'password')];
    const invitation = textOf(form, 'invitation');
    const kept = unsentIn(textOf(form, 'unsent'));
    let visitor = visitors.sender(request);
    try {
      if (!visitors.gave(visitor, textOf(form, 'csrf'))) {
        throw new Failure('session-missing', 'Your session has ended. Here is a new one: log in again.');
      }
      if (request.cameByUrl) visitor = await visitors.renew(request);
      const { person, query, circuit } = visitor;
      const session = { sessionId: request.sessionID, personId: person.id, circuit };
      if (invitation) await accounts.acceptInvitation(session, { token: invitation, username, password });
      else await accounts.login(session, { username, password });
      const told = kept && answers.keep(request.sessionID, backAgain(kept));
      response.redirect(
        303,
        addressed(`/broadcaster/${kept?.page ?? ''}`.replace(/\/$/, ''), { query, told }),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(statusOf(error));
      showLogin(response, page, visitor, { notice: sentenceOf(error), username, invitation, unsent: kept });
    }
  });

  router.post('/broadcaster/logout', parse, (request, response) => {
    const visitor = visitors.sender(request);
    if (visitors.gave(visitor, textOf(fieldsOf(request), 'csrf'))) accounts.logout(request.sessionID);
    response.redirect(303, `/broadcaster${visitor.query}`);
  });

  return router;
}

function unsentIn(text: string): Unsent | undefined {
  try {
    return unsent.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function backAgain({ typed }: Unsent): Answer {
  const sentence = 'You are logged in. What you had sent was not done: it stands in its form again.';
  return { sentence, lines: [], isError: false, typed };
}
