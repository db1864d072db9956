/** Gives commands as fast as it can, on the database and the folder named, telling what is done a line each. */
import { writeSync } from 'node:fs';
import { setImmediate as nextTick } from 'node:timers/promises';
import { openStore } from '../../app/store/store.ts';
import { moderationForTest } from '../kit/moderation.ts';

const [path = '', dataDir = ''] = process.argv.slice(2);
const desk = await moderationForTest({ store: openStore({ kind: 'sqlite', path }), dataDir });
const first = desk.room.lastNumber;

async function act(line: string, number: number): Promise<void> {
  const { sentence, logged } = await desk.run(line);
  writeSync(1, `${JSON.stringify({ line, number, sentence, id: logged?.id })}\n`);
}

for (let round = 1; ; round++) {
  desk.arrive(`token ${first + round}`, `Visitor ${first + round}`);
  const number = first + round;
  for (const line of [
    `say message ${number}`,
    `hide ${number}`,
    `ban "Visitor ${number}" 2h`,
    `slow ${1 + (number % 3000)}`,
    `filters add word hold word${number}`,
  ]) {
    await act(line, number);
  }
  await act(`filters remove ${desk.filters.list().at(-1)?.id}`, number);
  if (round % 10 === 9) await nextTick();
}
