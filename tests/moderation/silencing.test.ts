/** Bans and mutes: for whom they hold, who may lift them, and what undoing them puts back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../app/moderation/staff.ts';
import type { Person } from '../../app/people/person.ts';
import { moderationForTest, moderator, type TestModeration } from '../kit/moderation.ts';

test('nobody acts on the broadcaster, and moderators not on each other', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, people, bans, accounts, password } = desk;
  const owner = arrive('owner', 'Olivia');
  await accounts.login({ sessionId: 'owner', personId: owner.id }, { username: 'broadcaster', password });
  const made = await run('mods add Mallory a-long-password');
  assert.equal(made.sentence, 'Mallory is a moderator.');
  const mallory = arrive('mallory');
  const session = { sessionId: 'mallory', personId: mallory.id };
  await accounts.login(session, { username: 'mallory', password: 'a-long-password' });
  for (const line of ['ban', 'mute', 'ban-purge', 'hide-all']) {
    await assert.rejects(run(`${line} ${owner.id}`, moderator), { code: 'person-protected' });
    await assert.rejects(run(`${line} ${mallory.id}`, moderator), { code: 'person-protected' });
  }
  assert.deepEqual(bans.list(), []);
  const { sentence } = await run(`ban ${mallory.id}`);
  assert.match(sentence, / is banned for good; their account goes on, to end it: mods remove Mallory\.$/);
  assert.equal(accounts.staffOf('mallory'), undefined, 'a banned moderator is logged out');
  assert.equal(people.find(mallory.id)?.role, 'viewer');
});

async function moderatorIn(desk: TestModeration, token: string, name: string): Promise<Actor> {
  await desk.run(`mods add ${name} a-long-password`);
  return moderatorAgain(desk, token, name);
}

/** Another session of an account that there is. */
async function moderatorAgain(desk: TestModeration, token: string, name: string): Promise<Actor> {
  const { id: personId } = desk.arrive(token);
  const session = { sessionId: token, personId };
  const staff = await desk.accounts.login(session, { username: name, password: 'a-long-password' });
  return { ...staff, personId };
}

test('a moderator ends no mute or ban of theirs or of another moderator, nor brings one back', async () => {
  await using desk = await moderationForTest();
  const { run, bans, people, say, accounts } = desk;
  const mo = await moderatorIn(desk, 'mo', 'Mo');
  const person = people.find(mo.personId ?? '') ?? assert.fail();
  const isProtected = { code: 'person-protected' };
  const { logged: mute } = await run('mute Mo 7d');
  for (const actor of [mo, moderator]) {
    await assert.rejects(run('unmute Mo', actor), isProtected);
    await assert.rejects(run(`unmute ${bans.list()[0]?.id}`, actor), isProtected);
    await assert.rejects(run(`undo ${mute?.id}`, actor), isProtected);
  }
  const answer = await say(person, '/unmute Mo');
  assert.ok(!answer.ok && bans.isMuted(person), 'not from the chat either');
  const { logged: unmute } = await run('unmute Mo');
  await assert.rejects(run(`undo ${unmute?.id}`, moderator), isProtected);
  assert.ok(!bans.isMuted(person));
  const { logged: ban } = await run('ban Mo');
  const again = await moderatorAgain(desk, 'mo again', 'Mo');
  for (const actor of [mo, again, moderator]) {
    for (const line of [`unban ${person.id}`, `unban ${bans.list()[0]?.id}`, `undo ${ban?.id}`]) {
      await assert.rejects(run(line, actor), isProtected, 'also once they are logged out');
    }
  }
  const session = { sessionId: 'mo', personId: person.id };
  const login = () => accounts.login(session, { username: 'Mo', password: 'a-long-password' });
  await run(`ban ${person.id} 2h`);
  await assert.rejects(run(`unban ${person.id}`, moderator), isProtected, 'nor what took its place since');
  await assert.rejects(login(), { code: 'banned' });
  assert.equal(accounts.staffOf('mo'), undefined);
  await run(`unban ${person.id}`);
  await login();
  await run(`undo ${log(desk, 'unban')}`);
  assert.ok(bans.isBanned(person));
  assert.deepEqual([accounts.staffOf('mo'), accounts.staffOfPerson(person.id)], [undefined, undefined]);
  assert.equal((await say(person, '/bans')).ok, false);
});

