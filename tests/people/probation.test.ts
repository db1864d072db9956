import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Probation } from '../../app/people/probation.ts';
import { clock } from '../kit/people.ts';

const newcomer = { role: 'viewer', createdAtMs: 0, captchaPassedAtMs: undefined } as const;

test('ten thousand circuits are remembered, the oldest are forgotten first', () => {
  const time = clock();
  const probation = new Probation({ now: time.now }, { circuitWaitS: 60, circuitForS: 3600 });
  for (let circuit = 0; circuit < 10_100; circuit += 1) probation.begin(String(circuit));
  probation.begin('5000');
  assert.equal(probation.size, 10_000);
  assert.equal(probation.termsFor(newcomer, '99'), undefined);
  assert.equal(probation.termsFor(newcomer, '100')?.needsCaptcha, true);
});

test('a circuit banned from again begins anew, and the sweep forgets those that are over', () => {
  const time = clock();
  const probation = new Probation({ now: time.now }, { circuitWaitS: 60, circuitForS: 3600 });
  probation.begin('1');
  probation.begin('2');
  time.pass(3_000_000);
  probation.begin('1');
  time.pass(600_000);
  assert.equal(probation.termsFor(newcomer, '2'), undefined);
  assert.equal(probation.termsFor(newcomer, '1')?.needsCaptcha, true);
  probation.sweep();
  assert.equal(probation.size, 1);
  time.pass(3_000_000);
  probation.sweep();
  assert.equal(probation.size, 0);
});
