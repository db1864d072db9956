import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../app/lib/log.ts';
import { BroadcasterFile } from '../../app/moderation/broadcaster-file.ts';
import { generatePassword, Passwords } from '../../app/moderation/password.ts';
import { openStore } from '../../app/store/store.ts';
import { moderationForTest, type TestModeration } from '../kit/moderation.ts';
import { clock } from '../kit/people.ts';

/** A session of somebody who came by the watch page. */
function sessionOf(desk: TestModeration, token: string, circuit?: string) {
  return { sessionId: token, personId: desk.arrive(token).id, circuit };
}

const wrong = { username: 'broadcaster', password: 'not this one' };

test('the right password makes a session the broadcaster, and logging out a viewer again', async () => {
  await using desk = await moderationForTest();
  const { accounts, people, password } = desk;
  const session = sessionOf(desk, 'first');
  assert.equal(accounts.staffOf('first'), undefined);
  const staff = await accounts.login(session, { username: 'Broadcaster ', password: `${password}\n` });
  assert.deepEqual(staff, { role: 'broadcaster', name: 'broadcaster' });
  assert.deepEqual(accounts.staffOf('first'), staff);
  assert.deepEqual(accounts.staffOfPerson(session.personId), staff);
  assert.equal(people.find(session.personId)?.role, 'broadcaster');
  assert.equal(people.find(session.personId)?.name, 'Broadcaster');
  assert.equal(accounts.staffOf('second'), undefined, 'no other session is');
  accounts.logout('first');
  assert.equal(accounts.staffOf('first'), undefined);
  const person = people.find(session.personId);
  assert.deepEqual([person?.role, person?.name], ['viewer', undefined], 'the name goes with the role');
});

test('wrong passwords and unknown names are refused alike, after as long a time', async () => {
  await using desk = await moderationForTest();
  const { accounts } = desk;
  const refuse = async (token: string, username: string): Promise<number> => {
    const startedMs = performance.now();
    await assert.rejects(accounts.login(sessionOf(desk, token), { username, password: 'x'.repeat(20) }), {
      code: 'login-wrong',
      message: 'The user name or the password is wrong.',
    });
    return performance.now() - startedMs;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 3; round++) {
    known.push(await refuse(`known${round}`, 'broadcaster'));
    unknown.push(await refuse(`unknown${round}`, 'nobody'));
  }
  assert.ok(Math.min(...unknown) > Math.min(...known) / 3, `${unknown} ms against ${known} ms`);
});

test('whoever guesses waits longer each time, and keeps nobody else out', async () => {
  await using desk = await moderationForTest();
  const { accounts, time, password } = desk;
  const guesser = sessionOf(desk, 'guesser', '7');
  for (let round = 0; round < 3; round++)
    await assert.rejects(accounts.login(guesser, wrong), { code: 'login-wrong' });
  const right = { username: 'broadcaster', password };
  const refused = accounts.login(guesser, right);
  await assert.rejects(refused, { code: 'login-wait', message: /Try again in 2 seconds/ });
  await assert.rejects(
    refused,
    ({ facts }: { facts: { retryAtMs: number } }) => facts.retryAtMs === time.now() + 2000,
  );
  await assert.rejects(
    accounts.login(sessionOf(desk, 'fresh', '7'), right),
    { code: 'login-wait' },
    'same circuit',
  );
  assert.ok(await accounts.login(sessionOf(desk, 'elsewhere', '8'), right), 'another circuit gets through');
  assert.ok(await accounts.login(sessionOf(desk, 'machine'), right), 'so does the machine itself');
  time.pass(2000);
  await assert.rejects(accounts.login(guesser, wrong), { code: 'login-wrong' });
  await assert.rejects(accounts.login(guesser, right), { code: 'login-wait', message: /in 4 seconds/ });
  time.pass(4000);
  assert.ok(await accounts.login(guesser, right));
  await assert.rejects(accounts.login(guesser, wrong), { code: 'login-wrong' }, 'all is forgiven');
});

const codes = (tries: readonly Promise<unknown>[]) =>
  Promise.all(
    tries.map(each =>
      each.then(
        () => 'in',
        ({ code }: { code: string }) => code,
      ),
    ),
  );

test('guesses side by side count as well', async () => {
  await using desk = await moderationForTest();
  const guesser = sessionOf(desk, 'guesser', '7');
  const guesses = await codes(Array.from({ length: 10 }, () => desk.accounts.login(guesser, wrong)));
  assert.equal(guesses.filter(code => code === 'login-wait').length, 7, String(guesses));
});

