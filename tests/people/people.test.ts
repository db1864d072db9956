import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, minContrast } from '../../app/people/colour.ts';
import { peopleForTest } from '../kit/people.ts';

const dayMs = 86_400_000;

test('a session token always leads to the same person, whose id does not show it', () => {
  const { people } = peopleForTest();
  const person = people.arrive('token-of-anna');
  assert.equal(people.arrive('token-of-anna').id, person.id);
  assert.notEqual(people.arrive('token-of-ben').id, person.id);
  assert.equal(people.size, 2);
  assert.match(person.id, /^[0-9a-f]{16}$/);
  assert.match(person.tag, /^#[0-9a-z]{4}$/);
  assert.equal(person.name, undefined);
  assert.equal(person.role, 'viewer');
  assert.ok(contrast(person.colour, '#18181b') >= minContrast);
});

test('name, colour and tripcode can be set and cleared, and everyone is told', async () => {
  const { people, events } = peopleForTest();
  const { id, colour } = people.arrive('a');
  events.length = 0;
  assert.equal(people.rename(id, '  Ａnna ').name, 'Anna');
  const recoloured = people.recolour(id, '#000066');
  assert.ok(contrast(recoloured.colour, '#18181b') >= minContrast);
  assert.equal(recoloured.ownColour, true);
  const { tripcode } = await people.setTripcode(id, 'secret');
  assert.match(tripcode?.text ?? '', /^[\w-]{12}$/);
  assert.equal(people.find(id)?.tripcode?.text, tripcode?.text);
  assert.equal(people.clearTripcode(id).tripcode, undefined);
  assert.equal(people.rename(id, '').name, undefined);
  assert.equal(people.recolour(id, '').colour, colour);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
  );
});

test('what is refused changes nothing', async () => {
  const { people, events } = peopleForTest();
  const { id } = people.arrive('a');
  people.rename(id, 'Anna');
  const before = people.find(id);
  events.length = 0;
  assert.throws(() => people.rename(id, 'Broadcaster'), { code: 'name-reserved' });
  assert.throws(() => people.recolour(id, 'red'), { code: 'colour-invalid' });
  await assert.rejects(people.setTripcode(id, ''), { code: 'tripcode-password' });
  assert.throws(() => people.rename('0000000000000000', 'Ben'), { code: 'person-unknown' });
  assert.throws(() => people.open('0000000000000000', 'view'), { code: 'person-unknown' });
  assert.deepEqual(people.find(id), before);
  assert.deepEqual(events, []);
});

test('people who left something behind are the same after a restart, others are new', async () => {
  const first = peopleForTest();
  const { id } = first.people.arrive('a');
  first.people.rename(id, 'Anna');
  first.people.recolour(id, '#ff8800');
  const kept = await first.people.setTripcode(id, 'secret');
  const writer = first.people.wrote(first.people.arrive('writer').id);
  const solver = first.people.passedCaptcha(first.people.arrive('solver').id);
  const member = first.people.setMember(first.people.arrive('member').id, true);
  first.people.arrive('nobody');
  assert.equal(first.stored.rows.size, 4);

  first.time.pass(dayMs);
  const second = peopleForTest({}, first.stored, first.time);
  assert.deepEqual(second.people.find(id), kept);
  assert.deepEqual(second.people.arrive('a'), { ...kept, seenAtMs: first.time.now() });
  assert.equal(second.people.arrive('writer').wroteAtMs, writer.wroteAtMs);
  assert.equal(second.people.arrive('solver').captchaPassedAtMs, solver.captchaPassedAtMs);
  assert.equal(second.people.arrive('member').memberSinceMs, member.memberSinceMs);
  assert.equal(second.people.arrive('nobody').createdAtMs, first.time.now());
});

test('membership begins once and ends', () => {
  const { people, time } = peopleForTest();
  const { id } = people.arrive('a');
  const { memberSinceMs } = people.setMember(id, true);
  time.pass(1000);
  assert.equal(people.setMember(id, true).memberSinceMs, memberSinceMs);
  assert.equal(people.setMember(id, false).memberSinceMs, undefined);
});

test('coming and going, and messages after the first, cost the store no write each', () => {
  const { people, stored, time } = peopleForTest();
  const { id } = people.arrive('a');
  people.wrote(id);
  assert.equal(stored.seen.writes, 1);
  for (let round = 0; round < 50; round += 1) {
    time.pass(1000);
    people.wrote(id);
    people.open(id, 'chat')();
    people.sweep();
  }
  assert.equal(stored.seen.writes, 1);
  people.close();
  assert.equal(stored.rows.get(id)?.wroteAtMs, time.now() - 50_000, 'the first one');
  assert.equal(stored.rows.get(id)?.seenAtMs, time.now());
});

