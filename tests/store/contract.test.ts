import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HeldStore, MessageRow, MessageStore, SaidRow, SettingStore } from '../../app/chat/store.ts';
import type {
  BanRow,
  BanStore,
  InvitationRow,
  InvitationStore,
  PersonRow,
  PersonStore,
} from '../../app/people/store.ts';
import { moderationRowsKept } from '../../app/store/moderation-log.ts';
import type { ModerationRow } from '../../app/store/rows.ts';
import { openStore, type Store, type StoreOptions } from '../../app/store/store.ts';

/** Every way to open a store; all of them must pass everything below. */
const backends: Readonly<Record<StoreOptions['kind'], (folder: string) => StoreOptions>> = {
  sqlite: folder => ({ kind: 'sqlite', path: join(folder, 'chat.db') }),
  memory: () => ({ kind: 'memory' }),
};

/** What those who need a store have declared that they need. */
type Needs = {
  messages: MessageStore;
  held: HeldStore;
  settings: SettingStore;
  persons: PersonStore;
  bans: BanStore;
  invitations: InvitationStore;
  moderationLog: Store['moderationLog'];
};

function each(name: string, body: (store: Needs, t: TestContext) => void): void {
  for (const [kind, optionsIn] of Object.entries(backends)) {
    test(`${kind}: ${name}`, async t => {
      const folder = await mkdtemp(join(tmpdir(), 'store-'));
      const store = openStore(optionsIn(folder));
      t.after(() => {
        store.close();
        return rm(folder, { recursive: true });
      });
      body(store, t);
    });
  }
}

const saidRow: SaidRow = {
  atMs: 1000,
  personId: 'ada',
  tag: '#k3f9',
  name: 'Ada "the\' \u{1f600} \u0301',
  colour: '#ffcc00',
  role: 'moderator',
  tripcode: 'abcdefghij',
  tripcodeKind: 'classic',
  tripcodeForeground: '#000000',
  tripcodeBackground: '#ffffff',
  text: "line one\nline two'); DROP TABLE messages; --",
  replyTo: 3,
  nonce: 'nonce-1',
};
const plainRow: SaidRow = {
  ...saidRow,
  name: null,
  role: 'viewer',
  tripcode: null,
  tripcodeKind: null,
  tripcodeForeground: null,
  tripcodeBackground: null,
  replyTo: null,
  nonce: null,
};
const message = (number: number, facts: Partial<MessageRow> = {}): MessageRow => ({
  ...plainRow,
  number,
  kind: 'said',
  hidden: false,
  ...facts,
});
const numbers = (rows: readonly { number: number }[]) => rows.map(({ number }) => number);
const ids = (rows: readonly { id: unknown }[]) => rows.map(({ id }) => id);

each('a message comes back as it was given', ({ messages }) => {
  const full = message(1, { ...saidRow, kind: 'notice', hidden: true });
  messages.append(full, 10);
  messages.append(message(2), 10);
  assert.deepEqual(messages.find(1), full);
  assert.deepEqual(messages.find(2), message(2));
  assert.equal(messages.find(3), undefined);
});

each('shown and hidden messages are told apart, the newest are given in order', ({ messages }) => {
  for (let number = 1; number <= 9; number++)
    messages.append(message(number, { hidden: number % 3 === 0 }), 100);
  assert.deepEqual(numbers(messages.recent(4, false)), [4, 5, 7, 8]);
  assert.deepEqual(numbers(messages.recent(100, true)), [3, 6, 9]);
  assert.deepEqual(messages.recent(0, false), []);
});

each('hiding returns what it changed, in order, as it is now', ({ messages }) => {
  for (let number = 1; number <= 4; number++) messages.append(message(number), 100);
  assert.deepEqual(numbers(messages.setHidden([4, 2, 2, 77], true)), [2, 4]);
  assert.deepEqual(messages.setHidden([2, 3], true), [message(3, { hidden: true })]);
  assert.deepEqual(messages.setHidden([3, 1], false), [message(3)]);
  assert.deepEqual(numbers(messages.recent(10, false)), [1, 3]);
});

each('a person’s messages can be listed, hidden and deleted at once', ({ messages }) => {
  for (let number = 1; number <= 6; number++) {
    messages.append(message(number, { personId: number % 2 ? 'ada' : 'bob' }), 100);
  }
  messages.setHidden([3], true);
  assert.deepEqual(numbers(messages.ofPerson('ada', 2)), [3, 5]);
  assert.deepEqual(messages.hideOfPerson('ada'), [1, 5]);
  assert.deepEqual(messages.hideOfPerson('ada'), []);
  assert.deepEqual(messages.deleteOfPerson('ada'), [1, 3, 5]);
  assert.deepEqual(messages.ofPerson('ada', 9), []);
  assert.deepEqual(numbers(messages.recent(10, false)), [2, 4, 6]);
});

