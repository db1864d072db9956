import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openStore } from '../../app/store/store.ts';
import { createChat, somePerson } from '../kit/chat.ts';
import { below, seeded } from '../kit/seeded.ts';

type Acknowledged = { number: number; nonce: string; hidden: number[]; closed: boolean };

/** Lets a process write to `path` and kills it, without warning, after `count` acknowledgements. */
async function writeAndKill(path: string, count: number): Promise<Acknowledged[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface(writer.stdout)) {
    acknowledged.push(JSON.parse(line));
    if (acknowledged.length === count) writer.kill('SIGKILL');
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  assert.equal(writer.signalCode, 'SIGKILL');
  return acknowledged;
}

test('nothing acknowledged is lost when the process is killed, again and again', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'kill-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'chat.db');
  const random = seeded(99);
  let before = 0;
  for (let round = 0; round < 5; round++) {
    const acknowledged = await writeAndKill(path, 20 + below(random, 400));
    const chat = createChat({ store: openStore({ kind: 'sqlite', path }) });
    const { room, store, modes, submit } = chat;
    for (const [index, { number, nonce, hidden }] of acknowledged.entries()) {
      assert.equal(number, before + index + 1, 'numbers have no gap, also over the death');
      const message = store.messages.find(number);
      assert.equal(message?.text, `text of ${nonce}`);
      for (const gone of hidden) assert.equal(store.messages.find(gone)?.hidden, true);
    }
    const last = acknowledged.at(-1) ?? assert.fail('nothing was acknowledged');
    // The switch that came after the last acknowledgement may or may not have been made.
    if (room.lastNumber === last.number) assert.equal(modes.state.closed, last.closed);
    // A client that had no answer sends again: it is posted once.
    modes.set({ closed: false });
    const again = { text: `text of ${last.nonce}`, nonce: last.nonce };
    const result = await submit(again, somePerson());
    assert.ok(result.ok && !result.held && result.message.number === last.number);
    assert.ok(room.lastNumber - last.number <= 1, 'no more was stored than was under way');
    before = room.lastNumber;
    store.close();
  }
});
