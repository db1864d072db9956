import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { findControlSocket } from '../../app/control/socket-path.ts';
import { ctl, followEvents } from '../kit/ctl.ts';
import { StreamsDir } from '../kit/launcher.ts';
import { marked, newMark, untilNoneMarked } from '../kit/processes.ts';
import { until } from '../kit/until.ts';

const slowMs = 30_000;

/** `scripts/live` or `scripts/start` without its set-up, on a free port, in folders of its own. */
async function serve(t: TestContext, script: 'live' | 'start', more: readonly string[]) {
  const home = await mkdtemp(join(tmpdir(), 'end-'));
  const streams = await StreamsDir.make();
  const dataDir = join(home, 'data');
  await writeFile(join(home, 'config.json'), '{}');
  const mark = newMark();
  const program = resolve(import.meta.dirname, `../../app/cli/${script}.ts`);
  const places = ['--config', join(home, 'config.json'), '--data', dataDir, '--streams', streams.dir];
  const child = spawn(process.execPath, [program, '--json', '--port', '0', '--no-tor', ...places, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...mark.env },
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await untilNoneMarked(mark, 15_000);
    await streams[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  const troubles: string[] = [];
  createInterface({ input: child.stderr }).on('line', line => troubles.push(line));
  const [first] = await once(reader, 'line');
  const { url } = JSON.parse(String(first));
  const state = async (): Promise<string> => {
    const { stdout } = await ctl(['--data', dataDir, '--json', 'stats']);
    return JSON.parse(stdout).data.state;
  };
  return {
    child,
    lines,
    troubles,
    mark,
    streams,
    dataDir,
    page: async () => (await fetch(String(url))).text(),
    end: () => ctl(['--data', dataDir, 'end-stream']),
    untilState: (wanted: string) => until(wanted, async () => (await state()) === wanted, slowMs),
  };
}

test('end-stream under scripts/live ends the stream for good, the server says so, and scripts/stream begins again', async t => {
  const live = await serve(t, 'live', ['--source', 'test']);
  const { child, mark, streams } = live;
  await live.untilState('live');
  await using events = followEvents(['--data', live.dataDir]);
  await until('how it stands', () => events.lines.some(line => line.includes('"live"')), slowMs);
  const { code, stdout } = await live.end();
  assert.equal(code, 0);
  assert.match(stdout, /begin again, run scripts\/stream/);
  await live.untilState('ended');
  assert.match(await live.page(), /The stream has ended/);
  const isTold = () => live.lines.some(line => /has ended; the server goes on/.test(line));
  await until('that the server goes on', isTold, slowMs);
  assert.ok(events.lines.includes('{"type":"state","state":"ended"}'), events.lines.join('\n'));
  const left = (await marked(mark)).map(({ command }) => command);
  assert.ok(!left.some(command => /stream\.ts|ffmpeg/.test(command)), left.join('\n'));
  assert.match((await live.end()).stdout, /No encoder/);

  const launcher = streams.launch(['--source', 'test']);
  await live.untilState('live');
  launcher.kill('SIGINT');
  await launcher.ended;
  const closed = once(child, 'close');
  child.kill('SIGINT');
  assert.deepEqual(await closed, [0, null]);
});

test('end-stream ends the scripts/stream that runs beside scripts/start', async t => {
  const start = await serve(t, 'start', []);
  const launcher = start.streams.launch(['--source', 'test']);
  await start.untilState('live');
  assert.equal((await start.end()).code, 0);
  const { exitCode, stdout, stderr } = await launcher.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /The stream has ended/);
  await start.untilState('ended');
  assert.match(await start.page(), /The stream has ended/);
});

test('end-stream holds, too, while scripts/live waits to start a stream again that has crashed', async t => {
  const live = await serve(t, 'live', ['--source', 'test']);
  const launcher = async () => (await marked(live.mark)).find(({ command }) => command.includes('stream.ts'));
  // Each crash doubles the wait before the next start.
  for (let crash = 1; crash <= 3; crash++) {
    // What a stream that was on leaves behind must not be waited for.
    if (crash === 3) await live.untilState('live');
    const { pid } = await until('the launcher', launcher, slowMs);
    process.kill(pid, 'SIGKILL');
    const isTold = () => live.troubles.filter(line => line.includes('starting it again')).length === crash;
    await until('that it has crashed', isTold, slowMs);
  }
  const terminal = connect(await findControlSocket(live.dataDir));
  terminal.end('end-stream\n');
  await until(
    'that the server goes on',
    () => live.lines.some(line => line.includes('the server goes on')),
    slowMs,
  );
  assert.equal(await launcher(), undefined);
  await live.untilState('ended');
  const closed = once(live.child, 'close');
  live.child.kill('SIGINT');
  assert.deepEqual(await closed, [0, null]);
});
