import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Probation } from '../../app/people/probation.ts';
import { clock } from '../kit/people.ts';

const config = { circuitWaitS: 60, circuitForS: 3600, returnWithinS: 30 };
const newcomer = { role: 'viewer', createdAtMs: 0, captchaPassedAtMs: undefined } as const;

test('ten thousand circuits are remembered, the oldest are forgotten first', () => {
  const time = clock();
  const probation = new Probation({ now: time.now }, config);
  for (let circuit = 0; circuit < 10_100; circuit += 1) probation.begin(String(circuit));
  probation.begin('5000');
  assert.equal(probation.size, 10_000);
  assert.equal(probation.termsFor(newcomer, '99'), undefined);
  assert.equal(probation.termsFor(newcomer, '100')?.needsCaptcha, true);
});

test('a circuit banned from again begins anew, and the sweep forgets those that are over', () => {
  const time = clock();
  const probation = new Probation({ now: time.now }, config);
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

test('who is new right after a circuit was closed is on probation by whichever circuit, others are not', () => {
  const time = clock();
  const probation = new Probation({ now: time.now }, config);
  const seen = (afterMs: number) => ({ ...newcomer, createdAtMs: closedAtMs + afterMs });
  const closedAtMs = time.now();
  probation.closed();
  time.pass(20_000);
  probation.closed();
  const wait = { waitUntilMs: closedAtMs + 70_000, needsCaptcha: true };
  assert.deepEqual(probation.termsFor(seen(10_000), 'another'), wait, 'also after the next closing');
  assert.equal(probation.termsFor(seen(-1), 'another'), undefined, 'they were here before');
  assert.equal(probation.termsFor(seen(50_000), 'another'), undefined, 'they came later');
  time.pass(3_600_000);
  probation.sweep();
  assert.equal(probation.termsFor(seen(10_000), 'another'), undefined);
});

test('when tor begins anew its numbers mean other circuits', () => {
  const probation = new Probation({ now: clock().now }, config);
  probation.begin('7');
  probation.forgetCircuits();
  assert.equal(probation.termsFor(newcomer, '7'), undefined);
});