test('however many guess, by whichever way, who knows the password is in at once', async () => {
  await using desk = await moderationForTest();
  const { accounts, password } = desk;
  const before = process.cpuUsage();
  const guesses = codes(
    Array.from({ length: 400 }, (_, index) => {
      const username = index % 2 === 0 ? 'broadcaster' : `nobody ${index}`;
      return accounts.login(sessionOf(desk, `g${index}`), { username, password: `guess ${index}` });
    }),
  );
  assert.ok(await accounts.login(sessionOf(desk, 'owner'), { username: 'broadcaster', password }));
  assert.deepEqual(new Set(await guesses), new Set(['login-wrong']));
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1000 < 400 * 10, 'a guess costs next to nothing');
});

test('after a restart, until somebody knew it, a flood from circuits leaves room for the machine itself', async () => {
  await using desk = await moderationForTest();
  const { accounts } = await moderationForTest({ dataDir: desk.home });
  const { password } = desk;
  const flood = codes(
    Array.from({ length: 60 }, (_, index) =>
      accounts.login(sessionOf(desk, `g${index}`, `c${index}`), wrong),
    ),
  );
  assert.ok(await accounts.login(sessionOf(desk, 'machine'), { username: 'broadcaster', password }));
  const flooded = await flood;
  assert.ok(flooded.filter(code => code === 'busy').length >= 40, 'few wait, the others are told at once');
  assert.ok(!flooded.includes('in'));
});

test('after a restart, too, who has been here longer than the guessers gets past them, by the same way', async () => {
  const time = clock();
  await using desk = await moderationForTest({ time });
  const restarted = await moderationForTest({ dataDir: desk.home, time });
  const owner = sessionOf(restarted, 'owner');
  const flood: Promise<string[]>[] = [];
  const guess = (from: number) => {
    const sessions = Array.from({ length: 30 }, (_, index) => sessionOf(restarted, `g${from + index}`));
    flood.push(codes(sessions.map(session => restarted.accounts.login(session, wrong))));
  };
  time.pass(5000);
  guess(0);
  const { password } = desk;
  const entering = restarted.accounts.login(owner, { username: 'broadcaster', password });
  guess(100);
  assert.equal((await entering).role, 'broadcaster');
  assert.ok((await Promise.all(flood)).flat().includes('busy'));
});

test('a log-in outlives a restart, ends when unused for 30 days, and is kept as a hash only', async () => {
  const store = openStore({ kind: 'memory' });
  const time = clock();
  const dayMs = 86_400_000;
  await using desk = await moderationForTest({ store, time });
  const { accounts, password } = desk;
  await accounts.login(sessionOf(desk, 'used'), { username: 'broadcaster', password });
  await accounts.login(sessionOf(desk, 'unused'), { username: 'broadcaster', password });
  assert.ok(store.logins.all().every(({ id }) => /^[0-9a-f]{64}$/.test(id)));
  time.pass(20 * dayMs);
  const restarted = await moderationForTest({ store, time, dataDir: desk.home });
  assert.deepEqual(restarted.accounts.staffOf('used')?.role, 'broadcaster');
  time.pass(20 * dayMs);
  assert.ok(restarted.accounts.staffOf('used'));
  assert.equal(restarted.accounts.staffOf('unused'), undefined);
  restarted.accounts.sweep();
  assert.equal(store.logins.all().length, 1);
});

test('a clock that was ahead when the password was made locks nobody out once it is right', async () => {
  await using desk = await moderationForTest();
  const { accounts, password, time } = desk;
  time.pass(-3_600_000);
  const session = sessionOf(desk, 'owner');
  await accounts.login(session, { username: 'broadcaster', password });
  accounts.sweep();
  assert.equal(accounts.staffOf('owner')?.role, 'broadcaster');
  await BroadcasterFile.write(desk.home, 'one from the terminal', {
    passwords: desk.passwords,
    now: time.now,
  });
  accounts.sweep();
  assert.equal(accounts.staffOf('owner'), undefined, 'a new one ends it all the same');
});

