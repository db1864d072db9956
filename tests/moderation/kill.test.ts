import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openStore } from '../../app/store/store.ts';
import { moderationForTest } from '../kit/moderation.ts';
import { clock } from '../kit/people.ts';
import { below, seeded } from '../kit/seeded.ts';

type Done = { line: string; number: number; sentence: string; id?: number };

/** Lets a process give commands, and kills it without warning after `count` answers. */
async function actAndKill(path: string, dataDir: string, count: number): Promise<Done[]> {
  const script = join(import.meta.dirname, 'busy-moderator.ts');
  const child = spawn(process.execPath, [script, path, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const done: Done[] = [];
  for await (const line of createInterface(child.stdout)) {
    done.push(JSON.parse(line));
    if (done.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  return done;
}

test('nothing that a moderator has done is lost when the process is killed, nor its row in the log', async t => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kill-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const path = join(dataDir, 'onioncast.sqlite');
  const random = seeded(5);
  for (let round = 0; round < 2; round++) {
    const done = await actAndKill(path, dataDir, 30 + below(random, 200));
    const store = openStore({ kind: 'sqlite', path });
    const desk = await moderationForTest({ store, dataDir, time: clock() });
    const banned = new Set(desk.bans.list().map(({ name }) => name.replace(/ #.*/, '')));
    const patterns = new Set(desk.filters.list().map(({ pattern }) => pattern));
    for (const { line, number, sentence, id } of done) {
      const [command = ''] = line.split(' ');
      if (command === 'say') {
        assert.equal(desk.room.find(number)?.text, `message ${number}`);
        continue;
      }
      assert.ok(id !== undefined, `${line}: ${sentence}`);
      assert.ok(line.startsWith(desk.log.find(id)?.action ?? 'nothing'), line);
      if (command === 'hide') assert.equal(desk.room.find(number)?.hidden, true, line);
      if (command === 'ban') assert.ok(banned.has(`Visitor ${number}`), line);
    }
    const last = (start: string) => done.findLast(({ line }) => line.startsWith(start));
    const added = last('filters add')?.number;
    const removed = last('filters remove')?.number;
    // The deed that came after the last answer may or may not have been done.
    const isRemoving = desk.log.recent(1)[0]?.action === 'filters remove';
    if (added !== removed && !isRemoving) assert.ok(patterns.has(`word${added}`));
    assert.ok(!patterns.has(`word${removed}`), 'what was removed stays so');
    const slow = last('slow');
    if (done.at(-1) === slow) assert.equal(desk.modes.state.slowModeS, 1 + ((slow?.number ?? 0) % 3000));
    const ban = last('ban');
    await desk.run(`undo ${ban?.id}`);
    assert.ok(!desk.bans.list().some(({ name }) => name.startsWith(`Visitor ${ban?.number} `)));
    store.close();
  }
});
