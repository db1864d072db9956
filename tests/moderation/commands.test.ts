import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMember } from '../../app/people/access.ts';
import { openStore } from '../../app/store/store.ts';
import { broadcaster, moderationForTest, moderator } from '../kit/moderation.ts';

const told = (rows: readonly { text: string }[]) => rows.map(({ text }) => text);

test('every command says how it is written and what it does, and moderators see theirs only', async () => {
  await using desk = await moderationForTest();
  const all = desk.commands.list(broadcaster);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, usage, help } of all) {
    assert.ok(usage === name || usage.startsWith(`${name} `), usage);
    assert.match(help, /^[A-Z].*\.$/);
    assert.match((await desk.run(`help ${name}`)).sentence, new RegExp(`^${name}`));
  }
  const theirs = desk.commands.list(moderator).map(({ name }) => name);
  assert.ok(theirs.includes('ban') && !theirs.includes('slow') && theirs.length < all.length);
  for (const { name } of all) {
    if (theirs.includes(name)) continue;
    await assert.rejects(desk.commands.run(name, {}, moderator), { code: 'not-allowed' }, name);
  }
  const help = await desk.run('/HELP', moderator);
  assert.equal(help.lines?.length, theirs.length);
});

test('what makes no sense is told in a sentence with the right form', async () => {
  await using desk = await moderationForTest();
  for (const [line, pattern] of [
    ['nonsense', /There is no command “nonsense”/],
    ['', /There is no command “”/],
    ['ban', /PERSON: who is missing. The form is: ban PERSON \[TIME\] \[REASON\]/],
    ['slow', /VALUE: a number of seconds or off is wanted. The form is: slow SECONDS\|off/],
    ['slow -1', /from 0 to 3600/],
    ['raid maybe', /on or off is wanted/],
    ['hide x', /numbers such as 12 or 12-20/],
    ['undo 99', /no action 99/],
    ['captcha sometimes', /every, first or off/],
    ['filters add word explode bad', /hold, censor, mute or ban/],
    ['say', /text is missing/],
    ['pin 77', /no message 77/],
    ['members allow x', /tripcode has 10 characters/],
  ] as const) {
    await assert.rejects(desk.run(line), { message: pattern }, line);
  }
});

test('forms give the same fields as text, and an empty field is one left out', async () => {
  await using desk = await moderationForTest();
  const { commands, arrive, say, room, bans, time } = desk;
  const ada = arrive('ada', 'Ada');
  await say(ada, 'one');
  await say(ada, 'two');
  await commands.run('hide', { numbers: ['1', '2'], csrf: 'x' }, moderator);
  assert.deepEqual(room.recent(), []);
  await commands.run('unhide', { numbers: '1' }, moderator);
  assert.deepEqual(told(room.recent()), ['one']);
  await commands.run('ban', { person: ada.id, time: '2h', reason: '' }, moderator);
  const [ban] = bans.list();
  assert.deepEqual([ban?.untilMs, ban?.reason, ban?.by], [time.now() + 7_200_000, '', 'Eve']);
  await commands.run('ban', { person: ada.id, time: '' }, moderator);
  assert.deepEqual(
    bans.list().map(({ untilMs }) => untilMs),
    [null],
    'a new ban takes the place of the last',
  );
});

