import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptchaPolicy } from '../../app/chat/captcha-policy.ts';
import { chatConfig } from '../../app/chat/config.ts';
import { somePerson, startMs } from '../kit/chat.ts';

const off = { beforeFirstMessage: false, afterFlood: false, everyMessages: 0, probability: 0 };

function policy(captcha: unknown = {}, random = () => 0.5, maxPeople?: number) {
  const clock = { nowMs: startMs };
  const deps = { now: () => clock.nowMs, random, ...(maxPeople ? { maxPeople } : {}) };
  return { captchas: new CaptchaPolicy(deps, chatConfig.parse({ captcha })), clock };
}
const solvedAt = (captchaPassedAtMs: number | undefined) => somePerson({ captchaPassedAtMs });

test('nobody writes before they solved one, unless that is off', () => {
  assert.equal(policy().captchas.needed(solvedAt(undefined), undefined), true);
  assert.equal(policy().captchas.needed(solvedAt(startMs - 1), undefined), false);
  const free = policy(off).captchas;
  assert.equal(free.needed(solvedAt(undefined), undefined), false);
  free.wrote(solvedAt(undefined));
  assert.equal(free.needed(solvedAt(undefined), undefined), false);
});

test('every 40 messages another one is due, counted from the last', () => {
  const { captchas, clock } = policy();
  let person = solvedAt(startMs - 1);
  for (let round = 0; round < 3; round++) {
    for (let message = 0; message < 40; message++) {
      assert.equal(captchas.needed(person, undefined), false);
      captchas.wrote(person);
      clock.nowMs += 1;
    }
    assert.equal(captchas.needed(person, undefined), true);
    person = solvedAt(clock.nowMs);
    clock.nowMs += 1;
  }
});

test('flooding costs one, and trying again too early no second', () => {
  const { captchas, clock } = policy();
  captchas.flooded(solvedAt(startMs - 1));
  assert.equal(captchas.needed(solvedAt(startMs), undefined), true, 'one solved in that moment is spent');
  assert.equal(captchas.needed(solvedAt(startMs - 1), undefined), true);
  clock.nowMs += 5000;
  const person = solvedAt(clock.nowMs);
  clock.nowMs += 5000;
  captchas.flooded(person);
  assert.equal(captchas.needed(person, undefined), false);
  clock.nowMs += 20_000;
  captchas.flooded(person);
  assert.equal(captchas.needed(person, undefined), true);

  const lenient = policy(off).captchas;
  lenient.flooded(solvedAt(undefined));
  assert.equal(lenient.needed(solvedAt(undefined), undefined), false);
});

test('at random means with the given probability', () => {
  const draws = [0.3, 0.2, 0.09];
  const { captchas, clock } = policy({ ...off, probability: 0.1 }, () => draws.shift() ?? 1);
  const person = solvedAt(startMs - 1);
  const due = [1, 2, 3].map(() => {
    clock.nowMs += 1;
    captchas.wrote(person);
    return captchas.needed(person, undefined);
  });
  assert.deepEqual(due, [false, false, true]);
});

test('for every message: those solved before the switch and those already used are spent', () => {
  const { captchas, clock } = policy(off);
  clock.nowMs += 60_000;
  const sinceMs = clock.nowMs;
  assert.equal(captchas.needed(solvedAt(undefined), sinceMs), true);
  assert.equal(captchas.needed(solvedAt(sinceMs - 1), sinceMs), true);
  const person = solvedAt(sinceMs + 1);
  clock.nowMs += 2;
  assert.equal(captchas.needed(person, sinceMs), false);
  captchas.wrote(person);
  assert.equal(captchas.needed(person, sinceMs), true);
});

test('for every message, after a restart: what was solved before it is spent', () => {
  const { captchas } = policy(off);
  const sinceMs = startMs - 600_000;
  assert.equal(captchas.needed(solvedAt(startMs - 1), sinceMs), true);
  assert.equal(captchas.needed(solvedAt(startMs + 1), sinceMs), false);
});

test('a crowd of any size takes bounded memory', () => {
  const { captchas } = policy({}, () => 0.5, 100);
  for (let person = 0; person < 1000; person++) captchas.wrote(somePerson({ id: `person ${person}` }));
  assert.equal(captchas.size, 100);
});
