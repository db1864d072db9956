import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadSecret, subkey } from '../../app/people/secret.ts';

async function dataDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'people-secret-'));
  t.after(() => rm(dir, { recursive: true }));
  return join(dir, 'data');
}

test('the first start makes a secret that only we can read, and later starts keep it', async t => {
  const dir = await dataDir(t);
  const secret = await loadSecret(dir);
  assert.equal(secret.length, 32);
  assert.deepEqual(await loadSecret(dir), secret);
  assert.equal((await stat(join(dir, 'secret'))).mode & 0o777, 0o600);
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(dir), ['secret']);
});

test('another site has another secret', async t => {
  assert.notDeepEqual(await loadSecret(await dataDir(t)), await loadSecret(await dataDir(t)));
});

test('two processes that start at once agree on one secret', async t => {
  const dir = await dataDir(t);
  const secrets = await Promise.all(Array.from({ length: 8 }, () => loadSecret(dir)));
  for (const secret of secrets) assert.deepEqual(secret, secrets[0]);
  assert.deepEqual(await readdir(dir), ['secret']);
});

test('a secret that others could read is closed to them', async t => {
  const dir = await dataDir(t);
  const secret = await loadSecret(dir);
  await chmod(join(dir, 'secret'), 0o644);
  assert.deepEqual(await loadSecret(dir), secret);
  assert.equal((await stat(join(dir, 'secret'))).mode & 0o777, 0o600);
});

test('a damaged secret is neither used nor replaced', async t => {
  const dir = await dataDir(t);
  await loadSecret(dir);
  await writeFile(join(dir, 'secret'), 'short');
  await assert.rejects(loadSecret(dir), { code: 'secret-damaged', message: /5 bytes instead of 32/ });
  assert.equal((await stat(join(dir, 'secret'))).size, 5);
});

test('each purpose and each site has a key of its own, the same at every start', () => {
  const secret = Buffer.alloc(32, 1);
  const keys = (['person', 'tripcode', 'session', 'csrf'] as const).flatMap(purpose => [
    subkey(secret, purpose).toString('hex'),
    subkey(Buffer.alloc(32, 2), purpose).toString('hex'),
  ]);
  assert.equal(new Set(keys).size, 8);
  assert.ok(keys.every(key => key.length === 64));
  assert.deepEqual(subkey(secret, 'person'), subkey(secret, 'person'));
});
