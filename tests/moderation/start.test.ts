import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { BroadcasterFile } from '../../app/moderation/broadcaster-file.ts';
import { Passwords } from '../../app/moderation/password.ts';

const startScript = resolve(import.meta.dirname, '../../app/cli/start.ts');

/** `scripts/start` without its set-up, in a folder of its own. */
async function machine(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'start-'));
  t.after(() => rm(home, { recursive: true }));
  await writeFile(join(home, 'config.json'), '{}');
  const dataDir = join(home, 'data');
  const places = [
    '--config',
    join(home, 'config.json'),
    '--data',
    dataDir,
    '--streams',
    join(home, 'streams'),
  ];
  const launch = (args: readonly string[]) => {
    const child = spawn(process.execPath, [startScript, ...places, ...args], { stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  /** Its first lines on stdout, until `count` are there; then it is stopped. */
  const firstLines = async (count: number, args: readonly string[]): Promise<string[]> => {
    const child = launch(['--port', '0', '--no-tor', ...args]);
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === count) child.kill('SIGTERM');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.exitCode, 0);
    return lines;
  };
  /** `--set-password`, with this on stdin. */
  const setPassword = async (input: string) => {
    const child = launch(['--set-password']);
    let told = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
    }
    child.stdin.end(input);
    await once(child, 'close');
    return { code: child.exitCode, told };
  };
  const fits = async (password: string): Promise<boolean> => {
    const passwords = new Passwords();
    const { file } = await BroadcasterFile.open(dataDir, { configured: undefined, passwords, now: Date.now });
    return await passwords.check(password, file.passwordHash);
  };
  return { firstLines, setPassword, fits };
}

test('the first start tells the password that it made, later ones how to set another', async t => {
  const { firstLines, setPassword, fits } = await machine(t);
  const [first = ''] = await firstLines(1, ['--json']);
  const { username, password } = JSON.parse(first).broadcaster;
  assert.equal(username, 'broadcaster');
  assert.ok(await fits(password));
  const lines = await firstLines(4, []);
  assert.ok(!lines.join('\n').includes(password));
  assert.match(
    lines.join('\n'),
    /Broadcaster's page: +http:.*\/broadcaster\n.*scripts\/start --set-password/,
  );
  assert.deepEqual(await setPassword('short\n'), {
    code: 1,
    told: 'The password has 5 characters; take at least 10.\n',
  });
  assert.deepEqual(await setPassword('a new password\n'), {
    code: 0,
    told: 'The broadcaster has a new password.\n',
  });
  assert.ok((await fits('a new password')) && !(await fits(password)));
});
