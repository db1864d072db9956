/** The visitor's name, colour and tripcode without JavaScript, in the place of the message form. */
import express, { type Response, Router } from 'express';
import { z } from 'zod';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { People } from '../people/people.ts';
import type { Assets } from './assets.ts';
import { sessionEnded } from './chat-form.ts';
import type { Templates } from './templates.ts';
import type { Visitor, Visitors } from './visitor.ts';

type IdentityFormDeps = {
  people: Pick<People, 'recolour' | 'setTripcode' | 'clearTripcode'>;
  /** Throws Failure; the name they have already changes nothing. */
  rename: (personId: string, name: string) => void;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  defaultName: string;
  classicTripcodes: boolean;
};

const maxFormBytes = 8 * 1024;

const text = z.string().catch('');
const identityForm = z.object({
  csrf: text,
  name: text,
  colour: text,
  password: text,
  classic: text,
  action: z.enum(['save', 'clear']).catch('save'),
});

type IdentityForm = z.infer<typeof identityForm>;

export function identityRoutes(deps: IdentityFormDeps): Router {
  const { people, rename, visitors, templates, assets, defaultName, classicTripcodes } = deps;
  const router = Router();
  const parse = express.urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 20 });

  function show(response: Response, visitor: Visitor, typed?: { notice: string; form: IdentityForm }): void {
    const { person } = visitor;
    const html = templates.render('me', {
      ...visitor,
      style: assets.url('style.css'),
      defaultName,
      classic: classicTripcodes,
      name: typed?.form.name ?? person.name ?? '',
      colour: typed?.form.colour ?? person.colour,
      tripcode: person.tripcode?.text,
      notice: typed?.notice,
    });
    response.type('html').send(html);
  }

  async function change({ id, colour }: Visitor['person'], form: IdentityForm): Promise<void> {
    if (form.action === 'clear') {
      people.clearTripcode(id);
      return;
    }
    rename(id, form.name);
    if (form.colour !== '' && form.colour !== colour) people.recolour(id, form.colour);
    if (form.password !== '')
      await people.setTripcode(id, form.password, form.classic ? 'classic' : 'secure');
  }

  router.get('/chat/me', (request, response) => show(response, visitors.welcome(request)));

  router.post('/chat/me', parse, async (request, response) => {
    const form = identityForm.parse(request.body ?? {});
    const visitor = visitors.sender(request);
    if (!visitors.gave(visitor, form.csrf)) {
      response.status(403);
      show(response, visitor, { notice: sessionEnded, form });
      return;
    }
    try {
      await change(visitor.person, form);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      response.status(422);
      show(response, visitor, { notice: sentenceOf(error), form });
      return;
    }
    response.redirect(303, `/chat/form${visitor.query}`);
  });

  return router;
}