test('the role is the one that the login gives at each arrival', () => {
  const { people, events } = peopleForTest();
  const { id } = people.arrive('a', 'moderator');
  assert.equal(people.find(id)?.role, 'moderator');
  events.length = 0;
  people.arrive('a', 'moderator');
  assert.deepEqual(events, []);
  assert.equal(people.arrive('a').role, 'viewer');
});

test('no viewer can take the name of the broadcaster or a moderator, nor keep it, also after a restart', () => {
  const first = peopleForTest();
  const early = first.people.arrive('early');
  first.people.rename(early.id, 'Аliсe');
  const gone = first.people.arrive('gone');
  first.people.rename(gone.id, 'a l i c e');
  first.time.pass(dayMs);
  first.people.touch(early.id);
  first.people.sweep();

  const boss = first.people.arrive('boss', 'broadcaster');
  assert.equal(first.people.rename(boss.id, 'Alice').name, 'Alice');
  assert.equal(first.people.find(early.id)?.name, undefined);
  assert.equal(first.people.arrive('gone').name, undefined);
  const moderator = first.people.arrive('helper', 'moderator');
  assert.throws(() => first.people.rename(moderator.id, 'Alice'), { code: 'name-reserved' });
  first.people.rename(moderator.id, 'Robin');
  assert.equal(first.people.rename(moderator.id, 'Robin.').name, 'Robin.');

  const second = peopleForTest({}, first.stored, first.time);
  const viewer = second.people.arrive('viewer');
  assert.throws(() => second.people.rename(viewer.id, '4lice'), { code: 'name-reserved' });
  assert.throws(() => second.people.rename(viewer.id, 'robin'), { code: 'name-reserved' });
  assert.equal(second.people.rename(viewer.id, 'Carol').name, 'Carol');
});

test('the broadcaster may be called Broadcaster, moderators may not', () => {
  const { people } = peopleForTest();
  assert.equal(people.rename(people.arrive('a', 'broadcaster').id, 'Broadcaster').name, 'Broadcaster');
  const { id } = people.arrive('b', 'moderator');
  assert.throws(() => people.rename(id, 'Broadcaster'), { code: 'name-reserved' });
});

test('the store is pruned by the limits of the config, once an hour', () => {
  const { people, stored, time } = peopleForTest({ kept: { days: 2, maxPersons: 700 } });
  const startMs = time.now();
  for (let round = 0; round < 3601; round += 1) {
    people.sweep();
    time.pass(1000);
  }
  assert.deepEqual(stored.seen.prunes, [
    { seenBeforeMs: startMs - 2 * dayMs, maxRows: 700 },
    { seenBeforeMs: startMs + 3_600_000 - 2 * dayMs, maxRows: 700 },
  ]);
});

test('when someone was last seen is stored when they go, and when they have to make room', () => {
  for (const leave of ['by time', 'for others']) {
    const { people, stored, time } = peopleForTest({ maxPersons: 10 });
    const { id } = people.arrive('a');
    people.rename(id, 'Anna');
    time.pass(30_000);
    people.touch(id);
    const seenAtMs = time.now();
    if (leave === 'by time') {
      time.pass(60_000);
      people.sweep();
    } else {
      for (let index = 0; index < 10; index += 1) people.open(people.arrive(`b${index}`).id, 'chat');
    }
    assert.equal(stored.rows.get(id)?.seenAtMs, seenAtMs, leave);
  }
});

test('what is cleared is cleared in the store too', () => {
  const { people, stored } = peopleForTest();
  const { id } = people.arrive('a');
  people.rename(id, 'Anna');
  people.rename(id, '');
  assert.equal(stored.rows.get(id)?.name, null);
});

test('what the store can’t keep is not shown as if it were kept', () => {
  const { people, stored, events } = peopleForTest();
  const { id } = people.arrive('a');
  people.rename(id, 'Anna');
  events.length = 0;
  const { save } = stored.store;
  stored.store.save = () => {
    throw new Error('disk full');
  };
  assert.throws(() => people.rename(id, 'Ben'), /disk full/);
  stored.store.save = save;
  assert.equal(people.find(id)?.name, 'Anna');
  assert.deepEqual(events, []);
});
