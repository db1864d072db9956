import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../app/config.ts';
import { broadcaster } from '../kit/moderation.ts';
import { startTestServer } from '../kit/server.ts';

test('config reload puts in force what it can, and names what needs a restart', async () => {
  let json = {};
  await using server = await startTestServer({ overrides: { readConfig: async () => parseConfig(json) } });
  const { moderation, people, speak, modes } = server.running.community;
  const reload = () => moderation.commands.runLine('config reload', broadcaster);
  assert.match((await reload()).sentence, /^Nothing new is in force.( After a restart: web.port.)?$/);
  const session = { sessionId: 'staff', personId: people.arrive('staff').id };
  await moderation.accounts.addModerator({ name: 'Maximilian', password: 'a password', by: 'broadcaster' });
  await moderation.accounts.login(session, { username: 'Maximilian', password: 'a password' });
  json = {
    web: { siteName: 'Another name' },
    chat: { maxLines: 2 },
    people: { maxNameLength: 5, broadcasterPassword: 'never told anyone' },
    moderation: { raid: { slowModeS: 77 } },
  };
  const { data, sentence } = await reload();
  assert.ok(!sentence.includes('never told'));
  assert.deepEqual(data, {
    applied: ['chat.maxLines', 'moderation.raid.slowModeS', 'people.maxNameLength'],
    needRestart: ['people.broadcasterPassword', 'web.port', 'web.siteName'],
  });
  const ada = people.passedCaptcha(people.arrive('ada').id);
  const say = (text: string) =>
    speak({ person: ada, draft: { text }, captcha: undefined, circuit: undefined });
  const long = await say('a\nb\nc');
  assert.ok(!long.ok && long.reason === 'message-too-many-lines');
  assert.throws(() => people.rename(ada.id, 'Adalbert'), { code: 'name-too-long' });
  // Whose name is too long by now loses it with their account, and that ends nothing.
  await moderation.commands.runLine('mods remove Maximilian', broadcaster);
  const dismissed = people.find(session.personId);
  assert.deepEqual([dismissed?.name, dismissed?.role], [undefined, 'viewer']);
  await moderation.commands.runLine('raid on', broadcaster);
  assert.equal(modes.state.slowModeS, 77);
  json = { chat: { maxLines: 'many' } };
  await assert.rejects(reload(), { code: 'config-invalid' });
});

test('the password of config.json is taken, and never told', async () => {
  const password = 'from config.json';
  await using server = await startTestServer({ config: { people: { broadcasterPassword: password } } });
  const { broadcaster: told, community } = server.running;
  assert.deepEqual(told, { username: 'broadcaster', password: null });
  const session = { sessionId: 'owner', personId: community.people.arrive('owner').id };
  const staff = await community.moderation.accounts.login(session, { username: 'broadcaster', password });
  assert.equal(staff.role, 'broadcaster');
});

test('filters stand in the way of what is said by any door of the server', async () => {
  await using server = await startTestServer();
  const { moderation, people, speak } = server.running.community;
  await moderation.commands.runLine('filters add word censor bad', broadcaster);
  const ada = people.passedCaptcha(people.arrive('ada').id);
  const result = await speak({
    person: ada,
    draft: { text: 'so b.a.d' },
    captcha: undefined,
    circuit: undefined,
  });
  assert.ok(result.ok && !result.held && result.message.text === 'so *****');
});
