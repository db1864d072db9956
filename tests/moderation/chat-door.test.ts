import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moderationForTest } from '../kit/moderation.ts';

test('a command in the chat is carried out, seen by nobody else, and answered to its giver', async () => {
  await using desk = await moderationForTest();
  const { arrive, say, accounts, password, room, modes, log } = desk;
  const owner = arrive('owner');
  await accounts.login({ sessionId: 'owner', personId: owner.id }, { username: 'broadcaster', password });
  const result = await say(owner, '/slow 30');
  assert.deepEqual(result, { ok: true, held: true, sentence: 'Slow mode is on: 30 seconds.' });
  assert.equal(modes.state.slowModeS, 30);
  assert.equal(room.lastNumber, 0);
  assert.equal(log.recent(1)[0]?.by, 'broadcaster');
  const refused = await say(owner, '/slow down');
  assert.ok(!refused.ok && refused.reason === 'command');
  assert.match(refused.sentence, /The form is: slow SECONDS\|off/);
  const help = await say(owner, '/help');
  assert.ok(help.ok && help.held && help.sentence.split('\n').length > 40);
  await say(owner, '/announce soon');
  assert.equal(room.recent()[0]?.author.personId, owner.id, 'said as the person they are in the chat');
});

test('a command sent again with the same nonce is carried out once', async () => {
  await using desk = await moderationForTest();
  const { arrive, say, accounts, password, room } = desk;
  const owner = arrive('owner');
  await accounts.login({ sessionId: 'owner', personId: owner.id }, { username: 'broadcaster', password });
  const nonce = 'nonce-0001';
  const both = await Promise.all([say(owner, '/say hello', { nonce }), say(owner, '/say hello', { nonce })]);
  assert.deepEqual(both[0], both[1]);
  assert.equal(room.lastNumber, 1);
});

test('what viewers write with a slash is a message unless it is a command, which is refused', async () => {
  await using desk = await moderationForTest();
  const { arrive, say, room, modes } = desk;
  const ada = arrive('ada', 'Ada');
  const refused = await say(ada, '/closed on');
  assert.ok(!refused.ok && refused.reason === 'command');
  assert.equal(modes.state.closed, false);
  assert.ok((await say(ada, '/shrug whatever')).ok);
  assert.equal(room.recent()[0]?.text, '/shrug whatever');
});

test('who was logged out or banned gives no more commands', async () => {
  await using desk = await moderationForTest();
  const { arrive, say, accounts, run, modes, bans, people } = desk;
  await run('mods add Eve a-long-password');
  const eve = arrive('eve');
  const session = { sessionId: 'eve', personId: eve.id };
  await accounts.login(session, { username: 'eve', password: 'a-long-password' });
  assert.ok((await say(eve, '/people')).ok);
  const order = { kind: 'ban', person: people.find(eve.id) ?? eve, name: 'Eve', untilMs: null } as const;
  const [ban] = bans.add({ ...order, reason: '', by: 'filters' }).bans;
  const banned = await say(eve, '/people');
  assert.ok(!banned.ok);
  bans.lift(ban.id);
  assert.ok((await say(eve, '/people')).ok);
  const settings = await say(eve, '/closed on');
  assert.ok(!settings.ok && /for the broadcaster only/.test(settings.sentence));
  accounts.logout('eve');
  const refused = await say(eve, '/people');
  assert.ok(!refused.ok && refused.reason === 'command');
  assert.equal(modes.state.closed, false);
});
