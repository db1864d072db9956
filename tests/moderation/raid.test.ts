import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onsetOf } from '../../app/moderation/onset.ts';
import { moderationForTest, type TestModeration } from '../kit/moderation.ts';

const minuteMs = 60_000;

test('an attack began where the earliest crowd of first messages of the last ten minutes set in', () => {
  const nowMs = 100 * minuteMs;
  const ago = (...ms: number[]) => ms.map(each => nowMs - each);
  const crowd = (fromMs: number, gapMs: number, count = 10) =>
    ago(...Array.from({ length: count }, (_, index) => fromMs - index * gapMs));
  const cases: [string, number[], number][] = [
    ['nobody wrote', [], nowMs],
    ['a few people who came together', crowd(minuteMs, 100, 9), nowMs],
    ['ten', crowd(minuteMs, 100), nowMs - minuteMs],
    ['ten who came one after the other', crowd(9 * minuteMs, 6000), nowMs],
    ['a crowd after some who had time', [...ago(90_000, 80_000), ...crowd(minuteMs, 100)], nowMs - minuteMs],
    ['two waves', [...crowd(5 * minuteMs, 1000, 20), ...crowd(minuteMs, 10)], nowMs - 5 * minuteMs],
    ['one of long ago', crowd(11 * minuteMs, 100), nowMs],
  ];
  for (const [what, times, began] of cases) {
    assert.equal(onsetOf(times, nowMs), began, what);
    assert.equal(onsetOf(times.toReversed(), nowMs), began, `${what}, in another order`);
  }
});

test('under raid who talked before the attack goes on, and who came with it waits and is held', async () => {
  await using first = await moderationForTest();
  const { time } = first;
  const outcome = async (desk: TestModeration, token: string, text: string): Promise<string> => {
    const result = await desk.say(desk.people.passedCaptcha(desk.arrive(token).id), text);
    return result.ok ? (result.held ? 'held' : 'said') : result.reason;
  };
  assert.equal(await outcome(first, 'ada', 'hello'), 'said');
  time.pass(6000);
  for (let index = 0; index < 20; index++) {
    assert.equal(await outcome(first, `raider ${index}`, `spam ${index}`), 'said');
    time.pass(100);
  }
  await first.run('raid on');
  time.pass(5000);
  assert.equal(await outcome(first, 'ada', 'still here'), 'said', 'though she came seconds before them');
  assert.equal(await outcome(first, 'ada', 'and again'), 'slow-mode');
  assert.equal(await outcome(first, 'raider 3', 'more spam'), 'newcomers-wait');
  assert.equal(await outcome(first, 'a raider who comes now', 'spam'), 'newcomers-wait');

  const desk = await moderationForTest({ store: first.store, time, dataDir: first.home });
  time.pass(5000);
  assert.equal(await outcome(desk, 'ada', 'after a restart'), 'said');
  assert.equal(await outcome(desk, 'raider 4', 'after a restart too'), 'newcomers-wait');
  desk.people.setMember(desk.arrive('member').id, true);
  assert.equal(await outcome(desk, 'member', 'members are known'), 'said');
  assert.equal(await outcome(desk, 'honest', 'may I?'), 'newcomers-wait');
  time.pass(10 * minuteMs);
  assert.equal(await outcome(desk, 'raider 3', 'more spam'), 'held');
  assert.equal(await outcome(desk, 'honest', 'may I?'), 'held');
  await desk.run('approve 2');
  time.pass(5000);
  assert.equal(await outcome(desk, 'honest', 'thank you'), 'said', 'once let in they are known');
  assert.equal(await outcome(desk, 'raider 3', 'yet more spam'), 'held');
  await desk.run(`hide-all ${desk.arrive('honest').id}`);
  time.pass(5000);
  assert.equal(await outcome(desk, 'honest', 'sorry'), 'held', 'unless that was a mistake');
  await desk.run('raid off');
  time.pass(5000);
  assert.equal(await outcome(desk, 'raider 5', 'as before'), 'said');
});

test('under raid a captcha is asked for also of those who wrote without one', async () => {
  await using desk = await moderationForTest({ chat: { captcha: { beforeFirstMessage: false } } });
  const { run, arrive, say, people, time } = desk;
  const ada = arrive('ada');
  assert.ok((await say(ada, 'hello')).ok);
  time.pass(1);
  await run('raid on');
  time.pass(5000);
  const refused = await say(ada, 'hello again');
  assert.ok(!refused.ok && refused.needs === 'captcha');
  people.passedCaptcha(ada.id);
  assert.ok((await say(ada, 'hello again')).ok);
});

test('what a raid puts back goes by what it set, whatever config.json says by then', async () => {
  await using first = await moderationForTest({ moderation: { raid: { slowModeS: 5 } } });
  const { store, time, home, modes } = first;
  const before = modes.state;
  await first.run('raid on');
  const raid = { slowModeS: 10, newcomersWaitMinutes: 20, holdBack: 'everyone', tripcodesOnly: true };
  const desk = await moderationForTest({ store, time, dataDir: home, moderation: { raid } });
  await desk.run('captcha every');
  await desk.run('raid off');
  assert.deepEqual(desk.modes.state, { ...before, captchaEveryMessage: true });
});
