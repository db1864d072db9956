import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { messageFromRow } from '../../app/chat/message.ts';
import { Failure } from '../../app/lib/failure.ts';
import { steps } from '../../app/store/schema.ts';
import { openStore } from '../../app/store/store.ts';
import { createChat, said } from '../kit/chat.ts';

async function newPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'data', 'chat.db');
}

function openClosing(t: TestContext, path: string) {
  const store = openStore({ kind: 'sqlite', path });
  t.after(() => store.close());
  return store;
}

/** What `openStore` throws, which must name the file. */
function refusal(path: string): string {
  try {
    openStore({ kind: 'sqlite', path }).close();
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    assert.ok(error.message.includes(path), error.message);
    return error.code;
  }
  return assert.fail('it was opened');
}

test('the file and its log are for the owner only, in a folder for the owner only', async t => {
  const path = await newPath(t);
  const store = openClosing(t, path);
  store.settings.set('a', '1');
  const mode = (name: string) => (statSync(name).mode & 0o777).toString(8);
  assert.equal(mode(join(path, '..')), '700');
  assert.equal(mode(path), '600');
  assert.equal(mode(`${path}-wal`), '600');
});

test('a file with wider rights is narrowed, a folder that was there is left alone', async t => {
  const path = await newPath(t);
  await mkdir(join(path, '..'), { mode: 0o755 });
  openStore({ kind: 'sqlite', path }).close();
  await chmod(path, 0o644);
  openStore({ kind: 'sqlite', path }).close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o755);
});

test('everything is there after closing and opening, and closing leaves one file', async t => {
  const path = await newPath(t);
  const first = createChat({ store: openStore({ kind: 'sqlite', path }) });
  first.room.append(said('hello'));
  const before = first.room.recent();
  first.store.close();
  first.store.close();
  assert.equal(existsSync(`${path}-wal`), false);
  const second = openClosing(t, path);
  assert.deepEqual(second.messages.recent(9, false).map(messageFromRow), before);
});

test('a file of a newer version, of another program, or that is no database is left as it is', async t => {
  const path = await newPath(t);
  openStore({ kind: 'sqlite', path }).close();
  const change = (sql: string, file = path) => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  const unchanged = (file: string, code: string) => {
    const before = readFileSync(file);
    assert.equal(refusal(file), code);
    assert.ok(readFileSync(file).equals(before));
  };
  change(`PRAGMA user_version = ${steps.length + 1}`);
  unchanged(path, 'store-newer');

  const foreign = join(path, '..', 'foreign.db');
  change('CREATE TABLE theirs (a)', foreign);
  unchanged(foreign, 'store-foreign');

  const noise = join(path, '..', 'noise.db');
  writeFileSync(noise, 'This is a text file, and long enough to be looked at.'.repeat(100));
  unchanged(noise, 'store-corrupt');
});

test('a damaged file is recognised when it is opened', async t => {
  const path = await newPath(t);
  const chat = createChat({ store: openStore({ kind: 'sqlite', path }) });
  for (let index = 0; index < 500; index++) chat.room.append(said(`message ${index} ${'x'.repeat(200)}`));
  chat.store.close();
  const bytes = await readFile(path);
  bytes.fill(0x5a, 8192, bytes.length - 4096);
  writeFileSync(path, bytes);
  assert.equal(refusal(path), 'store-corrupt');
});

test('a path that can’t be a file is refused', async t => {
  const path = await newPath(t);
  await mkdir(path, { recursive: true });
  assert.equal(refusal(path), 'store-unopenable');
  const file = join(path, '..', 'file');
  writeFileSync(file, '');
  assert.equal(refusal(join(file, 'chat.db')), 'store-unopenable');
});

test('two processes never have one file', async t => {
  const path = await newPath(t);
  const store = openClosing(t, path);
  store.settings.set('a', '1');
  const code = `
    import { openStore } from ${JSON.stringify(import.meta.resolve('../../app/store/store.ts'))};
    try { openStore({ kind: 'sqlite', path: process.argv[1] }); console.log('opened'); }
    catch (error) { console.log(error.code); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code, path], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(stdout.trim(), 'store-in-use');
  store.settings.set('a', '2');
  assert.equal(store.settings.get('a'), '2');
});

test('an empty file gets the tables, and each step is done once', async t => {
  const path = await newPath(t);
  await mkdir(join(path, '..'));
  writeFileSync(path, '');
  openStore({ kind: 'sqlite', path }).close();
  openStore({ kind: 'sqlite', path }).close();
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  assert.deepEqual({ ...database.prepare('PRAGMA user_version').get() }, { user_version: steps.length });
});

test('what was purged or cleared is not left anywhere in the files', async t => {
  const path = await newPath(t);
  const chat = createChat({ store: openClosing(t, path) });
  const inFiles = (text: string) =>
    [path, `${path}-wal`].some(name => existsSync(name) && readFileSync(name).includes(text));
  for (let index = 0; index < 50; index++) chat.room.append(said(`the purged secret ${'x'.repeat(400)}`));
  assert.equal(inFiles('purged secret'), true);
  chat.room.purge(said('').author.personId);
  assert.equal(inFiles('purged secret'), false);
  for (let index = 0; index < 50; index++) chat.room.append(said('the cleared secret'));
  assert.equal(inFiles('cleared secret'), true);
  chat.room.clear();
  assert.equal(inFiles('cleared secret'), false);
});

test('however much is written, the file and its log stay small', async t => {
  const path = await newPath(t);
  const chat = createChat({ store: openClosing(t, path), config: { stored: 256 } });
  const sizes: number[] = [];
  for (let index = 1; index <= 3000; index++) {
    chat.room.append(said(`${index} ${'x'.repeat(300)}`));
    chat.store.persons.prune({ seenBeforeMs: 0, maxRows: 10 });
    assert.ok(statSync(`${path}-wal`).size < 2 * 1024 * 1024);
    if (index % 1000 === 0) sizes.push(statSync(path).size);
  }
  assert.ok(Math.max(...sizes) < 512 * 1024, sizes.join());
});
