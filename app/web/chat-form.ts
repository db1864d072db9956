/** Writing without JavaScript: one small frame with the message form. A message that is refused comes back in it. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RefusalReason } from '../chat/refusal.ts';
import type { Speak } from '../chat/speak.ts';
import { Failure } from '../lib/failure.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { Assets } from './assets.ts';
import { nonceOf } from './security.ts';
import type { Templates } from './templates.ts';
import { newNonce, type Visitor, type Visitors } from './visitor.ts';

export type ChatFormDeps = {
  speak: Speak;
  captchas: CaptchaPool;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  defaultName: string;
  now: () => number;
};

// A message of 512 characters has at most some 10 kB of form data; longer ones still come back filled in.
const maxFormBytes = 64 * 1024;

export const sessionEnded =
  'Your session had ended, and this is a new one. Look at what you wrote, and send it again.';

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
  takesFocus?: boolean;
};

export function chatForm(deps: ChatFormDeps): Router {
  const { speak, captchas, visitors, templates, assets, defaultName, now } = deps;
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
      takesFocus: values.captchaId === undefined,
      ...values,
      lines: values.lines || values.text?.includes('\n'),
    });
    response.type('html').send(html);
  }

  router.get('/chat/form', (request, response) => {
    const replyTo = messageForm.shape.replyTo.parse(request.query.reply);
    // Not as a part of a page that opens: the browser would scroll to it, past the picture.
    const takesFocus = request.query.focus !== '0';
    showForm(response, visitors.welcome(request), { replyTo, takesFocus });
  });

  router.post('/chat/form', parse, async (request, response) => {
    const form = messageForm.parse(request.body ?? {});
    const visitor = visitors.sender(request);
    const { person } = visitor;
    const typed = form.text.replaceAll('\r\n', '\n');
    const kept = { text: typed, replyTo: form.replyTo };
    if (!visitors.gave(visitor, form.csrf)) {
      response.status(403);
      return showForm(response, visitor, { ...kept, notice: sessionEnded });
    }
    if (form.action === 'another') {
      return showForm(response, visitor, { ...kept, captchaId: captchas.issue(person.id).id });
    }
    if (form.action === 'lines') return showForm(response, visitor, { ...kept, lines: true });
    const captcha = form.captchaId ? { id: form.captchaId, answer: form.captchaAnswer } : undefined;
    const draft = { text: typed, nonce: form.nonce || undefined, replyTo: form.replyTo };
    const result = await speak({ person, draft, captcha, circuit: visitor.circuit });
    if (!result.ok) {
      const { reason, retryAtMs } = result;
      response.status(statusOf[reason] ?? 422);
      if (retryAtMs !== undefined) response.set('Retry-After', String(Math.ceil((retryAtMs - now()) / 1000)));
      return showForm(response, visitor, { ...kept, notice: result.sentence, captchaId: result.captchaId });
    }
    if (result.held) return showForm(response, visitor, { notice: result.sentence });
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