test('a person is found by name, tag, id and message; who else may be meant is listed', async () => {
  await using desk = await moderationForTest();
  const { arrive, say, targets, people } = {
    ...desk,
    targets: async (text: string) => desk.run(`mute "${text}" 1m`),
  };
  const ada = arrive('ada', 'Ada Lovelace');
  const bob = arrive('bob', 'Bob');
  const other = arrive('other', 'bob');
  await say(ada, 'hello');
  for (const text of [
    'ada lovelace',
    '@Ada Lovelace',
    ada.tag,
    `Ada Lovelace${ada.tag}`,
    ada.id,
    '1',
    '>>1',
  ]) {
    const { sentence } = await targets(text);
    assert.ok(sentence.startsWith(`Ada Lovelace ${ada.tag} is muted for 1m`), text);
  }
  await assert.rejects(
    targets('Bob'),
    ({ message, facts }: { message: string; facts: { candidates: string[] } }) => {
      assert.deepEqual(facts.candidates.toSorted(), [bob.id, other.id].toSorted());
      return message.includes(bob.id) && message.includes(other.id);
    },
  );
  assert.match((await targets(`bob${other.tag}`)).sentence, new RegExp(other.tag));
  people.rename(ada.id, 'Countess');
  assert.match((await targets('Ada Lovelace')).sentence, /^Countess/, 'by the name they wrote under');
  assert.match((await desk.run('hide-all countess')).sentence, /1 messages of Countess/);
  assert.match((await desk.run('hide-all "Countess"')).sentence, /0 messages/);
  for (const nobody of ['nobody', '#zzzz', '99', 'ffffffffffffffff', '#', '@']) {
    await assert.rejects(targets(nobody), { code: 'person-unknown' }, nobody);
  }
  const anonymous = arrive('anonymous');
  assert.match((await targets(`Anonymous${anonymous.tag}`)).sentence, /^Anonymous #/);
});

test('each mode is switched, told and undone', async () => {
  await using desk = await moderationForTest({ chat: { captcha: { beforeFirstMessage: true } } });
  const { run, modes } = desk;
  const before = modes.state;
  for (const [line, change] of [
    ['slow 30', { slowModeS: 30 }],
    ['slow 2m', { slowModeS: 120 }],
    ['captcha every', { captchaEveryMessage: true }],
    ['captcha off', { captchaBeforeFirst: false }],
    ['tripcodes-only on', { tripcodesOnly: true }],
    ['members-only on', { membersOnly: true }],
    ['closed on', { closed: true }],
    ['newcomers 10', { newcomersWaitMinutes: 10 }],
    ['newcomers 1h', { newcomersWaitMinutes: 60 }],
    ['hold everyone', { holdBack: 'everyone' }],
  ] as const) {
    const { logged } = await run(line);
    assert.deepEqual(modes.state, { ...before, ...change }, line);
    assert.ok(logged?.canUndo);
    assert.equal((await run(line)).logged, undefined, 'what changes nothing is not logged');
    await run(`undo ${logged.id}`);
    assert.deepEqual(modes.state, before, line);
  }
});

test('captcha off lets people write at once, also where config.json asks for one before the first message', async () => {
  await using desk = await moderationForTest({ chat: { captcha: { beforeFirstMessage: true } } });
  const { run, arrive, say } = desk;
  const refused = await say(arrive('ada'), 'hello');
  assert.ok(!refused.ok && refused.needs === 'captcha');
  await run('captcha off');
  assert.ok((await say(arrive('ada'), 'hello')).ok);
  await run('captcha first');
  const next = await say(arrive('bob'), 'hello');
  assert.ok(!next.ok && next.needs === 'captcha');
});

test('raid makes the room strict in one go, and off puts back what was before, but not what was set meanwhile', async () => {
  await using desk = await moderationForTest();
  const { run, modes, raid, store, time, home } = desk;
  await run('slow 60');
  const before = modes.state;
  await run('raid on');
  assert.deepEqual(
    modes.state,
    {
      ...before,
      newcomersWaitMinutes: 10,
      holdBack: 'newcomers',
      captchaBeforeFirst: true,
      newcomersSince: { atMs: time.now(), number: 0 },
    },
    'nowhere milder',
  );
  assert.match((await run('raid on')).sentence, /already/);
  const restarted = await moderationForTest({ store, time, dataDir: home });
  assert.ok(restarted.raid.isOn, 'it outlives a restart');
  await restarted.run('raid off');
  assert.deepEqual(restarted.modes.state, before);
  const { logged } = await restarted.run('raid on');
  await restarted.run('closed on');
  await restarted.run('hold everyone');
  await restarted.run('raid off');
  assert.deepEqual(restarted.modes.state, { ...before, closed: true, holdBack: 'everyone' });
  assert.ok(raid.isOn, 'the first one was replaced');
  await restarted.run(`undo ${logged?.id}`);
  assert.ok(!restarted.raid.isOn);
});

test('a pinned message is shown no longer when it is hidden, and not kept when it is deleted', async () => {
  await using desk = await moderationForTest();
  const { run, board, arrive, say, store, time } = desk;
  const shown = () => board.shown?.text;
  const ada = arrive('ada', 'Ada');
  await say(ada, 'where Bob lives');
  await say(ada, 'something else');
  await run('pin 1');
  await run('hide 2', moderator);
  assert.equal(shown(), 'where Bob lives');
  const { logged } = await run('hide-all Ada', moderator);
  assert.equal(shown(), undefined);
  await using restarted = await moderationForTest({ store, time });
  assert.equal(restarted.board.shown, undefined, 'also after a restart');
  await run(`undo ${logged?.id}`, moderator);
  assert.equal(shown(), 'where Bob lives');
  await run('hide 1', moderator);
  await assert.rejects(run('pin 1'), { message: /hidden.*: unhide 1$/ });
  await run('pin Be kind');
  assert.equal(shown(), 'Be kind');
  await run('unhide 1', moderator);
  await run('pin 1');
  await run('ban-purge 1', moderator);
  assert.equal(board.state.pinned, undefined);

  await say(arrive('bob', 'Bob'), 'hello');
  await run('pin 3');
  await run('clear');
  assert.equal(board.state.pinned, undefined);
  await run('pin Be kind');
  await run('clear');
  assert.equal(shown(), 'Be kind', 'which is no message');
});

test('title, description, pin and announcement are set, and each is undone', async () => {
  await using desk = await moderationForTest();
  const { run, stream, board, room } = desk;
  const changes: string[] = [];
  board.changes.subscribe(({ pinned }) => changes.push(pinned?.text ?? ''));
  await run('title  Second title ');
  assert.equal(stream.title, 'Second title');
  await run('undo 1');
  assert.equal(stream.title, 'First title');
  await run('description about\nthis stream');
  assert.equal(board.state.description, 'about\nthis stream');
  await run('undo 3');
  assert.equal(board.state.description, '');
  await run('say a message');
  await run('pin 1');
  assert.deepEqual(board.state.pinned, { text: 'a message', messageNumber: 1 });
  await run('pin a text');
  await run('undo 6');
  assert.deepEqual(board.state.pinned?.messageNumber, 1);
  await run('unpin');
  assert.equal(board.state.pinned, undefined);
  assert.deepEqual(changes, ['', '', 'a message', 'a text', 'a message', '']);
  await run('announce break of ten minutes');
  assert.equal(room.recent().at(-1)?.kind, 'notice');
  assert.deepEqual(
    room.recent().map(({ author }) => author.role),
    ['broadcaster', 'broadcaster'],
  );
  await run('undo 9');
  assert.deepEqual(told(room.recent()), ['a message']);
  assert.match((await run('end-stream')).sentence, /asked to end/);
  assert.equal(stream.ended, 1);
});

test('hiding, approving, bans and memberships are undone once, by whoever may do them', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say, room, bans, people, log, held } = desk;
  const ada = arrive('ada', 'Ada');
  await say(ada, 'one');
  await say(ada, 'two');
  await run('hide 2', moderator);
  const { logged: all } = await run('hide-all Ada', moderator);
  await run(`undo ${all?.id}`, moderator);
  assert.deepEqual(told(room.recent()), ['one'], 'what was hidden before stays so');
  await assert.rejects(run(`undo ${all?.id}`, moderator), { code: 'undo-twice' });
  const { logged: ban } = await run('ban Ada forever spam', moderator);
  const { logged: unban } = await run('unban Ada', moderator);
  await run(`undo ${unban?.id}`, moderator);
  assert.deepEqual([bans.banOf(ada)?.reason, bans.banOf(ada)?.untilMs], ['spam', null]);
  await run(`undo ${ban?.id}`, moderator);
  assert.equal(bans.banOf(ada), undefined);
  const { logged: member } = await run('members add Ada');
  assert.ok(people.find(ada.id)?.memberSinceMs);
  await assert.rejects(run(`undo ${member?.id}`, moderator), { code: 'not-allowed' });
  await run(`undo ${member?.id}`);
  assert.equal(people.find(ada.id)?.memberSinceMs, undefined);
  await run('hold everyone');
  await say(ada, 'three');
  const { logged: approved } = await run('approve all', moderator);
  assert.deepEqual(told(room.recent()), ['one', 'three']);
  await run(`undo ${approved?.id}`, moderator);
  assert.deepEqual(told(room.recent()), ['one']);
  await say(ada, 'four');
  assert.equal((await run('held')).lines?.length, 1);
  const [waiting] = held.list();
  const { logged: rejected } = await run(`reject ${waiting?.id}`, moderator);
  await assert.rejects(run(`undo ${rejected?.id}`), { code: 'undo-impossible' });
  await run('clear');
  assert.deepEqual(room.recent(), []);
  const [newest] = log.recent(1);
  assert.deepEqual([newest?.action, newest?.by, newest?.canUndo], ['clear', 'broadcaster', false]);
  assert.match((await run('log 3')).lines?.[0] ?? '', /clear .*can’t be undone/);
});