test('a ban by what somebody wrote before they logged in shuts no moderator out', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, bans, people, say } = desk;
  const before = arrive('before', 'Nina');
  await people.setTripcode(before.id, 'secret');
  await say(people.find(before.id) ?? before, 'hello');
  const nina = await moderatorIn(desk, 'nina', 'Simone');
  await people.setTripcode(nina.personId ?? '', 'secret');
  await run('ban 1', moderator);
  const [old, now] = [people.find(before.id), people.find(nina.personId ?? '')];
  assert.ok(old && now && bans.isBanned(old) && !bans.isBanned(now) && !bans.isMuted(now));
  people.setRole(now.id, 'viewer');
  assert.ok(bans.isBanned(people.find(now.id) ?? old), 'a viewer with that tripcode is banned');
});

function log({ log: actions }: TestModeration, action: string): number | undefined {
  return actions.recent(10).find(each => each.action === action)?.id;
}

test('a ban with purge leaves no message, a mute ends by itself, and what waits of them is dropped', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say, room, held, bans, time } = desk;
  const ada = arrive('ada', 'Ada');
  await say(ada, 'shown');
  await run('hold everyone');
  await say(ada, 'waiting');
  await run('ban-purge Ada 1h spam');
  assert.deepEqual([room.recent(), held.size, room.find(1)], [[], 0, undefined]);
  assert.ok(bans.banOf(ada));
  const refused = await say(ada, 'again');
  assert.ok(!refused.ok && refused.reason === 'banned');
  assert.match(
    (await run('bans')).lines?.join() ?? '',
    /ban Ada #.*ends in 60 minutes, by broadcaster: spam/,
  );
  assert.match((await run('unban ada')).sentence, /Ada #.... may be here again/);
  await assert.rejects(run('unban ada'), { code: 'ban-unknown' });
  await run('mute Ada');
  time.pass(600_000);
  assert.equal(bans.muteOf(ada), undefined);
});

test('a moderator shortens no ban of the broadcaster’s, and is told so', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, bans, time } = desk;
  const ada = arrive('ada', 'Ada');
  await run('ban Ada forever spam');
  const { sentence, logged } = await run('ban Ada 1h', moderator);
  assert.equal(sentence, `Ada ${ada.tag} is banned for 1h; the longer ban by broadcaster stays.`);
  await run('ban Ada forever', moderator);
  await run('ban Ada 1m', moderator);
  await assert.rejects(run(`undo ${logged?.id}`, moderator), { code: 'undo-impossible' });
  time.pass(3_600_000);
  assert.deepEqual([bans.banOf(ada)?.by, bans.banOf(ada)?.untilMs], ['broadcaster', null]);
  assert.equal(bans.banOf(ada)?.reason, 'spam');
  assert.match((await run('ban Ada 1h')).sentence, / is banned for 1h\.$/);
  assert.equal(bans.banOf(ada)?.untilMs, time.now() + 3_600_000, 'the broadcaster does');
  await run('ban Ada 2h', moderator);
  const { sentence: one } = await run(`unban ${bans.list()[0]?.id}`);
  assert.match(one, /^One ban of Ada #.... is lifted, and another stays/);
  await run('ban Ada');
  await run('ban Ada', moderator);
  assert.match((await run('unban Ada')).sentence, /may be here again/);
  assert.ok(!bans.isBanned(ada));
});

test('undo of a ban puts back what it took the place of, also after a restart, if that is not over', async () => {
  await using desk = await moderationForTest();
  const { arrive, store, time, home } = desk;
  const ada = arrive('ada', 'Ada');
  await desk.run('ban Ada forever spam', moderator);
  await desk.run('ban Ada 2h', moderator);
  await desk.run('ban Ada 1h', moderator);
  const { run, bans } = await moderationForTest({ store, time, dataDir: home });
  await assert.rejects(run('undo 2', moderator), { code: 'undo-impossible', message: /a later one took/ });
  await run('undo 3', moderator);
  assert.equal(bans.banOf(ada)?.untilMs, time.now() + 7_200_000);
  await run('undo 2', moderator);
  assert.deepEqual([bans.list().length, bans.banOf(ada)?.reason], [1, 'spam']);
  await run('undo 1', moderator);
  assert.deepEqual(bans.list(), []);

  await run(`mute ${ada.id} 1h`);
  await run(`mute ${ada.id} 1m`);
  time.pass(60_000);
  bans.sweep();
  assert.ok(!bans.isMuted(ada));
  await run(`undo ${log(desk, 'mute')}`);
  assert.equal(bans.muteOf(ada)?.untilMs, time.now() + 3_540_000, 'what was replaced goes on');
  await run(`mute ${ada.id} 2h`);
  time.pass(3_600_000);
  await run(`undo ${log(desk, 'mute')}`);
  assert.ok(!bans.isMuted(ada), 'what is over stays so');
  await run(`mute ${ada.id}`);
  const again = log(desk, 'mute');
  await run('unmute Ada');
  await assert.rejects(run(`undo ${again}`), { code: 'undo-impossible', message: /lifted already/ });
});

