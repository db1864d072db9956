/** Writing without JavaScript: one small frame with the message form, and the visitor's name, colour and tripcode. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RefusalReason } from '../chat/refusal.ts';
import type { Speak } from '../chat/speak.ts';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { People } from '../people/people.ts';
import type { Assets } from './assets.ts';
import { nonceOf } from './security.ts';
import type { Templates } from './templates.ts';
import { newNonce, type Visitor, type Visitors } from './visitor.ts';

export type ChatFormDeps = {
  speak: Speak;
  captchas: CaptchaPool;
  people: People;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  defaultName: string;
  classicTripcodes: boolean;
};

// A message of 512 characters has at most some 10 kB of form data; longer ones still come back filled in.
const maxFormBytes = 64 * 1024;

const text = z.string().catch('');
const messageForm = z.object({
  csrf: text,
  nonce: text,
  text,
  replyTo: z.coerce.number().int().positive().optional().catch(undefined),
  captchaId: text,
  captchaAnswer: text,
  action: z.enum(['send', 'another', 'lines']).catch('send'),
});

const identityForm = z.object({
  csrf: text,
  name: text,
  colour: text,
  password: text,
  classic: text,
  action: z.enum(['save', 'clear']).catch('save'),
});

const statusOf: Partial<Record<RefusalReason, number>> = {
  banned: 403,
  muted: 403,
  'chat-closed': 403,
  'members-only': 403,
  'tripcodes-only': 403,
  flood: 429,
  'slow-mode': 429,
  duplicate: 429,
  'newcomers-wait': 429,
  'not-stored': 503,
};

type FormValues = {
  text?: string;
  notice?: string;
  replyTo?: number | undefined;
  captchaId?: string | undefined;
  lines?: boolean;
};

export function chatForm(deps: ChatFormDeps): Router {
  const { speak, captchas, people, visitors, templates, assets, defaultName } = deps;
  const router = Router();
  const parse = express.urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 20 });

  function showForm(response: Response, visitor: Visitor, values: FormValues): void {
    const { person } = visitor;
    const html = templates.render('form', {
      ...visitor,
      style: assets.url('style.css'),
      nonce: nonceOf(response),
      formNonce: newNonce(),
      colour: person.colour,
      name: person.name ?? `${defaultName}${person.tag}`,
      text: '',
      spoken: captchas.speaks,
      ...values,
      lines: values.lines || values.text?.includes('\n'),
    });
    response.type('html').send(html);
  }

  function showIdentity(response: Response, visitor: Visitor, values: Record<string, unknown>): void {
    const { person } = visitor;
    const html = templates.render('me', {
      ...visitor,
      style: assets.url('style.css'),
      defaultName,
      classic: deps.classicTripcodes,
      name: person.name ?? '',
      colour: person.colour,
      tripcode: person.tripcode?.text,
      ...values,
    });
    response.type('html').send(html);
  }

  router.get('/chat/form', (request, response) => {
    const replyTo = messageForm.shape.replyTo.parse(request.query.reply);
    showForm(response, visitors.welcome(request), { replyTo });
  });

  router.post('/chat/form', parse, async (request, response) => {
    const form = messageForm.parse(request.body ?? {});
    const visitor = visitors.demand(request, form.csrf);
    const { person } = visitor;
    const typed = form.text.replaceAll('\r\n', '\n');
    const kept = { text: typed, replyTo: form.replyTo };
    if (form.action === 'another') {
      return showForm(response, visitor, { ...kept, captchaId: captchas.issue(person.id).id });
    }
    if (form.action === 'lines') return showForm(response, visitor, { ...kept, lines: true });
    const captcha = form.captchaId ? { id: form.captchaId, answer: form.captchaAnswer } : undefined;
    const draft = { text: typed, nonce: form.nonce || undefined, replyTo: form.replyTo };
    const result = await speak({ person, draft, captcha, circuit: visitor.circuit });
    if (!result.ok) {
      response.status(statusOf[result.reason] ?? 422);
      return showForm(response, visitor, { ...kept, notice: result.sentence, captchaId: result.captchaId });
    }
    if (result.held) return showForm(response, visitor, { notice: result.sentence });
    response.redirect(303, `/chat/form${visitor.query}`);
  });

  router.get('/chat/me', (request, response) => showIdentity(response, visitors.welcome(request), {}));

  router.post('/chat/me', parse, async (request, response) => {
    const form = identityForm.parse(request.body ?? {});
    const visitor = visitors.demand(request, form.csrf);
    const { id, colour } = visitor.person;
    try {
      if (form.action === 'clear') people.clearTripcode(id);
      else {
        people.rename(id, form.name);
        if (form.colour !== '' && form.colour !== colour) people.recolour(id, form.colour);
        if (form.password !== '')
          await people.setTripcode(id, form.password, form.classic ? 'classic' : 'secure');
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(422);
      const { name } = form;
      return showIdentity(response, visitor, { notice: sentenceOf(error), name, colour: form.colour });
    }
    response.redirect(303, `/chat/form${visitor.query}`);
  });

  return router;
}

/** `/captcha/<id>.png` and `.wav`: a picture is shown as often as asked until it is answered. */
export function captchaRoutes({ captchas }: Pick<ChatFormDeps, 'captchas'>): Router {
  const router = Router();
  router.get('/captcha/:name', async (request: Request<{ name: string }>, response: Response) => {
    const [, id = '', type] = /^([A-Za-z0-9_-]{10,64})\.(png|wav)$/.exec(request.params.name) ?? [];
    const bytes = type === 'wav' ? await captchas.speech(id) : captchas.picture(id);
    if (!bytes)
      throw new Failure('not-found', 'This captcha has been used or has expired. Ask for another one.');
    response.type(type === 'wav' ? 'audio/wav' : 'image/png').send(bytes);
  });
  return router;
}
