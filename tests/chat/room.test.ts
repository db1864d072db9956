import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCursor, parseCursor, type RoomEvent } from '../../app/chat/events.ts';
import { type Message, siteAuthor } from '../../app/chat/message.ts';
import type { Room, Snapshot } from '../../app/chat/room.ts';
import { createChat, said, somePerson } from '../kit/chat.ts';
import { below, seeded } from '../kit/seeded.ts';

const numbers = (messages: readonly Message[]) => messages.map(message => message.number);
const ada = somePerson();
const bob = somePerson({ id: 'b0b0b0b0b0b0b0b0', name: undefined });

/** What a reader shows who begins with a snapshot and follows the events. */
class Reader {
  readonly shown: Map<number, string>;
  /** The last message before they came. */
  readonly since: number;
  cursor: Snapshot['cursor'];

  constructor(room: Room) {
    const { cursor, messages }: Snapshot = room.snapshot();
    this.cursor = cursor;
    this.since = room.lastNumber;
    this.shown = new Map(messages.map(({ number, text }) => [number, text]));
  }

  follow(event: RoomEvent): void {
    assert.equal(event.number, this.cursor.number + 1, 'events have no gaps');
    this.cursor = { ...this.cursor, number: event.number };
    const { shown } = this;
    if (event.type === 'message') shown.set(event.message.number, event.message.text);
    else if (event.type === 'hide') for (const number of event.numbers) shown.delete(number);
    else if (event.type === 'unhide') for (const { number, text } of event.messages) shown.set(number, text);
    else for (const number of [...shown.keys()]) if (number <= event.through) shown.delete(number);
  }
}

const textsOf = (room: Room, limit?: number) =>
  room.recent(limit).map(({ number, text }) => `${number} ${text}`);

test('messages are numbered from 1 and keep who wrote them, as they were then', () => {
  const { room, clock } = createChat();
  const tripcode = {
    text: 'abcdefghij',
    kind: 'secure' as const,
    colours: { foreground: '#000000', background: '#ffffff' },
  };
  const first = room.append(said('hello', { ...ada, tripcode }));
  clock.nowMs += 1000;
  room.append({ ...said('hi', bob), replyTo: first.number });
  assert.deepEqual(room.recent(), [
    {
      number: 1,
      kind: 'said',
      atMs: clock.nowMs - 1000,
      author: { personId: ada.id, tag: '#k3f9', name: 'Ada', colour: '#ffcc00', tripcode, role: 'viewer' },
      text: 'hello',
      replyTo: undefined,
      hidden: false,
    },
    {
      number: 2,
      kind: 'said',
      atMs: clock.nowMs,
      author: {
        personId: bob.id,
        tag: '#k3f9',
        name: undefined,
        colour: '#ffcc00',
        tripcode: undefined,
        role: 'viewer',
      },
      text: 'hi',
      replyTo: 1,
      hidden: false,
    },
  ]);
  assert.equal(room.lastNumber, 2);
});

test('after a restart the room shows what it showed, and numbers go on', () => {
  const chat = createChat();
  for (const text of ['a', 'b', 'c']) chat.room.append(said(text));
  chat.room.hide([2]);
  const again = createChat({ store: chat.store, epoch: 'second' });
  assert.deepEqual(again.room.recent(), chat.room.recent());
  assert.deepEqual(numbers(again.room.recent()), [1, 3]);
  assert.equal(again.room.append(said('d')).number, 4);
});

test('numbers go on after everything was cleared, also over a restart', () => {
  const chat = createChat();
  for (const text of ['a', 'b', 'c']) chat.room.append(said(text));
  chat.room.clear();
  assert.deepEqual(chat.room.recent(), []);
  const again = createChat({ store: chat.store });
  assert.equal(again.room.lastNumber, 3);
  assert.equal(again.room.append(said('d')).number, 4);
});

