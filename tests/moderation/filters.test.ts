import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FilterOrder, Filters } from '../../app/moderation/filters.ts';
import { openStore } from '../../app/store/store.ts';
import { moderationForTest } from '../kit/moderation.ts';

const order = (pattern: string, facts: Partial<FilterOrder> = {}): FilterOrder => ({
  kind: 'word',
  pattern,
  action: 'hold',
  forMs: null,
  by: 'broadcaster',
  ...facts,
});

function openFilters(store = openStore({ kind: 'memory' })): Filters {
  return new Filters({ store: store.filters, now: () => 1000 }, { maxFilters: 200, filterMs: 1000 });
}

/** Whether a filter alone matches. */
function matches(pattern: string, text: string, kind: FilterOrder['kind'] = 'word'): boolean {
  return openFilters().try(order(pattern, { kind }), text).matches.length > 0;
}

test('a word is found however it is disguised', () => {
  for (const text of [
    'so bad!',
    'BAD',
    'b.a.d',
    'b-a-d',
    'b a d',
    'b . a . d',
    'baaad',
    'bbaadd',
    'b\u200ba\u200dd',
    'b\u00ada\u2060d',
    'bаd with a Cyrillic а',
    'ｂａｄ',
    '𝐛𝐚𝐝',
    'b@d',
    'b4d',
    '8ad',
    'bád',
    'b\u0336a\u0336d\u0336',
    '“bad”',
    'b_a_d',
    'line\nbad\nline',
    '😀bad😀',
  ]) {
    assert.ok(matches('bad', text), JSON.stringify(text));
  }
});

test('a word is not found within others, nor across them', () => {
  for (const text of [
    'badge',
    'forbad',
    'grab a dog',
    'b and a and d',
    'bd',
    'ba',
    'b ad',
    'badbad1',
    'ab.ad',
  ]) {
    assert.ok(!matches('bad', text), JSON.stringify(text));
  }
  assert.ok(!matches('ass', 'as'), 'a letter written twice is wanted twice');
  assert.ok(matches('ass', 'a.s.s'));
  assert.ok(!matches('ass', 'class') && !matches('ass', 'as so'));
});

test('a star opens a side of the word, several words are a phrase, symbols are taken as they are', () => {
  assert.ok(matches('bad*', 'badge') && !matches('bad*', 'forbad'));
  assert.ok(matches('*bad', 'forbad') && matches('*bad*', 'forbadding'));
  assert.ok(
    matches('buy now', 'B.U.Y   now!') && matches('buy now', 'buynow') && !matches('buy now', 'buy it now'),
  );
  assert.ok(matches('🍆', 'x🍆🍆y') && matches('c++', 'I like C++ so much'));
  assert.ok(matches('笨蛋', '你是笨蛋吗'), 'where no spaces part the words');
  assert.ok(matches('дурак', 'ДУР.АК'));
  assert.ok(matches('example.com', 'see example.com/x'));
});

test('a regular expression sees the text without what cannot be seen', () => {
  assert.ok(matches(String.raw`\bb[ae]d\b`, 'B\u200bED', 'regex'));
  assert.ok(!matches(String.raw`\bb[ae]d\b`, 'bedding', 'regex'));
});

test('only what matched is censored, in the text as it was written', () => {
  const filters = openFilters();
  filters.add(order('bad', { action: 'censor' }));
  filters.add(order(String.raw`t\w+k`, { kind: 'regex', action: 'censor' }));
  assert.equal(filters.apply('a b\u200b.a.d 😀 bád tick, badge').text, 'a ****** 😀 *** ****, badge');
  assert.equal(filters.apply('nothing').text, 'nothing');
});

test('regular expressions that are wrong, match everything or can’t be done in time are refused', () => {
  const filters = openFilters();
  const refused = (pattern: string, code: string) =>
    assert.throws(() => filters.add(order(pattern, { kind: 'regex' })), { code }, pattern);
  for (const pattern of ['(', '[', 'a{2,1}', '\\', '(?<n>a)(?<n>b)', 'a{1001}', 'x'.repeat(201)])
    refused(pattern, 'filter-invalid');
  for (const pattern of ['a*', '', '(?:)', 'x|', '^']) refused(pattern, 'filter-invalid');
  for (const pattern of [String.raw`(.)\1+`, String.raw`(?<x>a)\k<x>`, '(?<!un)friendly', 'a(?=b)']) {
    assert.throws(() => filters.add(order(pattern, { kind: 'regex' })), /references back and looks ahead/);
  }
  for (const pattern of ['(?:.{0,100}){9}x', '(a{1,100}){1,10}b']) refused(pattern, 'filter-too-large');
  for (const pattern of [
    String.raw`\bfoo\b`,
    'https?://[^ ]+',
    '(ha|ho|hi)+',
    String.raw`\d{3}-\d{4}`,
    '(?:ab){2,}',
    'a.*b',
    '[^\\x00-\\x7f]{20}',
    String.raw`\p{L}{30,}`,
    String.raw`\u{1F600}|\u0416`,
  ]) {
    filters.add(order(pattern, { kind: 'regex' }));
  }
  assert.throws(
    () => {
      for (let n = 1; n < 10; n++) filters.add(order(`${n}a{90}`, { kind: 'regex' }));
    },
    { code: 'filters-full' },
  );
});