test('members come by invitation, by hand or by tripcode, and go again', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, club, people, invitations } = desk;
  const { sentence } = await run('invites create 1h "for bob"');
  const token = /invite=(\S+)$/.exec(sentence)?.[1] ?? assert.fail(sentence);
  const bob = arrive('bob', 'Bob');
  club.redeem(token, bob.id);
  assert.deepEqual(
    club.members().map(({ id }) => id),
    [bob.id],
  );
  assert.throws(() => club.redeem(token, arrive('other').id), { code: 'invitation-used' });
  const moderators = /invite=(\S+)$/.exec((await run('mods invite')).sentence)?.[1] ?? assert.fail();
  assert.throws(
    () => club.redeem(moderators, bob.id),
    { code: 'invitation-unknown' },
    'it stays for its purpose',
  );
  assert.match((await run('invites')).lines?.[0] ?? '', /member for .*bob.*: used/);
  await run(`invites revoke ${invitations.list()[1]?.id}`);
  assert.equal(invitations.list().length, 1);
  const tripcode = (await people.setTripcode(arrive('carol', 'Carol').id, 'secret')).tripcode?.text ?? '';
  await run(`members allow ${tripcode} friends`);
  const later = arrive('carol again');
  await people.setTripcode(later.id, 'secret');
  const mayCome = (id: string) => isMember(people.find(id) ?? assert.fail());
  assert.ok(mayCome(later.id) && mayCome(arrive('carol').id), 'now and later');
  assert.match((await run('members')).sentence, /1 members, 1 tripcodes/);
  await run(`members forbid ${tripcode}`);
  assert.ok(!mayCome(later.id) && !mayCome(arrive('carol').id));
  await run('members remove Bob');
  assert.deepEqual(club.members(), []);
  assert.ok(!mayCome(bob.id));
});

