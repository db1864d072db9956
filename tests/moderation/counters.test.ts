import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from '../../app/moderation/counters.ts';
import { ViewersOverTime } from '../../app/moderation/viewers-over-time.ts';
import { clock } from '../kit/people.ts';

test('the last minute is counted by the second, and the minutes before it are kept for an hour', () => {
  const time = clock();
  const counters = new Counters(time);
  for (let second = 0; second < 2 * 3600; second++) {
    counters.message();
    if (second % 2 === 0) counters.refusal('flood');
    time.pass(1000);
  }
  time.pass(-1000);
  assert.deepEqual(counters.lastMinute(), { messages: 60, held: 0, joins: 0, refusals: { flood: 30 } });
  const minutes = counters.minutes(100);
  assert.equal(minutes.length, 60);
  assert.ok(minutes.every(({ messages }) => messages === 60));
  time.pass(61_000);
  counters.join();
  counters.held();
  assert.deepEqual(counters.lastMinute(), { messages: 0, held: 1, joins: 1, refusals: {} });
  assert.deepEqual(
    counters.minutes(3).map(({ messages }) => messages),
    [60, 59, 0],
  );
});

test('viewers are sampled every ten seconds, a day long, and drawn as the most of each stretch', () => {
  const time = clock();
  const viewers = new ViewersOverTime(time);
  for (let second = 0; second < 30 * 3600; second++) {
    viewers.tick(second === 30 * 3600 - 5 ? 500 : Math.floor(second / 3600));
    time.pass(1000);
  }
  assert.equal(viewers.samples().length, 8640);
  assert.deepEqual(viewers.series(3 * 3_600_000, 3), [27, 28, 29]);
  assert.deepEqual(viewers.series(48 * 3_600_000, 4), [undefined, undefined, 17, 29]);
  time.pass(3_600_000);
  viewers.tick(7);
  assert.deepEqual(viewers.series(3_600_000, 2), [undefined, 7]);
});