test('the same nonce of the same person is one message, also after a restart', () => {
  const chat = createChat();
  const draft = { ...said('hello'), nonce: 'nonce-123' };
  const first = chat.room.append(draft);
  const events: RoomEvent[] = [];
  chat.room.events.subscribe(event => events.push(event));
  assert.deepEqual(chat.room.append(draft), first);
  assert.deepEqual(createChat({ store: chat.store }).room.append(draft), first);
  assert.equal(events.length, 0);
  assert.equal(chat.room.append({ ...said('hi', bob), nonce: 'nonce-123' }).number, 2);
});

test('a notice is a message of its own kind', () => {
  const { room } = createChat();
  assert.equal(room.notice('The stream begins at 20:00 UTC.', siteAuthor).kind, 'notice');
  assert.equal(room.recent()[0]?.author.role, 'broadcaster');
});

test('what is hidden is shown to nobody, and can be shown again at its place', () => {
  const { room } = createChat();
  for (const text of ['a', 'b', 'c', 'd']) room.append(said(text, text === 'c' ? bob : ada));
  assert.deepEqual(room.hide([3, 2, 99]), [2, 3]);
  assert.deepEqual(room.hide([3]), []);
  assert.deepEqual(textsOf(room), ['1 a', '4 d']);
  assert.deepEqual(numbers(room.hidden(10)), [2, 3]);
  assert.equal(room.find(3)?.hidden, true);
  assert.deepEqual(room.unhide([3, 1]), [3]);
  assert.deepEqual(textsOf(room), ['1 a', '3 c', '4 d']);
  assert.deepEqual(room.hideOfPerson(ada.id), [1, 4]);
  assert.deepEqual(textsOf(room), ['3 c']);
  assert.deepEqual(numbers(room.ofPerson(ada.id, 2)), [2, 4]);
});

test('hiding a flood brings back what it pushed out', () => {
  const { room } = createChat({ config: { shown: 5, stored: 100 } });
  for (let index = 0; index < 5; index++) room.append(said(`good ${index}`, bob));
  for (let index = 0; index < 20; index++) room.append(said(`bad ${index}`));
  room.hideOfPerson(ada.id);
  assert.deepEqual(numbers(room.recent()), [1, 2, 3, 4, 5]);
});

test('what is purged is nowhere any more', () => {
  const { room } = createChat();
  for (const text of ['a', 'b', 'c']) room.append(said(text, text === 'b' ? bob : ada));
  const { cursor } = room.snapshot();
  room.hide([1]);
  assert.deepEqual(room.purge(ada.id), [1, 3]);
  assert.deepEqual(textsOf(room), ['2 b']);
  assert.equal(room.find(1), undefined);
  assert.deepEqual(room.unhide([1, 3]), []);
  assert.deepEqual(
    room.resume(cursor)?.map(event => event.type),
    ['hide', 'hide'],
  );
});

test('messages older than the retention are deleted with all before them', () => {
  const { room, clock } = createChat({ config: { retentionDays: 2 } });
  room.append(said('a'));
  clock.nowMs += 86_400_000;
  room.append(said('b'));
  clock.nowMs += 86_400_000;
  room.expire();
  assert.deepEqual(textsOf(room), ['1 a', '2 b']);
  clock.nowMs += 1;
  room.expire();
  assert.deepEqual(textsOf(room), ['2 b']);
  assert.equal(room.find(1), undefined);
  const forever = createChat({ config: { retentionDays: 0 } });
  forever.room.append(said('a'));
  forever.clock.nowMs *= 2;
  forever.room.expire();
  assert.equal(forever.room.recent().length, 1);
});

