import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { torConfig } from '../../app/tor/config.ts';
import { findTor, hasPowModule, needTor } from '../../app/tor/find-tor.ts';
import { TorWarnings } from '../../app/tor/tor-log.ts';
import { torPaths, torrcOf } from '../../app/tor/torrc.ts';

test('tor itself reads our torrc, whatever characters the data folder is named with', async () => {
  const base = await mkdtemp(join(tmpdir(), 'torrc-'));
  try {
    const tor = await needTor('tor');
    for (const name of [
      'plain',
      'with space',
      'a#b',
      'quo"te',
      "it's",
      'back\\slash',
      'é 日本',
      '%d',
      'new\nline',
    ]) {
      const { dataDirectory, hiddenServiceDir, torDir, torrc } = torPaths(join(base, name));
      await mkdir(torDir, { recursive: true });
      const text = torrcOf({
        dataDirectory,
        hiddenServiceDir,
        socketPath: join(torDir, 'onion.sock'),
        virtualPort: 80,
        maxStreams: 12,
        powDefenses: await hasPowModule(tor),
        extraLines: ['HiddenServiceMaxStreamsCloseCircuit 0'],
      });
      await writeFile(torrc, text);
      const args = ['--verify-config', '--defaults-torrc', '/dev/null', '-f', torrc];
      const { stdout } = await promisify(execFile)(tor, args, { timeout: 30_000 });
      assert.match(stdout, /Configuration was valid/, name);
      const dumped = await promisify(execFile)(tor, ['--dump-config', 'short', ...args.slice(1)], {
        timeout: 30_000,
      });
      // Other names tor prints escaped.
      if (/^[\w ']+$/.test(name))
        assert.ok(dumped.stdout.includes(`HiddenServiceDir ${hiddenServiceDir}\n`), name);
    }
  } finally {
    await rm(base, { recursive: true });
  }
});

test('the config has a default for everything', () => {
  assert.deepEqual(torConfig.parse(undefined), {
    enabled: true,
    binary: 'tor',
    virtualPort: 80,
    powDefenses: true,
    maxStreams: 0,
    torrcLines: [],
    systemSocket: '',
  });
});

test('extra lines may be anything of tor that we do not set', () => {
  const torrcLines = [
    'UseBridges 1',
    'Bridge obfs4 192.0.2.1:443 cert=abc iat-mode=0',
    'HiddenServiceEnableIntroDoSDefense 1',
    'HiddenServiceMaxStreamsCloseCircuit 1',
    'TestingTorNetwork 1',
    'ControlPort 9051',
    'Log info file /var/log/tor.log',
    '__DisablePredictedCircuits 1',
  ];
  assert.deepEqual(torConfig.parse({ torrcLines }).torrcLines, torrcLines);
});

for (const line of [
  'HiddenServiceDir /elsewhere',
  'hiddenserviceport 80 127.0.0.1:8080',
  '  SocksPort 9050',
  '+SocksPort 9050',
  '/SocksPort',
  'SOCKSPORT\t9050',
  'SocksPor 9050',
  'DataDir /elsewhere',
  'HiddenServiceExportCircuitID none',
  '__OwningControllerFD 4',
  'RunAsDaemon 1',
  'User nobody',
  'UseBridges 1\nSocksPort 9050',
  'UseBridges 1 \\',
  '%include /etc/tor/torrc',
  '# a comment',
  '',
]) {
  test(`the extra line ${JSON.stringify(line)} is refused`, () => {
    const parsed = torConfig.safeParse({ torrcLines: ['UseBridges 1', line] });
    assert.deepEqual(
      parsed.error?.issues.map(issue => issue.path),
      [['torrcLines', 1]],
    );
  });
}

test('a missing tor is said with the next step; one outside the PATH is found', async () => {
  await assert.rejects(needTor('no-such-tor'), { code: 'tor-missing', message: /apt install tor/ });
  await assert.rejects(needTor('/no/such/tor'), { code: 'tor-missing', message: /"\/no\/such\/tor"/ });
  const tor = await needTor('tor');
  assert.equal(await findTor(tor, ''), tor);
  assert.equal(await findTor('sh', '/nowhere:/bin'), '/bin/sh');
  assert.equal(await findTor('passwd', '/etc'), undefined);
});

test('a program that is no tor has no proof-of-work module', async () => {
  assert.equal(await hasPowModule('/bin/true'), false);
  assert.equal(await hasPowModule('/bin/false'), false);
});

test('what tor repeats is told once, and its last words are kept', () => {
  const warnings = new TorWarnings();
  const stuck = (count: number) =>
    `Nov 20 06:03:02.000 [warn] Problem bootstrapping. Stuck at 5% (conn): Connecting. (NOROUTE; count ${count}; host ${'AB'.repeat(20)} at 192.0.2.${count}:443)`;
  assert.match(warnings.take(stuck(1)) ?? '', /^Problem bootstrapping/);
  assert.equal(warnings.take(stuck(2)), undefined);
  assert.equal(warnings.take('Nov 20 06:03:02.000 [notice] Bootstrapped 10%'), undefined);
  assert.equal(warnings.take('not a line of the log'), undefined);
  assert.equal(warnings.take("Nov  1 06:03:02.000 [err] Can't go on."), "Can't go on.");
  assert.match(warnings.lastWords, /^Problem bootstrapping.* Can't go on\.$/);
});
