import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BanEvent, Bans } from '../../app/people/bans.ts';
import { peopleConfig } from '../../app/people/config.ts';
import type { Person } from '../../app/people/person.ts';
import { newPerson } from '../../app/people/person-row.ts';
import type { Tripcode } from '../../app/people/tripcode.ts';
import { clock } from '../kit/people.ts';
import { banStore } from '../kit/people-stores.ts';
import { below, seeded } from '../kit/seeded.ts';

const minuteMs = 60_000;
const config = peopleConfig.parse({ bans: { max: 10, circuitWaitS: 120, circuitForS: 3600 } }).bans;

function bansForTest(store = banStore(), time = clock()) {
  const bans = new Bans({ store, now: time.now }, config);
  const events: string[] = [];
  bans.changes.subscribe(({ type, ban }: BanEvent) => events.push(`${type} ${ban.kind} ${ban.personId}`));
  return { bans, store, time, events };
}

function person(id: string, change: Partial<Person> = {}): Person {
  return { ...newPerson(id.padStart(16, '0'), 0, '#18181b'), ...change };
}

function tripcode(text: string): Tripcode {
  return { text, colours: { foreground: '#ffffff', background: '#000000' }, kind: 'secure' };
}

const order = { name: 'Anna #k3f9', reason: 'spam', by: 'broadcaster' } as const;

test('a ban holds until its time, a ban for good longer than any', () => {
  const { bans, time, events } = bansForTest();
  const [anna, ben] = [person('a'), person('b')];
  bans.add({ ...order, kind: 'ban', person: anna, untilMs: time.now() + minuteMs });
  bans.add({ ...order, kind: 'ban', person: ben, untilMs: null });
  assert.equal(bans.isBanned(anna), true);
  assert.equal(bans.banOf(anna)?.untilMs, time.now() + minuteMs);
  assert.equal(bans.isBanned(person('c')), false);
  time.pass(minuteMs);
  assert.equal(bans.isBanned(anna), false);
  assert.equal(bans.isBanned(ben), true);
  time.pass(10 * 365 * 86_400_000);
  assert.equal(bans.isBanned(ben), true);
  events.length = 0;
  bans.sweep();
  bans.sweep();
  assert.deepEqual(events, [`expired ban ${anna.id}`]);
  assert.deepEqual(
    bans.list().map(({ personId }) => personId),
    [ben.id],
  );
});

test('a mute is no ban, nor a ban a mute, and both can hold at once', () => {
  const { bans, time } = bansForTest();
  const anna = person('a');
  const {
    bans: [mute],
  } = bans.add({ ...order, kind: 'mute', person: anna, untilMs: time.now() + minuteMs });
  assert.deepEqual([bans.isMuted(anna), bans.isBanned(anna)], [true, false]);
  bans.add({ ...order, kind: 'ban', person: anna, untilMs: null });
  assert.deepEqual([bans.isMuted(anna), bans.isBanned(anna)], [true, true]);
  bans.lift(mute.id);
  assert.deepEqual([bans.isMuted(anna), bans.isBanned(anna)], [false, true]);
});

test('a ban follows the tripcode into another session, and the person when they drop the tripcode', () => {
  const { bans } = bansForTest();
  bans.add({
    ...order,
    kind: 'ban',
    person: person('a', { tripcode: tripcode('abcdefghijkl') }),
    untilMs: null,
  });
  assert.equal(bans.isBanned(person('a')), true);
  assert.equal(bans.isBanned(person('b', { tripcode: tripcode('abcdefghijkl') })), true);
  assert.equal(bans.isBanned(person('b', { tripcode: tripcode('abcdefghijkL') })), false);
});

test('a new ban of the same person replaces the last one', () => {
  const { bans, store, time } = bansForTest();
  const anna = person('a');
  bans.add({ ...order, kind: 'ban', person: anna, untilMs: null });
  const {
    bans: [last],
  } = bans.add({ ...order, kind: 'ban', person: anna, untilMs: time.now() + minuteMs });
  assert.deepEqual(bans.list(), [last]);
  assert.deepEqual(store.all(), [last]);
});