test('a reader who lost the thread gets what they missed, or a snapshot when that is unknown', () => {
  const { room } = createChat();
  room.append(said('a'));
  const { cursor } = room;
  assert.deepEqual(room.resume(cursor), []);
  room.append(said('b'));
  room.hide([1]);
  assert.deepEqual(
    room.resume(cursor)?.map(event => [event.number, event.type]),
    [
      [2, 'message'],
      [3, 'hide'],
    ],
  );
  assert.equal(room.resume({ ...cursor, number: 4 }), undefined, 'not yet');
  assert.equal(room.resume({ ...cursor, epoch: 'other' }), undefined, 'another run');
  for (let index = 0; index < 1024; index++) room.append(said(String(index)));
  assert.equal(room.resume(cursor), undefined, 'too long ago');
  assert.equal(room.resume({ ...cursor, number: room.cursor.number - 1024 })?.length, 1024);
  assert.equal(room.resume({ ...cursor, number: room.cursor.number - 1025 }), undefined);
  assert.deepEqual(numbers(room.since(1024)), [1025, 1026]);
});

test('a cursor as text is read back, and nothing else is', () => {
  const cursor = { epoch: 'x_1-Y', number: 42 };
  assert.deepEqual(parseCursor(formatCursor(cursor)), cursor);
  for (const text of [
    '',
    '.',
    'x.',
    'x.-1',
    'x.01',
    'x.1e3',
    'x.1 ',
    'x.9999999999999999',
    'a b.1',
    `${'x'.repeat(33)}.1`,
  ]) {
    assert.equal(parseCursor(text), undefined, text);
  }
});

test('whatever happens, every reader shows what the room shows, and late ones are never given hidden text', () => {
  const random = seeded(8);
  for (let round = 0; round < 25; round++) {
    const shown = 3 + below(random, 20);
    const { room, store } = createChat({ config: { shown, stored: 60 } });
    const readers: Reader[] = [];
    const live = new Reader(room);
    room.events.subscribe(event => live.follow(event));
    const people = [ada, bob, somePerson({ id: 'cccc', name: 'Eve' })];
    for (let step = 0; step < 120; step++) {
      const person = people[below(random, people.length)] ?? ada;
      const some = Array.from({ length: 1 + below(random, 4) }, () => 1 + below(random, room.lastNumber + 2));
      const action = below(random, 20);
      if (action < 11) room.append(said(`text ${random()}`, person));
      else if (action < 14) room.hide(some);
      else if (action < 17) room.unhide(some);
      else if (action < 18) room.hideOfPerson(person.id);
      else if (action < 19 && below(random, 3) === 0) room.purge(person.id);
      else if (below(random, 5) === 0) room.clear();
      if (below(random, 4) === 0) readers.push(new Reader(room));
    }
    const hidden = new Set(room.hidden(1000).map(({ text }) => text));
    for (const reader of [live, ...readers]) {
      if (reader !== live) {
        const events = room.resume(reader.cursor) ?? assert.fail('known');
        for (const event of events) {
          const messages =
            event.type === 'message' ? [event.message] : event.type === 'unhide' ? event.messages : [];
          for (const { number, text } of messages) {
            assert.ok(!hidden.has(text), 'hidden text is given out');
            assert.ok(
              number <= room.lastNumber - 60 || store.messages.find(number),
              'deleted text is given out',
            );
          }
          reader.follow(event);
        }
      }
      for (const [number, text] of reader.shown) {
        const row = store.messages.find(number);
        assert.ok(row ? row.text === text && !row.hidden : number <= room.lastNumber - 60, 'shown wrongly');
      }
      for (const { number, text } of room.recent()) {
        if (number > reader.since) assert.equal(reader.shown.get(number), text, 'missed');
      }
    }
    const numbered = room.recent().map(({ number }) => number);
    assert.deepEqual(
      numbered,
      [...new Set(numbered)].sort((a, b) => a - b),
    );
  }
});

test('however much is said, memory and store hold what the config allows', () => {
  const { room, store } = createChat({ config: { shown: 10, stored: 50 } });
  for (let index = 1; index <= 3000; index++) {
    room.append(said(`message ${index}`));
    if (index % 7 === 0) room.hide([index - 3]);
    assert.ok(room.recent(1000).length <= 10);
  }
  assert.equal(store.messages.recent(1000, false).length + store.messages.recent(1000, true).length, 50);
  assert.equal(store.messages.find(2950), undefined);
  assert.equal(store.messages.find(2951)?.number, 2951);
});
