/**
 * The door: nobody who may not come in gets past it, to no page and no stream. Whoever lacks only a captcha, an
 * invitation or a member's tripcode is asked for it on the start page. Who may come in is decided in people/.
 */
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { z } from 'zod';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { Club } from '../moderation/club.ts';
import type { TripcodeEntry } from '../moderation/tripcode-entry.ts';
import { missingToEnter } from '../people/access.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { People } from '../people/people.ts';
import type { Assets } from './assets.ts';
import type { Entry } from './entry.ts';
import { statusOf } from './form-status.ts';
import type { Templates } from './templates.ts';
import type { Visitor, Visitors } from './visitor.ts';

type GateDeps = {
  entry: Entry;
  access: PeopleConfig['access'];
  visitors: Visitors;
  people: Pick<People, 'passedCaptcha'>;
  captchas: CaptchaPool;
  club: Pick<Club, 'redeem'>;
  tripcodeEntry: TripcodeEntry;
  templates: Templates;
  assets: Assets;
  siteName: string;
  classicTripcodes: boolean;
};

// Outside: the way in, the desk with its own log-in, and the message form, which admits or refuses each message itself and
// gives a refused one back.
// As Express takes addresses: in either case, with or without a slash at the end.
const outside = /^\/(enter|captcha\/[\w.-]+|chat\/form|broadcaster(\/\w+)?)\/?$/i;

const text = z.string().max(200).catch('');
const enterForm = z.object({
  csrf: text,
  invitation: text,
  // As long as it is: one that is too long is told so.
  password: z.string().catch(''),
  classic: text,
  captchaId: text,
  captchaAnswer: text,
});

export function createGate(deps: GateDeps): { guard: RequestHandler; routes: Router } {
  const { entry, access, visitors, people, captchas, club, tripcodeEntry, templates, assets, siteName } =
    deps;

  function ask(response: Response, visitor: Visitor, values: { notice?: string; invitation?: string }): void {
    const missing = missingToEnter(visitor.person, access);
    const needsCaptcha = missing === 'captcha' || (missing === 'invitation' && tripcodeEntry.needsCaptcha);
    const html = templates.render('enter', {
      ...visitor,
      siteName,
      style: assets.url('style.css'),
      missing,
      classic: deps.classicTripcodes,
      captchaId: needsCaptcha ? captchas.issue(visitor.person.id).id : undefined,
      spoken: captchas.speaks,
      ...values,
    });
    response.type('html').send(html);
  }

  function guard(request: Request, response: Response, next: NextFunction): void {
    if (outside.test(request.path)) {
      next();
      return;
    }
    const person = visitors.of(request)?.person;
    const refused = entry(person);
    const invitation = text.parse(request.query.invite);
    const isInvited = invitation !== '' && person?.memberSinceMs === undefined;
    const isStart = request.path === '/' && refused?.code !== 'banned';
    if (isStart && (refused || isInvited)) {
      if (refused) response.status(403);
      // Not yet used up: previews and prefetching browsers open links too.
      ask(response, visitors.welcome(request), { invitation });
    } else next(refused);
  }

  async function enter(form: z.infer<typeof enterForm>, { person, circuit }: Visitor): Promise<void> {
    const captcha = { id: form.captchaId, answer: form.captchaAnswer };
    if (form.password !== '') {
      const { password, classic } = form;
      const kind = classic ? 'classic' : 'secure';
      await tripcodeEntry.enter({ personId: person.id, circuit, password, kind, captcha });
      return;
    }
    if (form.invitation !== '' || missingToEnter(person, access) !== 'captcha') {
      club.redeem(invitationIn(form.invitation), person.id);
      return;
    }
    const verdict = captchas.solve(captcha.id, captcha.answer);
    if (verdict === 'wrong') throw new Failure('captcha-wrong', 'That was not what the picture shows.');
    if (verdict === 'expired') throw new Failure('captcha-expired', 'That captcha has expired.');
    people.passedCaptcha(person.id);
  }

  const routes = Router();
  routes.post(
    '/enter',
    express.urlencoded({ extended: false, parameterLimit: 20 }),
    async (request, response) => {
      const form = enterForm.parse(request.body ?? {});
      const visitor = visitors.sender(request);
      const refused = entry(visitor.person);
      if (refused?.code === 'banned') throw refused;
      const { invitation } = form;
      if (!visitors.gave(visitor, form.csrf)) {
        response.status(403);
        return ask(response, visitor, { invitation, notice: 'Your session has ended. Here is a new one.' });
      }
      try {
        // Sent twice, the second one finds the captcha used and the door open.
        if (refused || invitation !== '') await enter(form, visitor);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        response.status(statusOf(error));
        return ask(response, visitor, { invitation, notice: sentenceOf(error) });
      }
      response.redirect(303, `/${visitor.query}`);
    },
  );
  return { guard, routes };
}

/** The token, also of an invitation that was pasted as its whole address. */
function invitationIn(pasted: string): string {
  return /[?&]invite=([\w-]+)/.exec(pasted)?.[1] ?? pasted.trim();
}
