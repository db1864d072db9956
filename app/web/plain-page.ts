/**
 * The chat as a page that ends, for text browsers and for those that show nothing before a page is complete: it asks
 * for itself again, and while nothing has changed the answer is empty (304).
 */
import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { Message } from '../chat/message.ts';
import type { Room } from '../chat/room.ts';
import type { Assets } from './assets.ts';
import type { RenderedPeople } from './frame/people.ts';
import { type RenderedMessages, withQuery } from './frame/rendered.ts';
import { type Info, stateWords } from './info.ts';
import { contentPolicy } from './security.ts';
import type { Templates } from './templates.ts';
import type { Visitors } from './visitor.ts';
import type { WhoIsHere } from './who-is-here.ts';

type PlainDeps = {
  info: Info;
  room: Room;
  whoIsHere: WhoIsHere;
  visitors: Visitors;
  rendered: { messages: RenderedMessages; people: RenderedPeople };
  templates: Templates;
  assets: Assets;
};

const maxMessages = 60;
const maxBytes = 100_000;
const refreshS = 10;

const hash = (text: string): string => createHash('sha256').update(text).digest('base64');

export function plainPage(deps: PlainDeps): Router {
  const { info, room, whoIsHere, visitors, rendered, templates, assets } = deps;
  const router = Router();

  router.get('/chat/plain', (request: Request, response: Response) => {
    const { person, query } = visitors.welcome(request);
    const { title, state, viewers, pinned } = info.current;
    const messages = rendered.messages.newest(room.recent(maxMessages), maxBytes);
    const people = rendered.people.of(whoIsHere.current);
    const rules = new Map([
      ...people.rules,
      ...messages.flatMap(each => [...rendered.messages.of(each).rules]),
    ]);
    const styles = [...rules.values(), `.p-${person.id}{border-left-color:var(--accent)}`].join('');
    // No running time and no nonce: the same page has to be the same text.
    const html = templates.render('plain', {
      style: assets.url('style.css'),
      styles,
      title: title || 'Untitled stream',
      state: stateWords[state].badge,
      viewers,
      pinned,
      people: people.html,
      days: newestFirst(messages, query),
      query,
    });
    const host = request.headers.host ?? '';
    response.set({
      'Content-Security-Policy': contentPolicy(host, `'sha256-${hash(styles)}'`),
      'Cache-Control': 'private, no-cache',
      ETag: `W/"${hash(html)}"`,
      Refresh: String(refreshS),
    });
    response.type('html').send(html);
  });

  function newestFirst(messages: readonly Message[], query: string): { day: string; html: string }[] {
    const days: { day: string; html: string }[] = [];
    for (const message of messages.toReversed()) {
      const { day, html } = rendered.messages.of(message);
      const last = days.at(-1);
      if (last?.day === day) last.html += withQuery(html, query);
      else days.push({ day, html: withQuery(html, query) });
    }
    return days;
  }

  return router;
}
