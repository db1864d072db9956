import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Mark, marked, newMark, untilNoneMarked } from '../kit/processes.ts';
import { copyProject } from '../kit/project-copy.ts';
import { until } from '../kit/until.ts';

/** A deadline for what takes a second on an idle machine. */
const slowMs = 30_000;

/** A script of the clone that runs, with what it printed so far. */
type Running = {
  child: ChildProcess;
  mark: Mark;
  lines: string[];
  stderr: () => string;
  firstLine: Promise<string>;
};

describe('a new clone, in a folder with spaces, called by a link from elsewhere, with an old Node', () => {
  let dir: string;
  let clone: string;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'live-')));
    clone = join(dir, 'a new clone');
    await copyProject(clone);
    await mkdir(join(dir, 'bin'));
    for (const name of ['live', 'start', 'stream']) {
      await symlink(join(clone, 'scripts', name), join(dir, 'bin', name));
    }
    // Old in name only: npm runs on it before the new one is there.
    const oldNode = `#!/bin/sh\n[ "$*" = --version ] && echo v20.20.2 && exit\nexec '${process.execPath}' "$@"\n`;
    await writeFile(join(dir, 'bin/node'), oldNode);
    await chmod(join(dir, 'bin/node'), 0o755);
    environment = {
      ...process.env,
      PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
      DISPLAY: undefined,
      // Whoever runs this test has just fetched the same packages: not to be asked for again, one by one.
      npm_config_prefer_offline: 'true',
    };
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const run = (
    t: TestContext | undefined,
    name: string,
    args: readonly string[],
    stdin: 'ignore' | ReadStream = 'ignore',
  ): Running => {
    const mark = newMark();
    const child = spawn(join(dir, 'bin', name), args, {
      cwd: tmpdir(),
      env: { ...environment, ...mark.env },
      stdio: [stdin, 'pipe', 'pipe'],
      // No terminal: nothing may ask.
      detached: true,
    });
    t?.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk;
    });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on('line', line => lines.push(line));
    const ended = once(child, 'close').then(() => Promise.reject(new Error(`${name} ended: ${stderr}`)));
    const firstLine = Promise.race([once(reader, 'line').then(([line]) => String(line)), ended]);
    firstLine.catch(() => {});
    ended.catch(() => {});
    return { child, mark, lines, stderr: () => stderr, firstLine };
  };

  const goLive = async (t: TestContext) => {
    const running = run(t, 'live', ['--yes', '--port', '0', '--no-tor', '--source', 'test', '--json']);
    const { url } = JSON.parse(await running.firstLine);
    await until(`the picture at ${url}`, async () => (await statusOf(`${url}stream.m3u8`)) === 200, slowMs);
    return { ...running, url: String(url) };
  };

  test('scripts/live fetches Node and the packages, serves a live picture, and Ctrl-C leaves no process', async t => {
    const { child, mark, stderr, url } = await goLive(t);
    assert.match(stderr(), /^Fetching Node .*\n(.*\n)*Fetching the npm packages/);
    const node = await readlink(`/proc/${child.pid}/exe`);
    assert.ok(node.startsWith(join(clone, '.tools/node/node_modules/')), node);
    assert.equal(await statusOf(url), 200);
    const closed = once(child, 'close');
    child.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
    await untilNoneMarked(mark);
  });

  test('a second run fetches nothing, and a kill -9 of it leaves no process either', async t => {
    const { child, mark, stderr, firstLine } = run(t, 'live', [
      '--port',
      '0',
      '--no-tor',
      '--source',
      'test',
      '--json',
    ]);
    await firstLine;
    assert.doesNotMatch(stderr(), /Fetching/);
    child.kill('SIGKILL');
    await untilNoneMarked(mark, 15_000);
  });

  test('without --json it says in words where the stream is and how to stop it', async t => {
    const { child, mark, lines } = run(t, 'live', ['--port', '0', '--no-tor', '--source', 'test']);
    await until('how to stop it', () => lines.some(line => line.includes('Ctrl-C')), slowMs);
    assert.match(lines.join('\n'), /On this machine only +http:\/\/127\.0\.0\.1:\d+\/\n/);
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
    await untilNoneMarked(mark);
  });

  test('what is piped in is streamed, also where it is to be paced', async t => {
    const clip = join(dir, 'clip.mkv');
    const encoding = ['-t', '20', '-c:v', 'libx264', '-preset', 'ultrafast', clip];
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=20',
      ...encoding,
    ]);
    const file = createReadStream(clip);
    t.after(() => file.destroy());
    await once(file, 'open');
    const args = ['--port', '0', '--no-tor', '--source', 'pipe:paced', '--json'];
    const { child, mark, firstLine } = run(t, 'live', args, file);
    const { url } = JSON.parse(await firstLine);
    const closed = once(child, 'close');
    await until('the picture', async () => (await statusOf(`${url}stream.m3u8`)) === 200, slowMs);
    child.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
    await untilNoneMarked(mark);
  });

  test('either half that is killed comes back by itself, the server at its old address', async t => {
    const { child, mark, stderr, url } = await goLive(t);
    for (const [half, sentence] of [
      ['start.ts', 'The server was killed by SIGKILL; starting it again'],
      ['stream.ts', 'The stream was killed by SIGKILL; starting it again'],
    ] as const) {
      const victim = (await marked(mark)).find(({ command }) => command.includes(half));
      assert.ok(victim, half);
      process.kill(victim.pid, 'SIGKILL');
      await until(sentence, () => stderr().includes(sentence), slowMs);
      await until(
        `${half} again`,
        async () => (await marked(mark)).some(it => it.command.includes(half)),
        slowMs,
      );
      await until('the picture again', async () => (await statusOf(`${url}stream.m3u8`)) === 200, slowMs);
    }
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
    await untilNoneMarked(mark);
  });

  test('a source that can’t be read ends the whole with an error and one clear sentence', async t => {
    const running = run(t, 'live', ['--port', '0', '--no-tor', '--source', 'file:/nowhere/clip.mp4']);
    const [code] = await once(running.child, 'close');
    assert.notEqual(code, 0);
    assert.match(running.stderr(), /\/nowhere\/clip\.mp4/);
    await untilNoneMarked(running.mark);
  });

  test('a port that is taken ends the whole with an error and one clear sentence', async t => {
    const first = run(t, 'start', ['--port', '0', '--no-tor', '--json', '--data', join(dir, 'data')]);
    const { port } = new URL(JSON.parse(await first.firstLine).url);
    const second = run(t, 'live', ['--port', port, '--no-tor', '--source', 'test']);
    const [code] = await once(second.child, 'close');
    assert.notEqual(code, 0);
    assert.match(second.stderr(), new RegExp(port));
    await untilNoneMarked(second.mark);
    const closed = once(first.child, 'close');
    first.child.kill('SIGTERM');
    await closed;
    await untilNoneMarked(first.mark);
  });

  for (const name of ['live', 'start', 'stream']) {
    test(`scripts/${name} tells its flags with --help, and refuses one it does not know with code 2`, async t => {
      const help = run(t, name, ['--help']);
      const [said, [code]] = await Promise.all([help.firstLine, once(help.child, 'close')]);
      assert.deepEqual([said, code], [`Usage: scripts/${name} [flags]`, 0]);
      const unknown = run(t, name, ['--no-tor', '--colour', 'red']);
      const [unknownCode] = await once(unknown.child, 'close');
      assert.equal(unknownCode, 2);
      assert.match(unknown.stderr(), /--colour|--no-tor/);
    });
  }
});

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status ?? 0;
}
