import assert from 'node:assert/strict';
import { once } from 'node:events';
import { link, lstat, mkdir, mkdtemp, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ControlDoor } from '../../app/control/door.ts';
import { controlSocketPlace, findControlSocket } from '../../app/control/socket-path.ts';
import { silentLog } from '../../app/lib/log.ts';
import { Topic } from '../../app/lib/topic.ts';
import type { LiveEvent } from '../../app/live/channel.ts';
import type { Person } from '../../app/people/person.ts';
import { moderationForTest, type TestModeration } from '../kit/moderation.ts';
import { until } from '../kit/until.ts';

async function newDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'door-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function openDoor(t: TestContext, desk: TestModeration, path: string): Promise<ControlDoor> {
  const sources = {
    ...desk,
    channel: { state: 'live' as const, events: new Topic<LiveEvent>() },
    title: { text: 'A title', changes: new Topic<string>() },
    audience: { size: 2, changes: new Topic<number>() },
    asShown: (person: Person) => person,
    defaultName: 'Anonymous',
  };
  const door = new ControlDoor({ commands: desk.commands, sources, log: silentLog }, { path });
  await door.listen();
  t.after(() => door.close());
  return door;
}

/** A client that says what it says at once, and keeps what it is told. */
async function client(
  t: TestContext,
  path: string,
  said = '',
): Promise<{ socket: Socket; told: () => string }> {
  const socket = connect(path);
  let told = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(said);
  return { socket, told: () => told };
}

test('lines are answered in order, in text that ends with a mark, or in JSON', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const path = join(dir, 'control.sock');
  await openDoor(t, desk, path);
  const { socket, told } = await client(t, path);
  socket.end(
    'mods add Eve a-long-password\nsay .dot\nban nobody\n{"command":"slow","fields":{"value":"5"}}\n{"oops"\nmods',
  );
  await once(socket, 'end');
  assert.deepEqual(told().split('\n'), [
    'Eve is a moderator.',
    '.',
    'Said as message 1.',
    '.',
    'Nobody here is “nobody”. Give a name, a #tag, an id or the number of a message.',
    '! person-unknown',
    ...told().split('\n').slice(6, 8),
    '',
  ]);
  const [slow, damaged] = told()
    .split('\n')
    .slice(6, 8)
    .map(line => JSON.parse(line));
  assert.deepEqual(
    [slow.ok, slow.data.slowModeS, damaged.ok, damaged.code],
    [true, 5, false, 'request-damaged'],
  );
});

test('a line of the answer that looks like its end is set apart', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const path = join(dir, 'control.sock');
  await openDoor(t, desk, path);
  desk.stream.setTitle('.\n! x');
  const { told } = await client(t, path, 'stats\n');
  await until('the end of the answer', () => /^\.$/m.test(told()));
  assert.match(told(), /^title: \.$\n^ ! x$/m);
});

test('what a killed server left is taken over; a second server, and what is no socket, is refused', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const path = join(dir, 'control.sock');
  const stale = createServer();
  stale.listen(path);
  await once(stale, 'listening');
  // A file without a listener, as after kill -9: Node would remove it with the server.
  const left = join(dir, 'left.sock');
  await link(path, left);
  await new Promise(resolve => stale.close(resolve));
  await rename(left, path);
  const door = await openDoor(t, desk, path);
  await assert.rejects(openDoor(t, desk, path), { code: 'control-socket-taken' });
  const { told } = await client(t, path, 'bans\n');
  await until('the first still answers', () => told().includes('Nobody is banned'));
  await door.close();
  await writeFile(path, 'not ours');
  await assert.rejects(openDoor(t, desk, path), { code: 'control-socket-taken' });
});

test('below a deep data folder the socket lies elsewhere, and is found from there', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const deep = join(dir, 'd'.repeat(100));
  await mkdir(deep);
  for (const round of ['first', 'after a kill -9']) {
    const place = await controlSocketPlace(deep);
    assert.notEqual(dirname(place.path), deep, round);
    assert.equal(await readlink(join(deep, 'control.sock')), place.path);
    await openDoor(t, desk, place.path);
    const { told } = await client(t, await findControlSocket(deep), 'mods\n');
    await until('an answer', () => told().includes('There is no moderator'));
    t.after(() => place.remove());
  }
  const last = await controlSocketPlace(deep);
  await last.remove();
  await assert.rejects(lstat(join(deep, 'control.sock')), { code: 'ENOENT' });
  assert.equal(await findControlSocket(dir), join(dir, 'control.sock'));
  await assert.rejects(controlSocketPlace(deep, deep), { code: 'control-socket-path-too-long' });
});

test('who does not read the events misses some and is told how many, and costs no memory', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const path = join(dir, 'control.sock');
  await openDoor(t, desk, path);
  const others = desk.room.events.size;
  const slow = await client(t, path);
  slow.socket.pause();
  slow.socket.write('events\n');
  const quick = await client(t, path, 'events\n');
  await until('both follow', () => desk.room.events.size >= others + 2);
  const told = 3000;
  const text = 'x'.repeat(500);
  for (let round = 0; round < told; round++) {
    desk.room.append({
      author: { personId: 'p', tag: '#abcd', name: 'P', colour: '#fff', tripcode: undefined, role: 'viewer' },
      text,
      replyTo: undefined,
      nonce: undefined,
    });
    if (round % 100 === 0) await new Promise(setImmediate);
  }
  const numbers = (of: { told: () => string }) =>
    of
      .told()
      .split('\n')
      .filter(line => line.includes('"message"')).length;
  await until('the quick one has all', () => numbers(quick) === told);
  slow.socket.resume();
  const count = () => Number(/"type":"missed","count":(\d+)/.exec(slow.told())?.[1] ?? 0);
  await until('the slow one is told', () => count() > 0);
  assert.ok(count() > 1000, `${count()} missed`);
  assert.equal(numbers(slow) + count(), told);
});

test('a line without an end, and more lines than anyone types, end the connection', async t => {
  const dir = await newDir(t);
  await using desk = await moderationForTest({ dataDir: dir });
  const path = join(dir, 'control.sock');
  await openDoor(t, desk, path);
  for (const said of ['x'.repeat(400_000), 'mods\n'.repeat(5000)]) {
    const { socket } = await client(t, path, said);
    await until('the connection ends', () => socket.closed);
  }
  const { told } = await client(t, path, 'mods\n');
  await until('others are served', () => told().includes('There is no moderator'));
});
