import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { type SuperviseConfig, type Supervised, supervise } from '../../app/cli/supervise.ts';
import { marked, newMark, untilNoneMarked } from '../kit/processes.ts';
import { projectDir } from '../kit/project-copy.ts';

const config: SuperviseConfig = {
  backoff: { firstMs: 20, maxMs: 40 },
  graceMs: 300,
  steadyMs: 60_000,
};

/** A child that runs `code`, and what is heard of it. */
function childOf(code: string, more: Partial<Supervised> = {}) {
  const lines: string[] = [];
  const crashes: string[] = [];
  const child: Supervised = {
    name: 'The child',
    argv: () => ['-e', code],
    onLine: (line, from) => lines.push(`${from} ${line}`),
    readsInput: false,
    hasWorked: () => true,
    onCrash: sentence => crashes.push(sentence),
    ...more,
  };
  return { child, lines, crashes };
}

function signals() {
  const [stop, kill] = [new AbortController(), new AbortController()];
  return { stop, kill, both: { stop: stop.signal, kill: kill.signal } };
}

test('a child that ends by itself is not started again, and its lines are handed on', async () => {
  const { child, lines, crashes } = childOf(`console.log('out'); console.error('err')`);
  assert.equal(await supervise(child, config, signals().both), 0);
  assert.deepEqual([lines.sort(), crashes], [['stderr err', 'stdout out'], []]);
});

test('a child that fails before it has worked is final, and its exit code is handed on', async () => {
  const { child, crashes } = childOf('process.exit(7)', { hasWorked: () => false });
  assert.equal(await supervise(child, config, signals().both), 7);
  assert.deepEqual(crashes, []);
});

test('a child that has worked is started again after a crash, each time later', async () => {
  const { stop, both } = signals();
  const { child, crashes } = childOf(`process.kill(process.pid, 'SIGKILL')`);
  const onCrash = (sentence: string) => {
    crashes.push(sentence);
    if (crashes.length === 3) stop.abort();
  };
  assert.equal(await supervise({ ...child, onCrash }, config, both), 0);
  assert.deepEqual(crashes, [
    'The child was killed by SIGKILL; starting it again in 0.02 s.',
    'The child was killed by SIGKILL; starting it again in 0.04 s.',
    'The child was killed by SIGKILL; starting it again in 0.04 s.',
  ]);
});

test('a stop asks the child to end and waits for it', async () => {
  const { stop, both } = signals();
  const { child, lines } = childOf(
    `process.on('SIGTERM', () => setTimeout(() => { console.log('bye'); process.exit(0) }, 50));
     setInterval(() => {}, 1000); console.log('up')`,
  );
  const onLine: Supervised['onLine'] = (line, from) => {
    child.onLine?.(line, from);
    if (line === 'up') stop.abort();
  };
  assert.equal(await supervise({ ...child, onLine }, config, both), 0);
  assert.deepEqual(lines, ['stdout up', 'stdout bye']);
});

/** Ignores SIGTERM, and so does the child of its own that it starts first. */
const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
  if (!process.env.INNER) require('node:child_process').spawn(process.execPath, ['-e', process.env.CODE],
    { env: { ...process.env, INNER: '1' }, stdio: 'inherit' });
  else console.log('up');`;

for (const hasSecondSignal of [false, true]) {
  const when = hasSecondSignal ? 'at once on a second signal' : 'after the grace';
  test(`a child that does not listen is killed ${when}, with all it has started`, async t => {
    const mark = newMark();
    Object.assign(process.env, mark.env, { CODE: stubborn });
    t.after(() => {
      for (const name of [...Object.keys(mark.env), 'CODE']) delete process.env[name];
    });
    const { stop, kill, both } = signals();
    const { child } = childOf(stubborn, {
      onLine: () => {
        stop.abort();
        if (hasSecondSignal) kill.abort();
      },
    });
    const startedMs = performance.now();
    // A grace longer than the test may take: only the second signal can cut it short.
    const graceMs = hasSecondSignal ? 60_000 : config.graceMs;
    assert.equal(await supervise(child, { ...config, graceMs }, both), 0);
    assert.ok(performance.now() - startedMs < 30_000);
    await untilNoneMarked(mark);
  });
}

test('what a crashed child leaves behind is ended before it is started again', async t => {
  const mark = newMark();
  Object.assign(process.env, mark.env);
  t.after(() => {
    for (const name of Object.keys(mark.env)) delete process.env[name];
  });
  const { stop, both } = signals();
  const { child } = childOf(
    `const { pid } = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });
     process.exit(pid ? 3 : 4)`,
    { onCrash: () => stop.abort() },
  );
  await supervise(child, config, both);
  await untilNoneMarked(mark);
});

test('children stop by themselves when the supervising process is killed', async t => {
  const mark = newMark();
  const module = (name: string) => JSON.stringify(join(projectDir, 'app/cli', name));
  const child = `import(${module('parent.ts')}).then(({ stopWhenParentGone }) => {
    stopWhenParentGone(() => process.exit(0)); setInterval(() => {}, 1000); console.log('up') })`;
  const parent = `import { supervise } from ${module('supervise.ts')};
    const never = new AbortController().signal;
    await supervise({ name: '', argv: () => ['-e', ${JSON.stringify(child)}], readsInput: false, onCrash() {},
      hasWorked: () => true, onLine: line => console.log(line) },
      { backoff: { firstMs: 1, maxMs: 1 }, graceMs: 1, steadyMs: 1 }, { stop: never, kill: never });`;
  const supervising = spawn(process.execPath, ['--input-type=module', '-e', parent], {
    env: { ...process.env, ...mark.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => supervising.kill('SIGKILL'));
  await once(createInterface({ input: supervising.stdout }), 'line');
  assert.equal((await marked(mark)).length, 2);
  supervising.kill('SIGKILL');
  await untilNoneMarked(mark);
});

test('without a supervising process nothing is stopped, and the process may end', async () => {
  const code = `import(${JSON.stringify(join(projectDir, 'app/cli/parent.ts'))}).then(({ stopWhenParentGone }) =>
    stopWhenParentGone(() => console.log('stopped')))`;
  const alone = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: alone.stdout }).on('line', line => lines.push(line));
  const [exitCode] = await once(alone, 'close');
  assert.deepEqual([exitCode, lines], [0, []]);
});
