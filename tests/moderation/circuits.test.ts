import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeCircuitsOfBanned } from '../../app/composition/banned-circuits.ts';
import { silentLog } from '../../app/lib/log.ts';
import { Topic } from '../../app/lib/topic.ts';
import { Circuits } from '../../app/moderation/circuits.ts';
import { captchaIn, makeSolvable, rightAnswer } from '../kit/captcha.ts';
import { FormVisitor } from '../kit/form-visitor.ts';
import { broadcaster, moderationForTest } from '../kit/moderation.ts';
import { clock } from '../kit/people.ts';
import { startTestServer } from '../kit/server.ts';
import { noticeIn, openTextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

test('of each person the last four circuits are known, the last one first', () => {
  const circuits = new Circuits();
  for (const circuit of ['1', '2', undefined, '2', '3', '1', '4', '5']) circuits.note('ada', circuit);
  assert.deepEqual(circuits.of('ada'), ['5', '4', '1', '3']);
  assert.deepEqual(circuits.of('bob'), []);
  circuits.clear();
  assert.deepEqual(circuits.of('ada'), []);
});

test('who only watched is banned with the circuit, and comes back as somebody new who waits and solves a captcha', async t => {
  const home = await mkdtemp(join(tmpdir(), 'circuits-'));
  t.after(() => rm(home, { recursive: true }));
  const time = clock(Date.now());
  const systemSocket = join(home, 'onion.sock');
  await using server = await startTestServer({
    config: { tor: { systemSocket } },
    places: { withTor: true },
    overrides: { now: time.now },
  });
  const { running, url } = server;
  makeSolvable(running.community);
  const { people, moderation } = running.community;
  const door = { url, socket: systemSocket };
  using watcher = new FormVisitor(door, 70_001);
  assert.equal((await watcher.get('/')).status, 200);
  const [person] = Object.values(people.list()).flat();
  assert.ok(person);
  assert.deepEqual(moderation.circuits.of(person.id), ['70001']);

  await moderation.commands.runLine(`ban ${person.id}`, broadcaster);
  assert.equal((await watcher.get('/')).status, 403);
  watcher.becomeAnother();
  await watcher.get('/chat/form');
  const say = (more: Record<string, string> = {}) =>
    watcher.post('/chat/form', { text: 'It is not me.', ...more });
  const early = await say();
  assert.equal(early.status, 429);
  assert.match(noticeIn(early.html), /^New visitors wait .* in 2 minutes\.$/);
  time.pass(120_000);
  const captchaId = captchaIn((await say()).html);
  assert.ok(captchaId);
  assert.equal((await say({ captchaId, captchaAnswer: rightAnswer })).status, 303);

  using other = new FormVisitor(door, 70_002);
  await other.get('/chat/form');
  const first = await other.post('/chat/form', { text: 'I came by another circuit.' });
  assert.ok(captchaIn(first.html), 'no wait, the usual captcha only');
});

test('a ban closes the circuits of all whom it is about, of nobody else, and not when it is a mute', async () => {
  await using desk = await moderationForTest();
  const { people, run, arrive, bans, circuits } = desk;
  const closed: number[] = [];
  const onion = {
    publication: new Topic<boolean>(),
    closeCircuit: async (circuit: number) => closed.push(circuit) > 0,
  };
  const stop = closeCircuitsOfBanned({ people, bans, moderation: desk }, { onion, log: silentLog });
  for (const [index, name] of ['Eve', 'Twin', 'Ada', 'Mute'].entries()) {
    const { id } = arrive(name, name);
    circuits.note(id, String(10 + index));
    if (name === 'Eve' || name === 'Twin') await people.setTripcode(id, 'the same secret');
  }
  circuits.note(arrive('Eve').id, '20');
  await run('mute Mute');
  await run('ban Eve');
  await until('all are closed', () => closed.length >= 3);
  assert.deepEqual(closed.toSorted(), [10, 11, 20]);
  const back = arrive('Eve again');
  assert.ok(bans.probation(back, '99')?.waitUntilMs, 'new right after that, by a new circuit');
  onion.publication.publish(false);
  assert.deepEqual(circuits.of(arrive('Ada').id), []);
  stop();
});

test('a ban holds for the token in the address as for the cookie', async () => {
  await using server = await startTestServer({
    config: { chat: { captcha: { beforeFirstMessage: false } } },
  });
  const { room, moderation } = server.running.community;
  const withoutCookies = await openTextBrowser(server.url, { cookies: false });
  await withoutCookies.say('hello');
  const { personId } = room.recent().at(-1)?.author ?? assert.fail('nothing was said');
  await moderation.commands.runLine(`ban ${personId}`, broadcaster);
  assert.match(withoutCookies.query, /^\?t=/);
  for (const path of ['/', '/chat/live', '/stream.mp4', '/stream.m3u8']) {
    assert.equal((await withoutCookies.get(path)).status, 403, path);
  }
});
