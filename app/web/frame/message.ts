/**
 * Messages as markup. The same for every reader, so it is made once a message (rendered.ts); what differs from reader
 * to reader (which messages are his own, which colours his document knows) is said by style rules.
 */
import type { Emotes } from '../../chat/emotes.ts';
import { formatText, type Piece } from '../../chat/format.ts';
import type { Author, Message } from '../../chat/message.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? '');
}

function pieceHtml(piece: Piece, emotes: Pick<Emotes, 'find'>, clickableLinks: boolean): string {
  const text = escapeHtml(piece.text);
  switch (piece.type) {
    case 'text':
      return text;
    case 'break':
      return '<br>';
    case 'quote':
      return `<span class="quote">${text}</span>`;
    case 'link':
      if (!clickableLinks) return `<span class="url">${text}</span>`;
      return `<a class="url" href="${escapeHtml(piece.href)}" target="_blank" rel="noreferrer noopener nofollow">${text}</a>`;
    case 'mention':
      return `<b class="mention">${text}</b>`;
    case 'reply':
      return `<a class="reply" href="#m${piece.number}">${text}</a>`;
    case 'emote': {
      const emote = emotes.find(piece.name);
      if (!emote) return text;
      return `<img class="emote" src="/emotes/${emote.name}?v=${emote.version}" alt="${text}" title="${text}">`;
    }
  }
}

/** `c-bf94ff`: the class that paints a name in an author's colour. */
export function colourClass({ colour }: Pick<Author, 'colour'>): string {
  return `c-${colour.slice(1)}`;
}

function tripcodeClass({ tripcode }: Author): string | undefined {
  if (!tripcode) return undefined;
  const { foreground, background } = tripcode.colours;
  return `t-${foreground.slice(1)}-${background.slice(1)}`;
}

/** The rules that a message's classes need, by class: sent once a document. */
export function authorRules(author: Author): ReadonlyMap<string, string> {
  const rules = new Map([[colourClass(author), `.${colourClass(author)}{color:${author.colour}}`]]);
  const trip = tripcodeClass(author);
  const colours = author.tripcode?.colours;
  if (trip && colours) {
    rules.set(trip, `.${trip}{color:${colours.foreground};background:${colours.background}}`);
  }
  return rules;
}

const badges: Readonly<Record<Author['role'], string>> = {
  viewer: '',
  moderator: '<span class="role role-moderator">Mod</span> ',
  broadcaster: '<span class="role role-broadcaster">Broadcaster</span> ',
};

/** Badge, name, tag and tripcode of somebody. Names are isolated: they may be written from right to left. */
export function authorHtml(author: Author, defaultName: string): string {
  const { name, tag, tripcode, role } = author;
  const trip = tripcode
    ? ` <span class="trip ${tripcodeClass(author)}">${escapeHtml(tripcode.text)}</span>`
    : '';
  const shownTag = name === undefined ? `<span class="tag">${escapeHtml(tag)}</span>` : '';
  return `${badges[role]}<bdi class="name ${colourClass(author)}">${escapeHtml(name ?? defaultName)}</bdi>${shownTag}${trip}`;
}

export type MessageStyle = {
  defaultName: string;
  emotes: Pick<Emotes, 'find' | 'has'>;
  clickableLinks: boolean;
};

/** `12:34` UTC. */
function clockOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}

export function messageHtml(message: Message, style: MessageStyle): string {
  const { number, kind, atMs, author, text, replyTo } = message;
  const body = formatText(text, style.emotes)
    .map(piece => pieceHtml(piece, style.emotes, style.clickableLinks))
    .join('');
  const time = `<a class="time" href="/chat/form?reply=${number}" target="form" title="Reply to ${number}">${clockOf(atMs)}</a>`;
  const answers = replyTo === undefined ? '' : `<a class="reply" href="#m${replyTo}">&gt;&gt;${replyTo}</a> `;
  if (kind === 'notice') return `<p class="m notice" id="m${number}">${time} ${body}</p>\n`;
  const who = authorHtml(author, style.defaultName);
  return `<p class="m p-${author.personId}" id="m${number}">${time} ${who}: ${answers}<span class="text">${body}</span></p>\n`;
}

/** `20 November 2026`, in UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
