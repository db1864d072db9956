/**
 * Does all that a moderator can do, over and over as fast as it can, on the database and the folder named. Tells each
 * deed on a line when it begins, and on another with the answer.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../app/store/store.ts';
import { moderationForTest } from '../kit/moderation.ts';
import { deeds, setScene } from './deeds.ts';

const [path = '', dataDir = '', firstRound = ''] = process.argv.slice(2);
const desk = await moderationForTest({
  store: openStore({ kind: 'sqlite', path }),
  dataDir,
  moderation: { maxModerators: 1000 },
});

const tell = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

for (let round = Number(firstRound); ; round++) {
  const scene = setScene(desk, round);
  const ids = new Map<string, number>();
  const answers = new Map<string, unknown>();
  for (const [deed, { line }] of Object.entries(deeds)) {
    tell({ begins: deed });
    const { data, logged } = await desk.run(line(scene, ids, answers));
    if (logged) ids.set(deed, logged.id);
    answers.set(deed, data);
    tell({ deed, scene, data: data ?? null, id: logged?.id });
  }
}
