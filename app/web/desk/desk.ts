/**
 * The desk at `/broadcaster`: log in, see how stream and chat are, and give the commands of moderation/; all of it plain
 * forms, which JavaScript only makes live. What a command does, and who may give it, is decided there.
 */
import express, { type Request, type Response, Router } from 'express';
import { Failure } from '../../lib/failure.ts';
import type { Actor } from '../../moderation/staff.ts';
import type { Assets } from '../assets.ts';
import { statusOf } from '../form-status.ts';
import type { LiveFrames } from '../frame/frames.ts';
import { nonceOf } from '../security.ts';
import type { Templates } from '../templates.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import { type Answer, Answers } from './answers.ts';
import { currentFacts, factsEveryS, figureRoutes } from './figures.ts';
import { type Fields, fieldsOf, give, textOf, toldOf, typedIn } from './form.ts';
import { type LoginValues, logInByHeader, loginRoutes, showLogin } from './login.ts';
import { type DeskPage, deskPages, type ViewDeps } from './pages.ts';
import { helpers } from './template-helpers.ts';

export type DeskDeps = ViewDeps & {
  frames: LiveFrames;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  siteName: string;
};

// Several hundred checkboxes, and a text of 16,384 characters of three bytes.
const formLimits = { limit: 256 * 1024, parameterLimit: 1000 };
/** Fields that nobody typed. */
const ownFields: ReadonlySet<string> = new Set([
  'csrf',
  'password',
  'oldPassword',
  't',
  'form',
  'pick',
  'keep',
  'only',
]);

/** One who is logged in. */
type Staff = { visitor: Visitor; actor: Actor };

export function deskRoutes(deps: DeskDeps): Router {
  const { moderation, frames, visitors, templates, assets, siteName, now } = deps;
  const { accounts, commands } = moderation;
  const router = Router();
  const parse = express.urlencoded({ extended: false, ...formLimits });
  const answers = new Answers({ now });

  const style = { style: assets.url('style.css'), deskStyle: assets.url('desk.css') };
  const loginPage = (visitor: Visitor, values: LoginValues): string =>
    templates.render('login', {
      ...visitor,
      siteName,
      style: style.style,
      icon: assets.url('icon.png'),
      notice: '',
      username: '',
      invitation: '',
      ...values,
      // For the page, and once more for the form that brings it back.
      sent: Object.entries(values.unsent?.typed.fields ?? {}).filter(([name]) => !ownFields.has(name)),
      unsent: values.unsent ? JSON.stringify(values.unsent) : '',
    });
  const actorOf = (request: Request, { person }: Visitor): Actor | undefined => {
    const staff = accounts.staffOf(request.sessionID);
    return staff && { ...staff, personId: person.id };
  };
  router.use(
    loginRoutes({ accounts, visitors, answers, parse, page: loginPage }),
    figureRoutes({ ...deps, style }),
  );

  /** The whole page, or with `only=live` what a page that stays open takes over from it. */
  function show(
    request: Request,
    response: Response,
    { visitor, actor }: Staff,
    page: DeskPage,
    answer?: Answer,
  ): void {
    const query = fieldsOf(request);
    const facts = currentFacts(deps);
    const mayOpen = (each: DeskPage): boolean =>
      each.needs === undefined || commands.mayRun(actor, each.needs);
    const values = {
      ...helpers({ request, visitor, page: page.path, typed: answer?.typed }),
      ...style,
      siteName,
      nonce: nonceOf(response),
      actor,
      answer,
      may: (command: string): boolean => commands.mayRun(actor, command),
      pages: deskPages.filter(mayOpen),
      page,
      waiting: deps.held.size,
      facts,
      ...page.view(deps, { actor, query }),
    };
    const isLive = textOf(query, 'only') === 'live';
    const factsFrame = isLive ? '' : templates.render('desk-facts-frame', { ...values, next: factsEveryS });
    const body = templates.render(`desk-${page.path || 'now'}`, { ...values, factsFrame });
    const html = isLive
      ? templates.render('desk-live', { ...values, body })
      : templates.render('desk', {
          ...values,
          body,
          script: assets.url('desk.js'),
          icon: assets.url('icon.png'),
          column: page.path === '' ? frames.still(response, visitor) : '',
        });
    response.type('html').send(html);
  }

  function pageOf(request: Request, actor: Actor): { page: DeskPage; refused?: Answer } | undefined {
    const path = String(request.params.page ?? '');
    const page = deskPages.find(each => each.path === path);
    const first = deskPages[0];
    if (!page || !first) return undefined;
    if (page.needs === undefined || commands.mayRun(actor, page.needs)) return { page };
    const failure = new Failure('not-allowed', `“${page.label}” is for the broadcaster only.`);
    return { page: first, refused: toldOf(failure, undefined) };
  }

  function logInAgain(request: Request, response: Response, visitor: Visitor, sent?: Fields): void {
    const notice = 'Your log-in has ended, and nothing was done. Log in again.';
    const unsent = sent && { page: String(request.params.page ?? ''), typed: typedIn(sent) };
    showLogin(response.status(403), loginPage, visitor, { notice, unsent });
  }

  router.get('/broadcaster{/:page}', async (request, response, next) => {
    const visitor = visitors.welcome(request);
    await logInByHeader(accounts, request, visitor);
    const actor = actorOf(request, visitor);
    if (!actor) {
      if (textOf(fieldsOf(request), 'only') === 'live') response.status(403);
      return showLogin(response, loginPage, visitor);
    }
    const found = pageOf(request, actor);
    if (!found) return next();
    if (found.refused) response.status(403);
    const answer = answers.find(request.sessionID, textOf(fieldsOf(request), 'told'));
    show(request, response, { visitor, actor }, found.page, found.refused ?? answer);
  });

  router.post('/broadcaster{/:page}', parse, async (request, response, next) => {
    const sent = fieldsOf(request);
    const visitor = visitors.sender(request);
    const actor = actorOf(request, visitor);
    const isOurs = visitors.gave(visitor, textOf(sent, 'csrf'));
    // What somebody else's page sent is shown nowhere.
    if (!actor) return logInAgain(request, response, visitor, isOurs ? sent : undefined);
    const found = pageOf(request, actor);
    if (!found) return next();
    const staff = { visitor, actor };
    try {
      if (!isOurs) throw new Failure('session-missing', 'This form was from another session. Send it again.');
      const session = { sessionId: request.sessionID, personId: visitor.person.id, circuit: visitor.circuit };
      const answer = (await found.page.act?.(deps, session, sent)) ?? (await give(commands, sent, actor));
      // A trial says nothing about what was typed: it stays.
      const kept = textOf(sent, 'keep') === 'yes' ? { ...answer, typed: typedIn(sent) } : answer;
      const told = answers.keep(request.sessionID, kept);
      const only = textOf(sent, 'only');
      const { to } = helpers({ request, visitor, page: found.page.path });
      response.redirect(303, to({ told, ...(only === '' ? {} : { only }) }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(statusOf(error));
      show(request, response, staff, found.page, toldOf(error, isOurs ? typedIn(sent) : undefined));
    }
  });

  return router;
}