test('one that can’t be used any more is off, and the others go on without it', async () => {
  await using desk = await moderationForTest();
  const { store } = desk;
  const saved = { atMs: 0, suspendedAtMs: null };
  const id = store.filters.add({ ...order(String.raw`(a)\1`, { kind: 'regex' }), ...saved });
  store.filters.add({ ...order('(?:.{0,100}){9}x', { kind: 'regex' }), ...saved });
  store.filters.add({ ...order('fine'), ...saved });
  const restarted = await moderationForTest({ store, dataDir: desk.home });
  assert.deepEqual(
    restarted.filters.list().map(filter => [filter.id, filter.suspendedAtMs !== null]),
    [
      [id, true],
      [id + 1, true],
      [id + 2, false],
    ],
  );
  assert.match((await restarted.run('filters')).lines?.[0] ?? '', /off: it can’t be used/);
  const free = await restarted.say(restarted.arrive('ada'), 'aa');
  assert.ok(free.ok && !free.held);
  const held = await restarted.say(restarted.arrive('bob'), 'fine');
  assert.ok(held.ok && held.held);
});

test('the sternest filter decides what becomes of a message and of who wrote it', async () => {
  await using desk = await moderationForTest();
  const { run, say, arrive, bans, room, held, log, time } = desk;
  await run('filters add word censor darn');
  await run('filters add word hold maybe');
  await run('filters add word mute 5m bad');
  await run('filters add word ban evil');
  const ada = arrive('ada', 'Ada');
  const censored = await say(ada, 'darn it');
  assert.ok(censored.ok && !censored.held && censored.message.text === '**** it');
  const waiting = await say(ada, 'darn, maybe');
  assert.ok(waiting.ok && waiting.held);
  assert.equal(held.list()[0]?.said.text, '****, maybe');
  const muted = await say(ada, 'maybe b.a.d');
  assert.ok(!muted.ok && muted.reason === 'filtered');
  assert.match(muted.sentence, /muted for 5m/);
  assert.equal(bans.muteOf(ada)?.untilMs, time.now() + 300_000);
  const action = log.recent(1)[0] ?? assert.fail('nothing is in the log');
  assert.deepEqual([action.by, action.action], ['filters', 'mute']);
  await run(`undo ${action.id}`);
  assert.equal(bans.muteOf(ada), undefined);
  const banned = await say(arrive('bob', 'Bob'), 'evil bad');
  assert.ok(!banned.ok && /banned for good/.test(banned.sentence));
  assert.equal(bans.list().filter(({ kind }) => kind === 'ban').length, 1);
  assert.equal(room.lastNumber, 1, 'nothing of it was said');
  const staff = { ...arrive('eve', 'Eve'), role: 'moderator' as const };
  desk.people.setRole(staff.id, 'moderator');
  const free = await say(staff, 'evil bad');
  assert.ok(free.ok && !free.held, 'moderators may quote');
});

test('filters outlive a restart, and a removed one can be put back', async () => {
  const store = openStore({ kind: 'memory' });
  await using desk = await moderationForTest({ store });
  const { run, filters } = desk;
  await run('filters add word mute 5m bad');
  await run('filters remove 1');
  assert.deepEqual(filters.list(), []);
  await run('undo 2');
  const again = openFilters(store);
  assert.deepEqual(again.list(), filters.list());
  assert.equal(again.list()[0]?.forMs, 300_000);
  assert.match((await run('filters test a bad one')).sentence, /One filter matches: mute/);
  assert.match((await run('filters test a good one')).sentence, /No filter matches/);
  const tried = { text: 'so evil', pattern: 'evil', action: 'censor' };
  const { sentence } = await desk.commands.run('filters test', tried, {
    role: 'broadcaster',
    name: 'broadcaster',
  });
  assert.match(sentence, /It would read: so \*\*\*\*/);
  assert.equal(filters.list().length, 1, 'what is tried is not saved');
});
