import type { Person, Role } from '../people/person.ts';
import type { Tripcode } from '../people/tripcode.ts';
import type { MessageRow, SaidRow } from './store.ts';

/** Who wrote, as they were at that moment: what they change later does not change what was said. */
export type Author = Readonly<{
  personId: string;
  tag: string;
  /** undefined is shown as the default name of the config. */
  name: string | undefined;
  colour: string;
  tripcode: Tripcode | undefined;
  role: Role;
}>;

/** A text of an author, cleaned, before it has a number. */
export type Said = Readonly<{
  author: Author;
  text: string;
  /** The number of the message it answers. */
  replyTo: number | undefined;
  /** Told by the client, so that a retry is recognised; seen by nobody else. */
  nonce: string | undefined;
}>;

export type Message = Readonly<{
  /** From 1, strictly increasing; every number was given to exactly one message. */
  number: number;
  /** notice: an announcement to everyone in the room. */
  kind: 'said' | 'notice';
  atMs: number;
  author: Author;
  text: string;
  replyTo: number | undefined;
  hidden: boolean;
}>;

/** Signs notices of the site itself. */
export const siteAuthor: Author = {
  personId: 'site',
  tag: '',
  name: undefined,
  colour: '#ffffff',
  tripcode: undefined,
  role: 'broadcaster',
};

export function authorOf(person: Person): Author {
  const { id: personId, tag, name, colour, tripcode, role } = person;
  return { personId, tag, name, colour, tripcode, role };
}

export function saidToRow({ author, text, replyTo, nonce }: Said, atMs: number): SaidRow {
  const { personId, tag, name, colour, tripcode, role } = author;
  return {
    atMs,
    personId,
    tag,
    name: name ?? null,
    colour,
    role,
    tripcode: tripcode?.text ?? null,
    tripcodeKind: tripcode?.kind ?? null,
    tripcodeForeground: tripcode?.colours.foreground ?? null,
    tripcodeBackground: tripcode?.colours.background ?? null,
    text,
    replyTo: replyTo ?? null,
    nonce: nonce ?? null,
  };
}

export function saidFromRow(row: SaidRow): Said {
  const { personId, tag, name, colour, role, text, replyTo, nonce } = row;
  const author = { personId, tag, name: name ?? undefined, colour, tripcode: tripcodeOf(row), role };
  return { author, text, replyTo: replyTo ?? undefined, nonce: nonce ?? undefined };
}

export function messageFromRow(row: MessageRow): Message {
  const { author, text, replyTo } = saidFromRow(row);
  const { number, kind, atMs, hidden } = row;
  return { number, kind, atMs, author, text, replyTo, hidden };
}

function tripcodeOf(row: SaidRow): Tripcode | undefined {
  const { tripcode, tripcodeKind, tripcodeForeground, tripcodeBackground } = row;
  if (tripcode === null || tripcodeKind === null) return undefined;
  if (tripcodeForeground === null || tripcodeBackground === null) return undefined;
  return {
    text: tripcode,
    kind: tripcodeKind,
    colours: { foreground: tripcodeForeground, background: tripcodeBackground },
  };
}