test('a tripcode on the list makes a member of who has it, for as long as they have it', async () => {
  const store = openStore({ kind: 'memory' });
  await using desk = await moderationForTest({ store });
  const { run, arrive, people } = desk;
  const ada = arrive('ada', 'Ada');
  const tripcode = (await people.setTripcode(ada.id, 'secret')).tripcode?.text ?? '';
  await run(`members allow ${tripcode} friends`);
  const isNow = () => isMember(people.find(ada.id) ?? assert.fail());
  assert.ok(isNow());
  people.clearTripcode(ada.id);
  assert.ok(!isNow());
  await people.setTripcode(ada.id, 'another');
  assert.ok(!isNow());
  await people.setTripcode(ada.id, 'secret');
  assert.ok(isNow());
  await using again = await moderationForTest({ store });
  assert.ok(isMember(again.arrive('ada')), 'also after a restart');

  const only = await run(`members remove ${ada.id}`);
  assert.match(only.sentence, new RegExp(`by the tripcode ${tripcode}.*: members forbid ${tripcode}$`));
  assert.equal(only.logged, undefined);
  await run(`members add ${ada.id}`);
  const { sentence } = await run(`members remove ${ada.id}`);
  assert.match(sentence, new RegExp(`still makes Ada .* a member.*: members forbid ${tripcode}$`));
  assert.ok(isNow());

  await run(`members add ${ada.id}`);
  assert.match((await run(`members forbid ${tripcode}`)).sentence, /by hand these stay members: Ada\.$/);
  assert.ok(isNow());
  assert.match((await run(`members remove ${ada.id}`)).sentence, /no member any more/);
  assert.ok(!isNow());
});

test('the desk tells how stream and chat are doing', async () => {
  await using desk = await moderationForTest();
  const { run, arrive, say } = desk;
  const ada = arrive('ada', 'Ada');
  for (let round = 0; round < 6; round++) await say(ada, `message ${round}`);
  const { sentence, lines } = await run('stats', moderator);
  assert.equal(sentence, 'The stream is live for 1m1s; 3 watch.');
  assert.ok(lines?.includes('messages: 4 in the last minute'), String(lines));
  assert.ok(lines?.includes('refused: flood 2'), String(lines));
  assert.ok(lines?.includes('joins: 1 in the last minute'), String(lines));
  const { lines: here } = await run('people', moderator);
  assert.deepEqual(here, [`Ada ${ada.tag} ${ada.id} (chatting)`]);
  assert.match(
    (await run('config reload')).sentence,
    /In force now: chat.maxLines. After a restart: web.port./,
  );
  const [last] = desk.log.recent(1);
  assert.deepEqual([last?.by, last?.action, last?.target], ['broadcaster', 'config reload', 'chat.maxLines']);
});
