import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moderationForTest } from '../kit/moderation.ts';

test('a name that any filter matches is refused, however it is disguised; staff is not filtered', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, rename, people, bans } = desk;
  for (const [n, action] of ['ban', 'mute', 'hold', 'censor'].entries()) {
    await run(`filters add word ${action} slurword${'abcd'[n]}`);
  }
  const eve = arrive('eve', 'Eve');
  for (const name of ['slurworda', 'SLURWORDB 7', 's.l.u.r.w.o.r.d.c', 'ｓｌｕｒｗｏｒｄｄ']) {
    assert.throws(() => rename(eve.id, name), { code: 'name-filtered' }, name);
  }
  assert.equal(people.find(eve.id)?.name, 'Eve');
  assert.deepEqual(bans.list(), []);
  rename(eve.id, 'Eva');
  const boss = people.arrive('boss', 'broadcaster');
  rename(boss.id, 'slurworda');
  assert.equal(people.find(boss.id)?.name, 'slurworda');
});

test('who is muted keeps their name, and can save it as it is', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, rename, people, time } = desk;
  const eve = arrive('eve', 'Eve');
  await run('mute Eve 10m');
  assert.throws(() => rename(eve.id, 'I was muted'), {
    code: 'muted',
    message: /Change it in 10 minutes\.$/,
  });
  assert.throws(() => rename(eve.id, ''), { code: 'muted' });
  rename(eve.id, ' Eve ');
  time.pass(600_000);
  rename(eve.id, 'Eva');
  assert.equal(people.find(eve.id)?.name, 'Eva');
});

test('while the chat is closed nobody writes by their name, either', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, rename, people } = desk;
  const eve = arrive('eve', 'Eve');
  await run('closed on');
  assert.throws(() => rename(eve.id, 'listen to me'), { code: 'chat-closed' });
  const staff = people.arrive('mod', 'moderator');
  rename(staff.id, 'Mo');
  rename(eve.id, '');
  assert.equal(people.find(eve.id)?.name, undefined);
  await run('closed off');
  rename(eve.id, 'Eva');
});

test('a person changes their name three times in 20 seconds; what is refused or changes nothing does not count', async () => {
  await using desk = await moderationForTest();
  const { arrive, rename, people, time } = desk;
  const eve = arrive('eve');
  for (const name of ['one', 'two', 'two', 'two', 'three']) {
    rename(eve.id, name);
    time.pass(1000);
  }
  assert.throws(() => rename(eve.id, 'x'.repeat(99)), { code: 'name-too-long' });
  assert.throws(() => rename(eve.id, 'four'), { code: 'name-wait', message: /again in 15 seconds\.$/ });
  rename(arrive('ada').id, 'Ada');
  time.pass(15_000);
  rename(eve.id, 'four');
  assert.throws(() => rename(eve.id, 'five'), { code: 'name-wait' });
  assert.equal(people.find(eve.id)?.name, 'four');
});
