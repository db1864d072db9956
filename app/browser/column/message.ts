/** Messages as elements: the same markup and classes as app/web/frame/message.ts writes for the page's frames. */
import { element } from '../dom.ts';
import type { Author, Message, Piece, Settings } from '../wire.ts';
import { isMentionOf } from './mention.ts';

/** Who reads: what is his own and what is meant for him is marked. */
export type Reader = { settings: Settings; you: Author };

const roles: Readonly<Record<Author['role'], string>> = {
  viewer: '',
  moderator: 'Mod',
  broadcaster: 'Broadcaster',
};

/** `Ada`, or `Anonymous#k3f9` for one without a name. */
export function shownName({ name, tag }: Author, defaultName: string): string {
  return name ?? defaultName + tag;
}

export function textOf({ pieces }: Pick<Message, 'pieces'>): string {
  return pieces.map(piece => piece.text).join('');
}

/** Badge, name, tag and tripcode of somebody. Names are isolated: they may be written from right to left. */
export function authorNodes(author: Author, defaultName: string): Node[] {
  const { role, name, tag, colour, tripcode } = author;
  const shown = element('bdi', { class: 'name' }, name ?? defaultName);
  shown.style.color = colour;
  const nodes: Node[] = [shown];
  if (role !== 'viewer') {
    const badge = element('span', { class: `role role-${role}` }, roles[role]);
    nodes.unshift(badge, document.createTextNode(' '));
  }
  if (name === undefined) nodes.push(element('span', { class: 'tag' }, tag));
  if (tripcode) {
    const trip = element('span', { class: 'trip' }, tripcode.text);
    trip.style.color = tripcode.foreground;
    trip.style.background = tripcode.background;
    nodes.push(document.createTextNode(' '), trip);
  }
  return nodes;
}

function replyLink(number: number, text: string): HTMLElement {
  return element('a', { class: 'reply', href: `#m${number}`, tabindex: '-1' }, text);
}

function linkNode(text: string, href: string, clickable: boolean): HTMLElement {
  if (!clickable) return element('span', { class: 'url' }, text);
  const rel = 'noreferrer noopener nofollow';
  return element('a', { class: 'url', href, target: '_blank', rel, tabindex: '-1' }, text);
}

function pieceNode(piece: Piece, { settings, you }: Reader): Node {
  const { text } = piece;
  switch (piece.type) {
    case 'text':
      return document.createTextNode(text);
    case 'break':
      return element('br');
    case 'quote':
      return element('span', { class: 'quote' }, text);
    case 'link':
      return linkNode(text, piece.href, settings.clickableLinks);
    case 'mention':
      return element('b', { class: isMentionOf(piece, you) ? 'mention me' : 'mention' }, text);
    case 'reply':
      return replyLink(piece.number, text);
    case 'emote':
      return piece.src === undefined
        ? document.createTextNode(text)
        : element('img', { class: 'emote', src: piece.src, alt: text, title: text });
  }
}

/** `isToYou`: whether it answers a message of the reader's. */
export function messageNode(message: Message, reader: Reader, isToYou: boolean): HTMLParagraphElement {
  const { number, kind, atMs, author, replyTo, pieces, hidden } = message;
  const isOwn = author.id === reader.you.id;
  const isMeant = isToYou || pieces.some(piece => piece.type === 'mention' && isMentionOf(piece, reader.you));
  const classes = [
    'm',
    kind === 'notice' ? 'notice' : '',
    isOwn ? 'own' : '',
    isMeant && !isOwn ? 'to-me' : '',
    hidden ? 'veiled' : '',
  ];
  const time = element(
    'button',
    { type: 'button', class: 'time', title: `Reply to ${number}`, tabindex: '-1' },
    new Date(atMs).toISOString().slice(11, 16),
  );
  const node = element('p', { class: classes.filter(Boolean).join(' '), id: `m${number}`, tabindex: '-1' });
  node.append(time, ' ');
  const body = pieces.map(piece => pieceNode(piece, reader));
  if (kind === 'notice') {
    node.append(...body);
    return node;
  }
  node.append(...authorNodes(author, reader.settings.defaultName), ': ');
  if (replyTo !== undefined) node.append(replyLink(replyTo, `>>${replyTo}`), ' ');
  node.append(element('span', { class: 'text' }, ...body));
  return node;
}

/** What was sent and has not been answered yet. */
export function pendingNode(text: string, reader: Reader): HTMLElement {
  const body = text.split('\n').flatMap((line, index) => (index === 0 ? [line] : [element('br'), line]));
  const said = element('span', { class: 'text' }, ...body);
  const who = authorNodes(reader.you, reader.settings.defaultName);
  const time = element('span', { class: 'time', title: 'On its way' }, '··:··');
  return element('p', { class: 'm own pending' }, time, ' ', ...who, ': ', said);
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
