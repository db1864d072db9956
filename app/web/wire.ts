/** What goes over `/socket`, both ways. app/browser/wire.ts says the same for the browser. */
import { z } from 'zod';
import type { Emotes } from '../chat/emotes.ts';
import type { RoomEvent } from '../chat/events.ts';
import { formatText, type Piece } from '../chat/format.ts';
import type { Author, Message } from '../chat/message.ts';
import type { Room } from '../chat/room.ts';
import type { Person } from '../people/person.ts';
import type { StreamInfo } from './info.ts';
import { type Act, acts, maxChosen, maxUndone } from './moderate/acts.ts';
import { veiledOf } from './moderate/hidden.ts';
import type { Present } from './who-is-here.ts';

export type WireAuthor = Pick<Author, 'role' | 'tag' | 'colour'> & {
  id: string;
  name?: string;
  tripcode?: { text: string; foreground: string; background: string };
};

/** An emote piece carries the address of its picture. */
export type WirePiece = Piece | (Extract<Piece, { type: 'emote' }> & { src: string });

export type WireMessage = {
  number: number;
  kind: Message['kind'];
  atMs: number;
  author: WireAuthor;
  replyTo?: number;
  pieces: WirePiece[];
  /** Only staff is sent such a message. */
  hidden?: true;
};

export type WireChange =
  | { type: 'message'; message: WireMessage }
  /** `veiled`: those that staff, and nobody else, still sees. */
  | { type: 'hide'; numbers: readonly number[]; veiled?: readonly number[] }
  | { type: 'unhide'; messages: WireMessage[] }
  | { type: 'clear'; through: number };

/** `more`: how many there are beside those in the lists. */
export type WirePeople = {
  watching: WireAuthor[];
  chatting: WireAuthor[];
  more: { watching: number; chatting: number };
};

/** What the chat's part of the page has to know of the config. */
export type WireSettings = {
  defaultName: string;
  /** Characters of a message, as a person counts them. */
  maxLength: number;
  clickableLinks: boolean;
  spokenCaptchas: boolean;
};

/** What staff may do by one press. */
export type WireAct = Pick<Act, 'id' | 'label' | 'about' | 'isGrave'>;

export type ServerFrame =
  /** First after connecting. */
  | { type: 'welcome'; settings: WireSettings; you: WireAuthor }
  /** What there is, unless the client's place in the events is still known. */
  | { type: 'snapshot'; cursor: string; messages: WireMessage[] }
  | { type: 'change'; cursor: string; change: WireChange }
  | { type: 'info'; info: StreamInfo }
  | { type: 'people'; people: WirePeople }
  | { type: 'you'; you: WireAuthor }
  | { type: 'answer'; nonce: string; ok: boolean; sentence?: string; captchaId?: string; retryInMs?: number }
  | { type: 'captcha'; captchaId: string }
  /**
   * To staff: after the welcome, or once they have become it; whether they still are `you` tells. `style`: address of a
   * style sheet.
   */
  | { type: 'staff'; acts: readonly WireAct[]; style: string }
  /** `undo`: what to give back to have it as it was. */
  | { type: 'acted'; nonce: string; ok: boolean; sentence: string; undo: readonly number[] }
  /** Now and then: pages are not told of pings. */
  | { type: 'alive' };

export const clientFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('say'),
    nonce: z.string().max(64),
    text: z.string(),
    replyTo: z.int().positive().optional(),
    captcha: z.object({ id: z.string().max(64), answer: z.string().max(64) }).optional(),
  }),
  /** Another picture, please. */
  z.object({ type: z.literal('captcha') }),
  /** For staff: to messages by their numbers, to people by their ids or as authors. */
  z.object({
    type: z.literal('act'),
    nonce: z.string().max(64),
    act: z.string().max(20),
    numbers: z.array(z.int().positive()).max(maxChosen),
    personIds: z.array(z.string().regex(/^[0-9a-f]{16}$/)).max(maxChosen),
  }),
  z.object({
    type: z.literal('undo'),
    nonce: z.string().max(64),
    ids: z.array(z.int().positive()).max(maxUndone),
  }),
]);

export type ClientFrame = z.infer<typeof clientFrame>;

export function wireAuthor({ personId, role, tag, colour, name, tripcode }: Author): WireAuthor {
  return {
    id: personId,
    role,
    tag,
    colour,
    ...(name === undefined ? {} : { name }),
    ...(tripcode ? { tripcode: { text: tripcode.text, ...tripcode.colours } } : {}),
  };
}

export function wirePerson(person: Person): WireAuthor {
  return wireAuthor({ ...person, personId: person.id });
}

/** The first of each, so many in all: a page is no directory. */
export function wirePeople({ watching, chatting }: Present, maxNames: number): WirePeople {
  const watchers = watching.slice(0, maxNames).map(wirePerson);
  const others = chatting.slice(0, maxNames - watchers.length).map(wirePerson);
  return {
    watching: watchers,
    chatting: others,
    more: { watching: watching.length - watchers.length, chatting: chatting.length - others.length },
  };
}

export function wireMessage(message: Message, emotes: Pick<Emotes, 'find' | 'has'>): WireMessage {
  const { number, kind, atMs, author, text, replyTo, hidden } = message;
  const pieces = formatText(text, emotes).map((piece): WirePiece => {
    const emote = piece.type === 'emote' ? emotes.find(piece.name) : undefined;
    return emote && piece.type === 'emote'
      ? { ...piece, src: `/emotes/${emote.name}?v=${emote.version}` }
      : piece;
  });
  return {
    number,
    kind,
    atMs,
    author: wireAuthor(author),
    pieces,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(hidden ? { hidden } : {}),
  };
}

/** The same to everybody but staff. */
export function wireChange(event: RoomEvent, emotes: Pick<Emotes, 'find' | 'has'>): WireChange {
  switch (event.type) {
    case 'message':
      return { type: 'message', message: wireMessage(event.message, emotes) };
    case 'hide':
      return { type: 'hide', numbers: event.numbers };
    case 'unhide':
      return { type: 'unhide', messages: event.messages.map(message => wireMessage(message, emotes)) };
    case 'clear':
      return { type: 'clear', through: event.through };
  }
}

/** As staff is told. */
export function wireStaffChange(
  event: RoomEvent,
  emotes: Pick<Emotes, 'find' | 'has'>,
  room: Pick<Room, 'find'>,
): WireChange {
  if (event.type !== 'hide') return wireChange(event, emotes);
  const { veiled, gone } = veiledOf(room, event.numbers);
  return { type: 'hide', numbers: gone, veiled: veiled.map(({ number }) => number) };
}

export const wireActs: readonly WireAct[] = acts.map(({ id, label, about, isGrave }) => ({
  id,
  label,
  about,
  ...(isGrave ? { isGrave } : {}),
}));
