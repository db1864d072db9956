/**
 * Moderating without JavaScript: where the buttons in staff's live column lead. The answer comes up in a small frame of
 * that column, which neither the column nor a half-written message is disturbed by.
 */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { RecencyMap } from '../../chat/recency-map.ts';
import type { Room } from '../../chat/room.ts';
import type { Accounts } from '../../moderation/accounts.ts';
import type { Actor } from '../../moderation/staff.ts';
import type { Bans } from '../../people/bans.ts';
import type { People } from '../../people/people.ts';
import type { Assets } from '../assets.ts';
import type { Templates } from '../templates.ts';
import type { Visitor, Visitors } from '../visitor.ts';
import { acts, type Chosen, type Done, type Moderate, maxChosen, maxUndone } from './acts.ts';

type ModerateDeps = {
  moderate: Moderate;
  accounts: Pick<Accounts, 'staffOf'>;
  room: Pick<Room, 'find' | 'ofPerson'>;
  people: Pick<People, 'find'>;
  bans: Pick<Bans, 'isBanned' | 'isMuted'>;
  visitors: Visitors;
  templates: Templates;
  assets: Assets;
  defaultName: string;
};

const maxFormBytes = 64 * 1024;
const maxRemembered = 200;

const text = z.string().catch('');
const number = z.coerce.number().int().positive();
const personId = z.string().regex(/^[0-9a-f]{16}$/);

/** A field that comes once, several times or not at all; what is no such thing is passed over. */
function several<T>(schema: z.ZodType<T>) {
  return z
    .unknown()
    .optional()
    .transform(value => [value ?? []].flat().flatMap(each => schema.safeParse(each).data ?? []))
    .refine(found => found.length <= maxChosen);
}

const moderateForm = z.object({ csrf: text, do: text, n: several(number), p: several(personId) });

/**
 * What is to be done: `hide 12`, `ban-1h 00112233445566aa` and `undo 7,8` name it themselves, so that whatever else is
 * selected stays out of it; `hide` alone is about the selected.
 */
export function parseOrder(value: string, selected: Chosen): { verb: string; chosen: Chosen } {
  const [, verb = '', whom = ''] = /^([a-z0-9-]+)(?: ([0-9a-f,]+))?$/.exec(value) ?? [];
  if (whom === '') return { verb, chosen: selected };
  if (personId.safeParse(whom).success) return { verb, chosen: { numbers: [], personIds: [whom] } };
  const numbers = whom.split(',').flatMap(each => number.safeParse(each).data ?? []);
  return { verb, chosen: { numbers: numbers.slice(0, maxUndone), personIds: [] } };
}

export function moderateRoutes(deps: ModerateDeps): Router {
  const { moderate, accounts, room, people, bans, visitors, templates, assets, defaultName } = deps;
  const router = Router();
  const parse = express.urlencoded({
    extended: false,
    limit: maxFormBytes,
    parameterLimit: 2 * maxChosen + 10,
  });
  /** The last answers, by person, for the page that a form leads to. */
  const answers = new RecencyMap<Done>(maxRemembered);

  function show(response: Response, visitor: Visitor, values: Record<string, unknown>): void {
    const styles = { style: assets.url('style.css'), staffStyle: assets.url('moderate.css') };
    const page = { ...visitor, ...styles, acts: [], names: [], ids: [], ...values };
    response.type('html').send(templates.render('moderate', page));
  }

  function actorOf(request: Request, { person }: Visitor): Actor | undefined {
    const staff = accounts.staffOf(request.sessionID);
    return staff && { ...staff, personId: person.id };
  }

  /** Whom the selection is about, with what can be done to them. */
  function showPeople(response: Response, visitor: Visitor, ids: readonly string[]): void {
    const known = ids.flatMap(id => people.find(id) ?? room.ofPerson(id, 1)[0]?.author ?? []);
    const isSilenced = ids.some(id => {
      const person = people.find(id);
      return person !== undefined && (bans.isMuted(person) || bans.isBanned(person));
    });
    show(response, visitor, {
      ids,
      names: known.map(({ name = defaultName, tag }) => `${name} ${tag}`),
      acts: acts.filter(({ id, about }) => about === 'people' && (id !== 'lift' || isSilenced)),
      sentence: known.length === 0 ? 'Nobody is selected who is still there.' : '',
    });
  }

  router.get('/chat/moderate', (request, response) => {
    const visitor = visitors.welcome(request);
    if (!actorOf(request, visitor)) return refuse(response, visitor);
    show(response, visitor, { ...answers.get(visitor.person.id) });
  });

  router.post('/chat/moderate', parse, async (request, response) => {
    const visitor = visitors.sender(request);
    const form = moderateForm.safeParse(request.body ?? {});
    const actor = actorOf(request, visitor);
    if (!actor || !form.success || !visitors.gave(visitor, form.data.csrf)) {
      if (form.success || !actor) return refuse(response, visitor);
      response.status(422);
      return show(response, visitor, { sentence: `At most ${maxChosen} can be selected at once.` });
    }
    const order = parseOrder(form.data.do, { numbers: form.data.n, personIds: form.data.p });
    const { verb, chosen } = order;
    if (verb === 'people') return showPeople(response, visitor, moderate.peopleOf(chosen));
    const done =
      verb === 'undo' ? await moderate.undo(chosen.numbers, actor) : await moderate.act(verb, chosen, actor);
    answers.set(visitor.person.id, done);
    response.redirect(303, `/chat/moderate${visitor.query}`);
  });

  function refuse(response: Response, visitor: Visitor): void {
    response.status(403);
    const sentence = 'You are not logged in any more. Log in at the desk, and do it again.';
    show(response, visitor, { sentence, ok: false });
  }

  return router;
}
