import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Semaphore } from '../../app/people/semaphore.ts';

test('jobs run in order, never more at once than allowed, and one that fails gives its place back', async () => {
  const semaphore = new Semaphore({ atOnce: 2, maxWaiting: 100 });
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const job = (index: number) => async () => {
    started.push(index);
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    if (index % 3 === 0) throw new Error(`job ${index}`);
    return index;
  };
  const order = Array.from({ length: 50 }, (_, index) => index);
  const done = await Promise.allSettled(order.map(index => semaphore.run(job(index))));
  assert.equal(most, 2);
  assert.deepEqual(started, order);
  for (const [index, { status }] of done.entries())
    assert.equal(status, index % 3 === 0 ? 'rejected' : 'fulfilled');
});

test('who comes when all places to wait are taken is refused at once', async () => {
  const semaphore = new Semaphore({ atOnce: 1, maxWaiting: 1 });
  const gate = Promise.withResolvers<void>();
  const first = semaphore.run(() => gate.promise);
  const second = semaphore.run(async () => 'second');
  await assert.rejects(
    semaphore.run(async () => 'third'),
    { code: 'busy' },
  );
  gate.resolve();
  await first;
  assert.equal(await second, 'second');
  assert.equal(await semaphore.run(async () => 'fourth'), 'fourth');
});

test('a newcomer does not slip in before the one whose turn it is', async () => {
  const semaphore = new Semaphore({ atOnce: 1, maxWaiting: 10 });
  let running = 0;
  let most = 0;
  const job = async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  const first = semaphore.run(job);
  const second = semaphore.run(job);
  await first.then(() => semaphore.run(job));
  await second;
  assert.equal(most, 1);
});

test('the lowest rank goes first and stays when there is no more place, in order among equals', async () => {
  const semaphore = new Semaphore({ atOnce: 1, maxWaiting: 3 });
  const gate = Promise.withResolvers<void>();
  const first = semaphore.run(() => gate.promise, 9);
  const begun: string[] = [];
  const wait = (name: string, rank: number) =>
    semaphore
      .run(async () => void begun.push(name), rank)
      .then(
        () => 'done',
        ({ code }: { code: string }) => code,
      );
  const others = [wait('a', 5), wait('b', 5), wait('c', 7), wait('d', 5), wait('e', 1), wait('f', 6)];
  gate.resolve();
  await first;
  assert.deepEqual(await Promise.all(others), ['done', 'done', 'busy', 'busy', 'done', 'busy']);
  assert.deepEqual(begun, ['e', 'a', 'b']);
});
