import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../app/lib/log.ts';
import { BroadcasterFile } from '../../app/moderation/broadcaster-file.ts';
import { Passwords } from '../../app/moderation/password.ts';
import { ctl } from '../kit/ctl.ts';
import { FormVisitor } from '../kit/form-visitor.ts';
import { until } from '../kit/until.ts';

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
  /** Starts it and leaves it running; `password`: only when this start has made it. */
  const serve = async () => {
    const child = launch(['--port', '0', '--no-tor', '--json']);
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, broadcaster } = JSON.parse(String(line));
    return { child, url: String(url), password: broadcaster.password };
  };
  const configure = (config: object) => writeFile(join(home, 'config.json'), JSON.stringify(config));
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
    const { file } = await BroadcasterFile.open(dataDir, {
      configured: undefined,
      passwords,
      now: Date.now,
      log: silentLog,
    });
    return await passwords.check(password, file.passwordHash);
  };
  return { home, dataDir, firstLines, serve, configure, setPassword, fits };
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

test('a log-in outlives kill -9 and a restart, and ends with a new password, also set while the server runs', async t => {
  const { serve, setPassword } = await machine(t);
  const first = await serve();
  const door = { url: first.url, socket: undefined };
  using owner = new FormVisitor(door, 1);
  const logIn = async (password: string) => {
    await owner.get('/broadcaster');
    return (await owner.post('/broadcaster/login', { username: 'broadcaster', password })).status;
  };
  const isIn = async () => (await owner.get('/broadcaster')).html.includes('/broadcaster/logout');
  assert.equal(await logIn(first.password), 303);
  assert.ok(await isIn());
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await serve();
  assert.equal(second.password, null);
  door.url = second.url;
  assert.ok(await isIn());
  assert.deepEqual(await setPassword('a new password\n'), {
    code: 0,
    told: 'The broadcaster has a new password.\n',
  });
  await until('the log-in has ended', async () => !(await isIn()));
  assert.equal(await logIn(first.password), 403);
  assert.equal(await logIn('a new password'), 303);
  assert.ok(await isIn());
});

test('the password of config.json holds from the start that finds it there, and the file changes it', async t => {
  const { serve, configure, dataDir } = await machine(t);
  await configure({ people: { broadcasterPassword: 'written by hand' } });
  const first = await serve();
  assert.equal(first.password, null, 'whoever wrote it knows it');
  const kept = await readFile(join(dataDir, 'broadcaster.json'), 'utf8');
  assert.ok(!kept.includes('written by hand') && /"scrypt\$/.test(kept));
  assert.equal((await stat(join(dataDir, 'broadcaster.json'))).mode & 0o777, 0o600);
  const statusOf = async (url: string, password: string) => {
    using visitor = new FormVisitor({ url, socket: undefined }, 1);
    await visitor.get('/broadcaster');
    return (await visitor.post('/broadcaster/login', { username: 'broadcaster', password })).status;
  };
  assert.equal(await statusOf(first.url, 'written by hand'), 303);
  await configure({ people: { broadcasterPassword: 'another one here' }, chat: { maxLines: 3 } });
  const { stdout } = await ctl(['--data', dataDir, '--json', 'config', 'reload']);
  assert.deepEqual(JSON.parse(stdout).data, {
    applied: ['chat.maxLines'],
    needRestart: ['people.broadcasterPassword'],
  });
  first.child.kill('SIGTERM');
  await once(first.child, 'exit');
  const second = await serve();
  assert.equal(await statusOf(second.url, 'written by hand'), 403);
  assert.equal(await statusOf(second.url, 'another one here'), 303);
});

test('a title that was set is in title.txt, also when the server is killed at once', async t => {
  const { serve, home, dataDir } = await machine(t);
  const { child } = await serve();
  assert.equal((await ctl(['--data', dataDir, 'title', 'Here to stay'])).code, 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await readFile(join(home, 'title.txt'), 'utf8'), 'Here to stay\n');
});
