import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeFolder } from '../../app/lib/folder.ts';

it('A folder is made for its owner alone, and told with its flag when it can’t be', async () => {
  const home = await mkdtemp(join(tmpdir(), 'folder-'));
  try {
    await makeFolder(join(home, 'a/b'), '--data');
    assert.equal((await stat(join(home, 'a/b'))).mode & 0o777, 0o700);
    await assert.rejects(makeFolder('/dev/null/b', '--streams'), {
      code: 'folder-unusable',
      message: /^The folder \/dev\/null\/b can't be made: .*\. Name another with --streams\.$/,
    });
  } finally {
    await rm(home, { recursive: true });
  }
});
