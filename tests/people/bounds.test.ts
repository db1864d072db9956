import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peopleForTest } from '../kit/people.ts';

test('a hundred thousand arrivals stay within the bound and push out nobody who matters', () => {
  const { people, stored, time } = peopleForTest({ maxPersons: 500 });
  const watcher = people.arrive('watcher').id;
  people.open(watcher, 'view');
  const reader = people.arrive('reader').id;
  people.open(reader, 'chat');
  const named = people.arrive('named');
  people.rename(named.id, 'Anna');
  for (let index = 0; index < 100_000; index += 1) {
    people.arrive(`visitor ${index}`);
    time.pass(1);
    if (index % 1000 === 0) people.sweep();
    assert.ok(people.size <= 500);
  }
  assert.equal(people.presence(watcher), 'watching');
  assert.equal(people.presence(reader), 'chatting');
  assert.equal(people.find(named.id)?.name, 'Anna');
  assert.equal(people.arrive('named').createdAtMs, named.createdAtMs);
  assert.equal(stored.rows.size, 1);
});

test('the gone go first, then the idle; of each the nameless first, and of those the longest unseen', () => {
  const { people, time, events } = peopleForTest({ maxPersons: 10 });
  const ids = new Map<string, string>();
  const arrive = (token: string) => {
    const { id } = people.arrive(token);
    ids.set(id, token);
    time.pass(1000);
    return id;
  };
  people.rename(arrive('gone with a name'), 'Gone');
  arrive('gone');
  arrive('gone later');
  time.pass(60_000);
  people.sweep();
  people.rename(arrive('idle with a name'), 'Idle');
  people.open(arrive('open'), 'chat');
  arrive('idle');
  const touched = arrive('idle, but seen again');
  arrive('idle later');
  arrive('idle last');
  people.touch(touched);
  people.sweep();
  arrive('tenth');
  events.length = 0;

  const left: string[] = [];
  people.changes.subscribe(event => {
    if (event.type === 'presence' && event.presence === 'gone') left.push(ids.get(event.person.id) ?? '?');
  });
  const inMemory = () =>
    Object.values(people.list())
      .flat()
      .map(({ id }) => ids.get(id));
  const newcomer = (index: number) => people.open(arrive(`new ${index}`), 'view');

  newcomer(1);
  newcomer(2);
  newcomer(3);
  for (const token of ['gone', 'gone later', 'gone with a name'])
    assert.ok(!inMemory().includes(token), token);
  assert.deepEqual(left, []);
  for (let index = 4; index <= 8; index += 1) newcomer(index);
  assert.deepEqual(left, ['idle', 'idle later', 'idle last', 'idle, but seen again', 'tenth']);
  newcomer(9);
  assert.equal(left.at(-1), 'idle with a name');
  assert.throws(() => people.arrive('one too many'), { code: 'people-full' });
  assert.equal(people.size, 10);
  assert.ok(inMemory().includes('open'));
});
