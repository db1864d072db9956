import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { hasPowModule, needTor } from '../../app/tor/find-tor.ts';

const examples = new URL('../../hidden_service.example/', import.meta.url);

for (const name of ['torrc.unix', 'torrc.tcp']) {
  test(`tor takes the example ${name}, and each of its options is explained`, async () => {
    const text = await readFile(new URL(name, examples), 'utf8');
    for (const paragraph of text.trim().split('\n\n')) assert.match(paragraph, /^#/, paragraph);
    const folder = await mkdtemp(join(tmpdir(), 'example-'));
    try {
      const tor = await needTor('tor');
      const withoutPow = (await hasPowModule(tor)) ? text : text.replace(/^HiddenServicePoW.*$/m, '');
      const torrc = join(folder, 'torrc');
      await writeFile(torrc, withoutPow.replace('/var/lib/tor', folder));
      const args = [
        '--verify-config',
        '--defaults-torrc',
        '/dev/null',
        '-f',
        torrc,
        '--DataDirectory',
        folder,
      ];
      const { stdout } = await promisify(execFile)(tor, args, { timeout: 30_000 });
      assert.match(stdout, /Configuration was valid/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