each('a message is found by the nonce of its author, and no nonce is used twice', ({ messages }) => {
  messages.append(message(1, { nonce: 'nonce-1' }), 10);
  messages.append(message(2, { nonce: 'nonce-1', personId: 'bob' }), 10);
  messages.append(message(3), 10);
  messages.append(message(4), 10);
  assert.equal(messages.findByNonce('ada', 'nonce-1')?.number, 1);
  assert.equal(messages.findByNonce('bob', 'nonce-1')?.number, 2);
  assert.equal(messages.findByNonce('bob', 'nonce-2'), undefined);
  assert.throws(() => messages.append(message(5, { nonce: 'nonce-1' }), 10), { code: 'store-write-failed' });
});

each('a message that could not be stored leaves everything as it was', ({ messages }) => {
  for (let number = 1; number <= 3; number++) messages.append(message(number), 3);
  // The number is taken; the oldest must not have been deleted for it.
  assert.throws(() => messages.append(message(3), 1), { code: 'store-write-failed' });
  assert.deepEqual(numbers(messages.recent(10, false)), [1, 2, 3]);
  assert.equal(messages.lastNumber(), 3);
  messages.append(message(4), 3);
  assert.deepEqual(numbers(messages.recent(10, false)), [2, 3, 4]);
});

each('the last number is remembered when its message is gone', ({ messages }) => {
  assert.equal(messages.lastNumber(), 0);
  for (let number = 1; number <= 5; number++) messages.append(message(number), 100);
  assert.equal(messages.deleteThrough(3), 3);
  assert.equal(messages.deleteThrough(99), 2);
  assert.equal(messages.deleteThrough(99), 0);
  assert.equal(messages.lastNumber(), 5);
});

each('old messages are found by time', ({ messages }) => {
  assert.equal(messages.lastNumberBefore(99), 0);
  for (const [index, atMs] of [100, 300, 200, 400].entries())
    messages.append(message(index + 1, { atMs }), 100);
  assert.equal(messages.lastNumberBefore(100), 0);
  assert.equal(messages.lastNumberBefore(101), 1);
  assert.equal(messages.lastNumberBefore(250), 3);
});

each('held messages come back in order with the id that they were given', ({ held }) => {
  const first = held.add(saidRow);
  const second = held.add(plainRow);
  assert.deepEqual(held.all(), [
    { ...saidRow, id: first },
    { ...plainRow, id: second },
  ]);
  held.delete(second);
  held.delete(second);
  assert.ok(held.add(plainRow) > second, 'an id is given once');
  assert.equal(held.all().length, 2);
});

each('settings are kept by key', ({ settings }) => {
  assert.equal(settings.get('a'), undefined);
  settings.set('a', '{"x":1}');
  settings.set('b', 'null');
  settings.set('a', '"\u00e9"');
  assert.equal(settings.get('a'), '"\u00e9"');
  settings.set('a', undefined);
  assert.equal(settings.get('a'), undefined);
  assert.equal(settings.get('b'), 'null');
});

const person = (id: string, facts: Partial<PersonRow> = {}): PersonRow => ({
  id,
  name: null,
  colour: null,
  tripcode: null,
  tripcodeKind: null,
  tripcodeForeground: null,
  tripcodeBackground: null,
  role: 'viewer',
  memberSinceMs: null,
  captchaPassedAtMs: null,
  wroteAtMs: null,
  createdAtMs: 1,
  seenAtMs: 1,
  ...facts,
});

each('people come back as they were saved last', ({ persons }) => {
  const ada = person('ada', {
    name: 'Ada',
    colour: '#ffcc00',
    tripcode: 'abcdefghij',
    tripcodeKind: 'secure',
    tripcodeForeground: '#000000',
    tripcodeBackground: '#ffffff',
    role: 'broadcaster',
    memberSinceMs: 2,
    captchaPassedAtMs: 3,
    wroteAtMs: 4,
    createdAtMs: 5,
    seenAtMs: 6,
  });
  persons.save([person('ada'), person('bob')]);
  persons.save([ada, person('mod', { role: 'moderator' })]);
  persons.save([]);
  assert.deepEqual(persons.find('ada'), ada);
  assert.deepEqual(persons.find('bob'), person('bob'));
  assert.equal(persons.find('eve'), undefined);
  assert.deepEqual(ids(persons.staff()), ['ada', 'mod']);
});

each('people long unseen are forgotten, then the longest unseen, but no one with a right', ({ persons }) => {
  persons.save([
    person('member', { memberSinceMs: 1, seenAtMs: 0 }),
    person('mod', { role: 'moderator', seenAtMs: 0 }),
    ...[10, 20, 30, 40, 50].map(seenAtMs => person(`p${seenAtMs}`, { seenAtMs })),
  ]);
  const left = () => ['member', 'mod', 'p10', 'p20', 'p30', 'p40', 'p50'].filter(id => persons.find(id));
  assert.equal(persons.prune({ seenBeforeMs: 20, maxRows: 100 }), 1);
  assert.deepEqual(left(), ['member', 'mod', 'p20', 'p30', 'p40', 'p50']);
  assert.equal(persons.prune({ seenBeforeMs: 0, maxRows: 4 }), 2);
  assert.deepEqual(left(), ['member', 'mod', 'p40', 'p50']);
  assert.equal(persons.prune({ seenBeforeMs: 99, maxRows: 1 }), 2);
  assert.deepEqual(left(), ['member', 'mod']);
});