test('a new password ends every other session, also one set by another process', async () => {
  await using desk = await moderationForTest();
  const { accounts, password, people, passwords, time } = desk;
  const mine = sessionOf(desk, 'mine');
  const lost = sessionOf(desk, 'lost');
  for (const session of [mine, lost]) await accounts.login(session, { username: 'broadcaster', password });
  time.pass(1000);
  const change = { oldPassword: password, newPassword: 'a better password' };
  await assert.rejects(accounts.changePassword(mine, { ...change, newPassword: 'short' }), {
    code: 'password-weak',
  });
  await accounts.changePassword(mine, change);
  assert.ok(accounts.staffOf('mine'));
  assert.equal(accounts.staffOf('lost'), undefined);
  assert.equal(people.find(lost.personId)?.role, 'viewer');
  await assert.rejects(accounts.login(lost, { username: 'broadcaster', password }), { code: 'login-wrong' });
  time.pass(1000);
  await BroadcasterFile.write(desk.home, 'one from the terminal', { passwords, now: time.now });
  accounts.sweep();
  assert.equal(accounts.staffOf('mine'), undefined);
  assert.ok(await accounts.login(mine, { username: 'broadcaster', password: 'one from the terminal' }));
});

test('moderators have passwords of their own, and are out the moment they are removed', async () => {
  await using desk = await moderationForTest();
  const { accounts, people, store, run } = desk;
  const added = await run('mods add "Eve Adams"');
  const made = /shown only now: (\S+)/.exec(added.sentence)?.[1] ?? assert.fail(added.sentence);
  assert.ok(!JSON.stringify(store.moderationLog.recent(9)).includes(made), 'the log knows no password');
  const session = sessionOf(desk, 'eve');
  const staff = await accounts.login(session, { username: 'eve adams', password: made });
  assert.deepEqual(staff, { role: 'moderator', name: 'Eve Adams' });
  assert.deepEqual(
    accounts.moderators().map(({ name, by }) => [name, by]),
    [['Eve Adams', 'broadcaster']],
  );
  for (const name of ['Eve Аdams', 'Broadcaster', 'moderator', '']) {
    await assert.rejects(accounts.addModerator({ name, by: 'broadcaster' }), name);
  }
  await run('mods remove eve adams');
  assert.equal(accounts.staffOf('eve'), undefined);
  assert.equal(people.find(session.personId)?.role, 'viewer');
  await assert.rejects(accounts.login(session, { username: 'Eve Adams', password: made }), {
    code: 'login-wrong',
  });
});

test('an invitation makes one moderator, once, and a refused try does not use it up', async () => {
  await using desk = await moderationForTest();
  const { accounts, run } = desk;
  const { sentence } = await run('mods invite 2h');
  const token = /invite=(\S+)$/.exec(sentence)?.[1] ?? assert.fail(sentence);
  const session = sessionOf(desk, 'bob');
  accounts.checkInvitation(token);
  const order = { token, username: 'Bob', password: 'bobs own password' };
  await assert.rejects(accounts.acceptInvitation(session, { ...order, password: 'short' }), {
    code: 'password-weak',
  });
  // The log signs so what filters do by themselves.
  for (const username of ['admin', 'broadcaster', 'Filters', 'f1lters']) {
    await assert.rejects(accounts.acceptInvitation(session, { ...order, username }), {
      code: 'name-reserved',
    });
  }
  const both = await Promise.allSettled([
    accounts.acceptInvitation(session, order),
    accounts.acceptInvitation(sessionOf(desk, 'mallory'), { ...order, username: 'Mallory' }),
  ]);
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal(accounts.moderators().length, 1);
  assert.throws(() => accounts.checkInvitation(token), { code: 'invitation-used' });
});

test('the password made at the first start is kept as a hash in a file for its owner, and shown once', async t => {
  const home = await mkdtemp(join(tmpdir(), 'broadcaster-'));
  t.after(() => rm(home, { recursive: true }));
  const passwords = new Passwords();
  const said: string[] = [];
  const log = createLog('test', { write: line => said.push(line) });
  const open = (configured?: string) =>
    BroadcasterFile.open(home, { configured, passwords, now: Date.now, log });
  const { generated } = await open();
  assert.match(generated ?? '', /^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$/);
  const path = join(home, 'broadcaster.json');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const text = await readFile(path, 'utf8');
  assert.ok(!text.includes(generated ?? ''));
  assert.equal((await open()).generated, undefined);
  assert.equal(await readFile(path, 'utf8'), text, 'a later start leaves it alone');
  const configured = await open('the one of config.json');
  assert.equal(configured.generated, undefined);
  assert.ok(await passwords.check('the one of config.json', configured.file.passwordHash));
  const since = configured.file.changedAtMs;
  assert.equal((await open('the one of config.json')).file.changedAtMs, since, 'the same ends no session');
  assert.notEqual(generatePassword(), generatePassword());
  // Damaged while the server runs: what it has holds.
  await writeFile(path, 'half a li');
  configured.file.refresh();
  assert.ok(await passwords.check('the one of config.json', configured.file.passwordHash));
  assert.match(said.join(''), /The password from before holds: .*broadcaster\.json is not as we wrote it/);
});