test('a ban by a message holds for the tripcode under it too, and is lifted and undone as one', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say, people, bans, time } = desk;
  const ada = arrive('ada', 'Ada');
  const as = async (token: string, password: string) => {
    await people.setTripcode(arrive(token).id, password);
    return people.find(arrive(token).id) ?? assert.fail();
  };
  await say(await as('ada', 'first'), 'spam');
  await as('ada', 'second');
  const later = [await as('one', 'first'), await as('two', 'second')];
  const other = await as('three', 'third');
  const banned = () => later.map(person => bans.isBanned(person));
  for (const whom of ['1', 'Ada', ada.id]) {
    const { logged } = await run(`ban ${whom}`, moderator);
    assert.deepEqual([banned(), bans.isBanned(other)], [[true, true], false], whom);
    await run(`undo ${logged?.id}`, moderator);
    assert.deepEqual([banned(), bans.list()], [[false, false], []], whom);
  }
  people.clearTripcode(ada.id);
  await run('ban-purge 1', moderator);
  assert.deepEqual(banned(), [true, false]);
  assert.match((await run('unban Ada', moderator)).sentence, /may be here again/);
  assert.deepEqual(bans.list(), []);
  // However many they wrote under since.
  const { message } = await said(desk, await as('ada', 'first'), 'more');
  for (let index = 0; index < 20; index++) {
    time.pass(60_000);
    await said(desk, await as('ada', `password ${index}`), `more ${index}`);
  }
  await run(`ban ${message.number}`, moderator);
  assert.equal(banned()[0], true);
});

async function said(desk: TestModeration, person: Person, text: string) {
  const result = await desk.say(person, text);
  return result.ok && !result.held ? result : assert.fail(result.ok ? 'held' : result.sentence);
}

test('a mute leaves what waits of a person to be decided; what a ban or hide-all drops of it is told', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say, held, log: actions } = desk;
  const ada = arrive('ada', 'Ada');
  await run('hold everyone');
  await say(ada, 'one');
  await run('mute Ada 1m', moderator);
  assert.equal(held.size, 1);
  await run('unmute Ada', moderator);
  for (const [line, told] of [
    ['hide-all Ada', /^Hidden: 0 messages of Ada #....; 1 of theirs that waited dropped\.$/],
    ['ban Ada 1h', /^Ada #.... is banned for 1h; 1 of theirs that waited dropped\.$/],
    [
      'ban-purge Ada',
      /^Ada #.... is banned for good, 0 messages deleted; 1 of theirs that waited dropped\.$/,
    ],
  ] as const) {
    if (held.list().length === 0) assert.ok((await say(ada, line)).ok);
    assert.match((await run(line, moderator)).sentence, told);
    assert.match(actions.recent(1)[0]?.target ?? '', /; 1 of theirs that waited dropped$/);
    assert.equal(held.size, 0);
    if (!line.startsWith('hide')) await run('unban Ada', moderator);
  }
});

test('whom filters ban by the hundred leave room for a ban by a moderator, who takes none of staff’s', async () => {
  await using desk = await moderationForTest({ people: { bans: { max: 10 } } });
  const { run, arrive, say, bans, held } = desk;
  await run('filters add word ban cheap');
  for (let index = 0; index < 11; index++) await say(arrive(`bot ${index}`, `Bot ${index}`), 'cheap');
  const bannedBy = (name: string) => bans.list().filter(({ by }) => by === name).length;
  assert.deepEqual([bannedBy('filters'), held.size], [10, 1]);
  const { sentence } = await run(`ban ${arrive('ada', 'Ada').id}`, moderator);
  assert.match(sentence, /^Ada .* is banned for good; the ban of Bot 0 #.... by a filter made room\.$/);
  assert.deepEqual([bannedBy('filters'), bannedBy('Eve')], [9, 1]);
  assert.ok(bans.list().every(({ name }) => !name.startsWith('Bot 0')));
  for (let index = 1; index < 10; index++) await run(`mute ${arrive(`guest ${index}`).id}`, moderator);
  assert.deepEqual([bannedBy('filters'), bannedBy('Eve')], [0, 10]);
  await assert.rejects(run(`ban ${arrive('zoe').id}`, moderator), { code: 'bans-full' });
});

test('a ban puts the circuit on probation that its person came by', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say, bans } = desk;
  await say(arrive('ada', 'Ada'), 'hello', { circuit: '7' });
  await run('ban Ada');
  assert.ok(bans.probation(arrive('next'), '7'));
  assert.equal(bans.probation(arrive('next'), '8'), undefined);
});