const ban = (id: string, facts: Partial<BanRow> = {}): BanRow => ({
  id,
  kind: 'ban',
  personId: 'ada',
  tripcode: null,
  ofStaff: false,
  name: 'Ada',
  reason: '',
  by: 'broadcaster',
  atMs: 1,
  untilMs: null,
  ...facts,
});

each('bans come back in the order of time, and an id is one ban', ({ bans }) => {
  const mute = ban('c', {
    kind: 'mute',
    ofStaff: true,
    atMs: 2,
    untilMs: 9,
    tripcode: 'abc',
    personId: null,
    reason: 'spam',
  });
  bans.save(mute);
  bans.save(ban('b', { atMs: 3 }));
  bans.save(ban('a'));
  bans.save(ban('a', { reason: 'now with a reason' }));
  assert.deepEqual(bans.all(), [ban('a', { reason: 'now with a reason' }), mute, ban('b', { atMs: 3 })]);
  bans.delete(['a', 'none', 'b']);
  bans.delete([]);
  assert.deepEqual(ids(bans.all()), ['c']);
});

each('invitations come back in the order of time, and a token is one invitation', ({ invitations }) => {
  const row: InvitationRow = {
    id: 'b',
    tokenHash: 'hash b',
    grants: 'member',
    note: 'for Bob',
    by: 'broadcaster',
    createdAtMs: 2,
    expiresAtMs: null,
    redeemedAtMs: null,
    redeemedBy: null,
  };
  const used: InvitationRow = {
    ...row,
    expiresAtMs: 9,
    redeemedAtMs: 5,
    redeemedBy: 'bob',
    grants: 'moderator',
  };
  const earlier = { ...row, id: 'a', tokenHash: 'hash a', createdAtMs: 1 };
  invitations.save(row);
  invitations.save(earlier);
  invitations.save(used);
  assert.deepEqual(invitations.all(), [earlier, used]);
  assert.throws(() => invitations.save({ ...row, id: 'c' }), { code: 'store-write-failed' });
  invitations.delete(['b']);
  assert.deepEqual(ids(invitations.all()), ['a']);
});

const deed = (facts: Partial<ModerationRow> = {}): Omit<ModerationRow, 'id'> => ({
  atMs: 1,
  by: 'broadcaster',
  action: 'hide',
  target: '12',
  undo: null,
  undoes: null,
  ...facts,
});

each('the moderation log is read newest first, page by page', ({ moderationLog }) => {
  const first = moderationLog.append(deed({ undo: '{"numbers":[12]}' }));
  const second = moderationLog.append(deed({ action: 'ban', target: 'ada' }));
  const third = moderationLog.append(deed({ action: 'unhide', undoes: first }));
  assert.deepEqual(ids(moderationLog.recent(2)), [third, second]);
  assert.deepEqual(ids(moderationLog.recent(2, second)), [first]);
  assert.deepEqual(moderationLog.find(first), { ...deed({ undo: '{"numbers":[12]}' }), id: first });
  assert.equal(moderationLog.undoing(first)?.id, third);
  assert.equal(moderationLog.undoing(second), undefined);
  assert.equal(moderationLog.find(third + 1), undefined);
});

each('the moderation log is bounded', ({ moderationLog }) => {
  const first = moderationLog.append(deed());
  let last = first;
  for (let index = 0; index < moderationRowsKept; index++) last = moderationLog.append(deed());
  assert.equal(moderationLog.find(first), undefined);
  assert.equal(moderationLog.recent(2 * moderationRowsKept).length, moderationRowsKept);
  assert.ok(moderationLog.find(last));
});

each(
  'nobody pushes what others did out of the moderation log, nor makes it undone twice',
  ({ moderationLog }) => {
    const log = moderationLog;
    const flood = (by: string, rows: number): void => {
      for (let index = 0; index < rows; index++) log.append(deed({ by, undo: '{}' }));
    };
    const first = log.append(deed({ undo: '{}' }));
    const ban = log.append(deed({ by: 'Eve', action: 'ban', undo: '{}' }));
    const undone = log.append(deed({ by: 'Mal', action: 'undo', undoes: first }));
    flood('Mal', 2 * moderationRowsKept);
    assert.deepEqual([log.find(first)?.undo, log.find(ban)?.undo], [null, '{}']);
    assert.deepEqual([log.find(undone), log.undoing(first)], [undefined, undefined]);
    flood('Eve', moderationRowsKept);
    const rows = log.recent(2 * moderationRowsKept);
    assert.equal(rows.length, moderationRowsKept);
    const of = (by: string): number => rows.filter(row => row.by === by).length;
    assert.deepEqual([of('broadcaster'), of('Eve') - of('Mal')], [1, 1], 'the two share the rest');
  },
);
