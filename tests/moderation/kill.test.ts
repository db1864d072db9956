import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openStore } from '../../app/store/store.ts';
import { broadcaster, moderationForTest, type TestModeration } from '../kit/moderation.ts';
import { clock } from '../kit/people.ts';
import { below, seeded } from '../kit/seeded.ts';
import { deeds, isAboutMessages, others, type Told } from './deeds.ts';

type Run = { done: Told[]; begun: string | undefined };

const count = Object.keys(deeds).length;

/** Lets a process give commands, and kills it without warning when `beginnings` have begun. */
async function actAndKill(places: readonly string[], beginnings: number): Promise<Run> {
  const script = join(import.meta.dirname, 'busy-moderator.ts');
  const child = spawn(process.execPath, [script, ...places], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const run: Run = { done: [], begun: undefined };
  let left = beginnings;
  for await (const line of createInterface(child.stdout)) {
    const { begins, ...told } = JSON.parse(line);
    run.begun = begins;
    if (begins === undefined) run.done.push(told);
    else if (--left === 0) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  return run;
}

/** Which of what was answered is not so any more. */
function lost(desk: TestModeration, { done, begun = '' }: Run): string[] {
  const changing = deeds[begun]?.changes;
  const cleared = Math.max(0, ...done.filter(({ deed }) => deed === 'clear').map(({ scene }) => scene.round));
  const isClearing = begun === 'clear';
  return done.flatMap((told, index) => {
    const deed = deeds[told.deed];
    const isLater = done.slice(index + 1).some(each => deeds[each.deed]?.changes === deed?.changes);
    const isOver = deed?.changes !== undefined && (isLater || deed.changes === changing);
    const isGone = isAboutMessages(told.deed) && (isClearing || told.scene.round <= cleared);
    const isLogged =
      told.id === undefined || desk.log.find(told.id)?.action === told.deed.replaceAll("'", '');
    const isSo = isOver || isGone || deed?.isSo(desk, told);
    return isSo && isLogged ? [] : [`${told.deed} of round ${told.scene.round}`];
  });
}

test('there is a row for each command that changes anything', async () => {
  await using desk = await moderationForTest();
  const commands = desk.commands.list(broadcaster).map(({ name }) => name);
  const known = [...Object.keys(deeds).filter(name => !name.includes("'")), ...others];
  assert.deepEqual(commands.toSorted(), known.toSorted());
});

test('nothing that a moderator has done is lost when the process is killed, nor its row in the log', async t => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kill-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const path = join(dataDir, 'onioncast.sqlite');
  const random = seeded(5);
  for (let kill = 0; kill < 4; kill++) {
    // A whole round at least, so that each deed is done before each kill, and then up to any deed of the next.
    const run = await actAndKill([path, dataDir, String(1 + kill * 1000)], count + 1 + below(random, count));
    assert.deepEqual(new Set(run.done.map(({ deed }) => deed)), new Set(Object.keys(deeds)));
    const store = openStore({ kind: 'sqlite', path });
    const desk = await moderationForTest({ store, dataDir, time: clock() });
    assert.deepEqual(lost(desk, run), [], `killed while ${run.begun} began`);
    const unlogged = run.done.filter(({ id }) => id === undefined).map(({ deed }) => deed);
    // What was so already is done, but not logged.
    assert.ok(
      unlogged.every(deed => deeds[deed]?.isLogged === false || deeds[deed]?.changes),
      String(unlogged),
    );
    store.close();
  }
});
