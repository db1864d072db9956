import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectDir } from '../kit/project-copy.ts';

test('a test file that leaves something open fails instead of holding up the others', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'ends-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = (name: string, left: string) =>
    writeFile(
      join(dir, name),
      `import { test } from 'node:test'; import { createServer } from 'node:net';
       test('passes', () => { ${left} });`,
    );
  await file('a.test.mjs', 'createServer().listen(0)');
  await file('b.test.mjs', '');
  const preload = pathToFileURL(join(projectDir, 'tests/kit/ends.ts')).href;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=spec', '--import', preload, 'a.test.mjs', 'b.test.mjs'],
    { cwd: dir, env, encoding: 'utf8', timeout: 30_000 },
  );
  assert.equal(status, 1);
  assert.match(stdout, /goes on after its tests, with open: .*TCPServerWrap/);
  assert.match(stdout, /pass 2\n.*fail 1\n/);
});
