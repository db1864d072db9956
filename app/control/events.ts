import type { AsShown } from '../chat/as-shown.ts';
import type { RoomEvent } from '../chat/events.ts';
import type { Message } from '../chat/message.ts';
import type { Room } from '../chat/room.ts';
import type { Topic } from '../lib/topic.ts';
import type { LiveChannel, LiveEvent } from '../live/channel.ts';
import type { BanEvent } from '../people/bans.ts';
import type { Person } from '../people/person.ts';

/** Where the events of `scripts/ctl events` come from. */
export type EventSources = {
  room: Pick<Room, 'events'>;
  channel: Pick<LiveChannel, 'state'> & { events: Topic<LiveEvent> };
  title: { text: string; changes: Topic<string> };
  audience: { size: number; changes: Topic<number> };
  bans: { changes: Topic<BanEvent> };
  held: { size: number; changes: Topic<number> };
  joined: Topic<Person>;
  asShown: AsShown;
  defaultName: string;
};

/** One line of the stream, as JSON. */
export type ControlEvent = Readonly<{ type: string; [field: string]: unknown }>;

/** How it stands: what the stream begins with. */
export function currentEvents({ channel, title, audience, held }: EventSources): ControlEvent[] {
  return [
    { type: 'state', state: channel.state },
    { type: 'title', title: title.text },
    { type: 'viewers', viewers: audience.size },
    { type: 'held', waiting: held.size },
  ];
}

/** Calls `tell` with all that happens until the returned function is called. */
export function followEvents(sources: EventSources, tell: (event: ControlEvent) => void): () => void {
  const { room, channel, title, audience, bans, held, joined, asShown, defaultName } = sources;
  const stops = [
    room.events.subscribe(event => tell(roomEvent(event, defaultName))),
    channel.events.subscribe(event => {
      if (event.type === 'state') tell({ type: 'state', state: event.state });
    }),
    title.changes.subscribe(text => tell({ type: 'title', title: text })),
    audience.changes.subscribe(viewers => tell({ type: 'viewers', viewers })),
    held.changes.subscribe(waiting => tell({ type: 'held', waiting })),
    bans.changes.subscribe(({ type, ban }) => {
      const { kind, id, personId, name, untilMs } = ban;
      tell({ type, kind, id, personId, name, untilMs });
    }),
    joined.subscribe(person => {
      const { id, tag, name = defaultName } = asShown(person);
      tell({ type: 'join', personId: id, name, tag });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function roomEvent(event: RoomEvent, defaultName: string): ControlEvent {
  switch (event.type) {
    case 'message':
      return { type: 'message', ...toldMessage(event.message, defaultName) };
    case 'hide':
      return { type: 'hide', numbers: event.numbers };
    case 'unhide':
      return { type: 'unhide', messages: event.messages.map(each => toldMessage(each, defaultName)) };
    case 'clear':
      return { type: 'clear', through: event.through };
  }
}

function toldMessage({ number, kind, atMs, author, text, replyTo }: Message, defaultName: string) {
  const { personId, tag, name = defaultName, role, tripcode } = author;
  return {
    number,
    kind,
    atMs,
    personId,
    name,
    tag,
    role,
    tripcode: tripcode?.text ?? null,
    text,
    replyTo: replyTo ?? null,
  };
}