test('a ban holds for every tripcode it is given, and the next one of that person for the same', () => {
  const { bans, time } = bansForTest();
  const anna = person('a', { tripcode: tripcode('now') });
  const under = (text: string) => bans.isBanned(person('b', { tripcode: tripcode(text) }));
  const untilMs = time.now() + minuteMs;
  const first = bans.add({ ...order, kind: 'ban', person: anna, tripcodes: ['then', 'now'], untilMs: null });
  assert.equal(first.bans.length, 2);
  const { replaced } = bans.add({ ...order, kind: 'ban', person: person('a'), untilMs });
  assert.deepEqual(replaced, first.bans);
  assert.deepEqual([under('now'), under('then'), under('other')], [true, true, false]);
  time.pass(minuteMs);
  assert.deepEqual([under('now'), under('then'), bans.isBanned(anna)], [false, false, false]);
  bans.sweep();
  const many = Array.from({ length: 50 }, (_, index) => `tripcode ${index}`);
  assert.equal(bans.add({ ...order, kind: 'ban', person: anna, tripcodes: many, untilMs }).bans.length, 10);
});

test('a ban that may not take the place of another stands beside it, and the longer holds', () => {
  const { bans, time } = bansForTest();
  const anna = person('a');
  const {
    bans: [first],
  } = bans.add({ ...order, kind: 'ban', person: anna, untilMs: null });
  const replaces = () => false;
  const untilMs = time.now() + minuteMs;
  const { replaced } = bans.add({ ...order, kind: 'ban', person: anna, untilMs, replaces });
  assert.deepEqual([replaced, bans.banOf(anna)], [[], first]);
  bans.lift(first.id);
  assert.equal(bans.banOf(anna)?.untilMs, untilMs);
});

test('a tripcode’s ban is none of the staff’s, but one of their own is', () => {
  const { bans } = bansForTest();
  const nina = { tripcode: tripcode('ninas'), role: 'moderator' } as const;
  bans.add({ ...order, kind: 'ban', person: person('old', { tripcode: tripcode('ninas') }), untilMs: null });
  assert.equal(bans.isBanned(person('a', nina)), false);
  bans.add({ ...order, kind: 'ban', person: person('a', nina), untilMs: null });
  assert.equal(bans.isBanned(person('a', nina)), true);
});

test('bans outlive a restart, with who, why and until when; what was lifted or expired does not', () => {
  const { bans, store, time } = bansForTest();
  const {
    bans: [kept],
  } = bans.add({
    ...order,
    kind: 'ban',
    person: person('a'),
    untilMs: null,
    reason: 'said\nbad things',
    by: 'Robin',
  });
  const {
    bans: [lifted],
  } = bans.add({ ...order, kind: 'mute', person: person('b'), untilMs: null });
  bans.add({ ...order, kind: 'mute', person: person('c'), untilMs: time.now() + minuteMs });
  bans.lift(lifted.id);
  time.pass(minuteMs);
  bans.sweep();

  const later = bansForTest(store, time).bans;
  assert.deepEqual(later.list(), [kept]);
  assert.deepEqual(later.banOf(person('a')), {
    ...kept,
    reason: 'said\nbad things',
    by: 'Robin',
    name: 'Anna #k3f9',
  });
  assert.equal(later.isMuted(person('b')), false);
  assert.throws(() => later.lift(lifted.id), { code: 'ban-unknown' });
});

test('the broadcaster can’t be banned, a moderator can', () => {
  const { bans } = bansForTest();
  const banAs = (role: Person['role']) => () =>
    bans.add({ ...order, kind: 'ban', person: person('a', { role }), untilMs: null });
  assert.throws(banAs('broadcaster'), { code: 'ban-broadcaster' });
  assert.doesNotThrow(banAs('moderator'));
});

test('who was banned as a viewer is not locked out when they log in as the broadcaster', () => {
  const { bans } = bansForTest();
  bans.add({ ...order, kind: 'ban', person: person('a'), untilMs: null });
  bans.add({ ...order, kind: 'mute', person: person('a'), untilMs: null });
  const broadcaster = person('a', { role: 'broadcaster' });
  assert.deepEqual([bans.banOf(broadcaster), bans.muteOf(broadcaster)], [undefined, undefined]);
  assert.equal(bans.isBanned(person('a', { role: 'moderator' })), true);
});

