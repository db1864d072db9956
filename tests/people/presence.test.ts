import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peopleForTest } from '../kit/people.ts';

const presence = { watchingForS: 5, chattingForS: 60, goneForS: 900 };

/** Someone who has just come, and the presences published since. */
function someone() {
  const { people, events, time } = peopleForTest({ presence });
  const { id } = people.arrive('a');
  const seen = () => events.splice(0).flatMap(event => (event.type === 'presence' ? [event.presence] : []));
  const after = (seconds: number) => {
    time.pass(seconds * 1000);
    people.sweep();
    return people.presence(id);
  };
  return { people, id, seen, after };
}

test('who comes is in chat, and gone when nothing is heard of them', () => {
  const { seen, after, people, id } = someone();
  assert.deepEqual(seen(), ['chatting']);
  assert.equal(after(59), 'chatting');
  assert.equal(after(2), 'gone');
  assert.deepEqual(seen(), ['gone']);
  people.touch(id);
  assert.deepEqual(seen(), ['chatting']);
});

test('who has a video open is watching for as long as it is open', () => {
  const { people, id, seen, after } = someone();
  const close = people.open(id, 'view');
  assert.deepEqual(seen(), ['chatting', 'watching']);
  assert.equal(after(100_000), 'watching');
  close();
  assert.equal(after(4), 'watching');
  assert.equal(after(2), 'chatting');
  assert.equal(after(60), 'gone');
  assert.deepEqual(seen(), ['chatting', 'gone']);
});

test('a player that reconnects does not flicker', () => {
  const { people, id, seen, after } = someone();
  let close = people.open(id, 'view');
  seen();
  for (let round = 0; round < 20; round += 1) {
    close();
    after(3);
    close = people.open(id, 'view');
    after(10);
  }
  assert.deepEqual(seen(), []);
});

test('who has a chat frame open is in chat, however long they are silent', () => {
  const { people, id, seen, after } = someone();
  const close = people.open(id, 'chat');
  assert.equal(after(100_000), 'chatting');
  close();
  assert.equal(after(59), 'chatting');
  assert.equal(after(2), 'gone');
  assert.deepEqual(seen(), ['chatting', 'gone']);
});

test('of several open at once the last counts, and closing twice counts once', () => {
  const { people, id, after } = someone();
  const closeFirst = people.open(id, 'view');
  const closeSecond = people.open(id, 'view');
  const closeChat = people.open(id, 'chat');
  closeFirst();
  closeFirst();
  closeFirst();
  assert.equal(after(1000), 'watching');
  closeSecond();
  assert.equal(after(1000), 'chatting');
  closeChat();
  assert.equal(after(1000), 'gone');
});

test('people are listed by presence, the gone for a while', () => {
  const { people, time } = peopleForTest({ presence });
  const [watcher, writer, leaver] = ['w', 'c', 'l'].map(token => people.arrive(token).id);
  assert.ok(watcher && writer && leaver);
  people.open(watcher, 'view');
  people.open(writer, 'chat');
  const ids = () =>
    Object.fromEntries(Object.entries(people.list()).map(([key, list]) => [key, list.map(({ id }) => id)]));
  time.pass(61_000);
  people.sweep();
  assert.deepEqual(ids(), { watching: [watcher], chatting: [writer], gone: [leaver] });
  time.pass(900_000);
  people.sweep();
  assert.deepEqual(ids(), { watching: [watcher], chatting: [writer], gone: [] });
  assert.equal(people.presence(leaver), 'gone');
  assert.equal(people.size, 2);
});
