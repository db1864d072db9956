import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, silentLog } from '../../app/lib/log.ts';
import { repeat } from '../../app/lib/repeat.ts';
import { until } from '../kit/until.ts';

/** Something that is done, and how often it was. */
function counted(fails: () => boolean = () => false) {
  const counted = {
    turns: 0,
    work: (): void => {
      counted.turns += 1;
      if (fails()) throw new Error('The disk is full.');
    },
  };
  return counted;
}

test('what fails in its turn holds up nothing else, is told once, and again when it works', async () => {
  const said: string[] = [];
  const log = createLog('test', { write: line => said.push(line.replace(/^\S+ /, '')) });
  let isFull = true;
  const [saving, other] = [counted(() => isFull), counted()];
  using _repeated = repeat([saving.work, other.work], 1, log);
  await until('many turns', () => saving.turns > 5 && other.turns > 5);
  isFull = false;
  await until('it works again', () => said.length > 1);
  assert.deepEqual(said, [
    'error test: The disk is full. It is tried again and again.\n',
    'info test: What failed works again.\n',
  ]);
});

test('it ends with what holds it', async () => {
  const [ended, other] = [counted(), counted()];
  using _other = repeat([other.work], 1, silentLog);
  {
    using _repeated = repeat([ended.work], 1, silentLog);
    await until('a turn', () => ended.turns > 0);
  }
  const [before, others] = [ended.turns, other.turns];
  await until('others go on', () => other.turns > others + 5);
  assert.equal(ended.turns, before);
});