test('the number of bans is bounded, and one that ends makes room', () => {
  const { bans, time } = bansForTest();
  for (let index = 0; index < config.max; index += 1) {
    bans.add({ ...order, kind: 'ban', person: person(String(index)), untilMs: time.now() + minuteMs });
  }
  const another = { ...order, kind: 'ban', person: person('z'), untilMs: null } as const;
  assert.throws(() => bans.add(another), { code: 'bans-full', message: /All 10 bans/ });
  assert.doesNotThrow(() => bans.add({ ...another, person: person('0') }));
  time.pass(minuteMs);
  bans.sweep();
  assert.doesNotThrow(() => bans.add(another));
});

test('after any order of bans, mutes, lifts, restarts and waiting, the answer is that of a plain list', () => {
  const random = seeded(3);
  let { bans, store, time } = bansForTest();
  const people = ['a', 'b', 'c'].map(id => person(id));
  const tripcodes = [{}, { tripcode: tripcode('one') }, { tripcode: tripcode('two') }];
  const any = <T>(list: readonly T[]): T => {
    const [item] = list.slice(below(random, list.length));
    if (item === undefined) throw new Error('an empty list');
    return item;
  };
  for (let round = 0; round < 2000; round += 1) {
    const who = { ...any(people), ...any(tripcodes) };
    const kind = any(['ban', 'mute'] as const);
    const action = below(random, 6);
    if (action < 2)
      bans.add({
        ...order,
        kind,
        person: who,
        untilMs: any([null, time.now() + below(random, 5) * minuteMs]),
      });
    else if (action === 2 && bans.list().length > 0) bans.lift(any(bans.list()).id);
    else if (action === 3) time.pass(below(random, 3) * minuteMs);
    else if (action === 4) bans.sweep();
    else if (round % 7 === 0) ({ bans } = bansForTest(store, time));
    const held = store
      .all()
      .filter(row => row.kind === kind && (row.untilMs === null || row.untilMs > time.now()))
      .some(row => row.personId === who.id || (row.tripcode !== null && row.tripcode === who.tripcode?.text));
    assert.equal(kind === 'ban' ? bans.isBanned(who) : bans.isMuted(who), held, `round ${round}`);
  }
});

test('whoever else comes by the circuit of someone banned waits and solves a captcha again', () => {
  const { bans, time } = bansForTest();
  const bannedAtMs = time.now();
  const old = person('a', { createdAtMs: bannedAtMs - 1000, captchaPassedAtMs: bannedAtMs - 1000 });
  bans.add({ ...order, kind: 'ban', person: person('x'), circuits: ['203'], untilMs: null });
  assert.deepEqual(bans.probation(old, '203'), { waitUntilMs: bannedAtMs + 120_000, needsCaptcha: true });
  assert.equal(bans.probation(old, '204'), undefined);
  assert.equal(bans.probation(old, undefined), undefined);
  assert.equal(bans.probation({ ...old, role: 'moderator' }, '203'), undefined);

  time.pass(60_000);
  const newcomer = person('b', { createdAtMs: time.now() });
  assert.equal(bans.probation(newcomer, '203')?.waitUntilMs, bannedAtMs + 180_000);
  const solved = { ...newcomer, captchaPassedAtMs: time.now() };
  assert.deepEqual(bans.probation(solved, '203'), { waitUntilMs: bannedAtMs + 180_000, needsCaptcha: false });
  time.pass(120_000);
  assert.equal(bans.probation(solved, '203'), undefined);
  assert.deepEqual(bans.probation(newcomer, '203'), { waitUntilMs: undefined, needsCaptcha: true });

  time.pass(3_600_000);
  assert.equal(bans.probation(newcomer, '203'), undefined);
});

test('a mute puts no one else on probation', () => {
  const { bans } = bansForTest();
  bans.add({ ...order, kind: 'mute', person: person('x'), circuits: ['203'], untilMs: null });
  assert.equal(bans.probation(person('a'), '203'), undefined);
});
