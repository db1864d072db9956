import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ctl, followEvents } from '../kit/ctl.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

describe('the terminal of a server that runs', () => {
  let server: TestServer;
  let at: readonly string[];

  before(async () => {
    server = await startTestServer({ title: 'Before\n' });
    at = ['--data', join(server.titlePath, '../data')];
  });
  after(() => server.close());

  test('a command is carried out, and its answer ends with 0', async () => {
    const { code, stdout, stderr } = await ctl([...at, 'title', 'A "new"', 'title']);
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: 'The title is “A "new" title”.\n', stderr: '' },
    );
    assert.equal(await readFile(server.titlePath, 'utf8'), 'A "new" title\n');
    await until(
      'the title is told',
      () => server.running.community.moderation.stream.title === 'A "new" title',
    );
  });

  test('one that is refused ends with 1 and a sentence, as JSON with its code', async () => {
    const plain = await ctl([...at, 'ban', 'nobody']);
    assert.deepEqual([plain.code, plain.stdout], [1, '']);
    assert.match(plain.stderr, /Nobody here is “nobody”/);
    const json = await ctl([...at, '--json', 'ban', 'nobody']);
    assert.equal(json.code, 1);
    const { ok, code } = JSON.parse(json.stdout);
    assert.deepEqual({ ok, code }, { ok: false, code: 'person-unknown' });
  });

  test('several come from stdin, one a line', async () => {
    const { code, stdout, stderr } = await ctl(at, 'say "quoted" it stays\n\nnonsense\nhelp say\n');
    assert.equal(code, 1);
    assert.match(stdout, /^Said as message \d+\.\nsay TEXT – Writes a message as the broadcaster\.\n$/);
    assert.match(stderr, /no command “nonsense”/);
    assert.equal(server.running.community.room.recent().at(-1)?.text, '"quoted" it stays');
  });

  test('the answer as JSON is one line, whatever is in it', async () => {
    const { code, stdout } = await ctl([...at, '--json', 'say', 'two\nlines']);
    assert.equal(code, 0);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
    const { data } = JSON.parse(stdout);
    assert.equal(server.running.community.room.find(data.number)?.text, 'two\nlines');
  });

  test('what somebody wrote does not steer the terminal', async () => {
    const { people, moderation } = server.running.community;
    const { id } = people.rename(people.arrive('s'.repeat(22)).id, 'Ada');
    const eve = { role: 'moderator', name: 'Eve', personId: undefined } as const;
    const steering = '\u001b]52;c;cm0=\u0007\u009b1A\u202eend\nban Bea';
    await moderation.commands.run('ban', { person: id, reason: steering }, eve);
    const { stdout } = await ctl([...at, 'bans']);
    assert.match(stdout, /Ada .*52;c;cm0= 1A end ban Bea/);
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u);
    const json = (await ctl([...at, '--json', 'bans'])).stdout.trimEnd();
    assert.doesNotMatch(json, /[\p{Cc}\p{Bidi_Control}]/u);
    assert.ok(JSON.stringify(JSON.parse(json)).includes('\u202eend'));
  });

  test('a wrong flag ends with 2, and --help asks no server', async () => {
    const wrong = await ctl(['--nonsense', 'help']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--nonsense is no flag/);
    const help = await ctl(['--help', '--data', '/nowhere']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: scripts\/ctl/);
  });

  test('events begin with how it stands and tell what happens, one JSON a line', async () => {
    await using events = followEvents(at);
    await until('the first events', () => events.lines.length >= 4, 20_000);
    const { room, people, bans } = server.running.community;
    const ada = people.arrive('a new visitor');
    people.rename(ada.id, 'Ada');
    const { code } = await ctl([...at, 'announce', 'hello <all>']);
    assert.equal(code, 0);
    const { number } = room.recent().at(-1) ?? assert.fail('nothing was announced');
    room.hide([number]);
    const order = { kind: 'mute', name: 'Ada', untilMs: null, reason: '', by: 'broadcaster' } as const;
    bans.add({ ...order, person: ada });
    await until('the ban is told', () => events.lines.some(line => line.includes('banned')));
    const told = events.lines.map(line => JSON.parse(line));
    assert.deepEqual(
      told.slice(0, 4).map(({ type }) => type),
      ['state', 'title', 'viewers', 'held'],
    );
    const later = told.slice(4).filter(({ type }) => type !== 'title');
    assert.deepEqual(
      later.map(({ type }) => type),
      ['join', 'message', 'hide', 'banned'],
    );
    const message = later[1];
    assert.deepEqual(
      [message.kind, message.text, message.role, message.name],
      ['notice', 'hello <all>', 'broadcaster', 'Broadcaster'],
    );
    assert.equal(later[0].personId, ada.id);
  });

  test('end-stream ends the encoder that pid.txt names, and says so when there is none', async () => {
    const { stdout: none } = await ctl([...at, 'end-stream']);
    assert.match(none, /No encoder of ours runs/);
    // Stands for an encoder: what counts is whom the signal reaches.
    const encoder = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(encoder, 'exit');
    await mkdir(server.channelDir, { recursive: true });
    await writeFile(join(server.channelDir, 'pid.txt'), `${encoder.pid}\n`);
    const { code } = await ctl([...at, 'end-stream']);
    assert.equal(code, 0);
    assert.deepEqual(await ended, [null, 'SIGINT']);
    await rm(join(server.channelDir, 'pid.txt'));
  });

  test('each command is there, and answers with a line of JSON', async () => {
    const { people, room } = server.running.community;
    people.rename(people.arrive('another visitor').id, 'Eve');
    const lines = [
      ...[
        'help',
        'title A title',
        'say hello',
        'hide 1',
        'ban Eve 2h spam',
        'bans',
        'unban Eve',
        'people',
        'mods',
      ],
      ...[
        'slow 5',
        'slow off',
        'captcha every',
        'captcha first',
        'raid on',
        'raid off',
        'stats',
        'held',
        'log',
      ],
      ...['config reload', 'help ban'],
    ];
    const { code, stdout } = await ctl([...at, '--json'], `${lines.join('\n')}\n`);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    assert.deepEqual(
      answers.flatMap(({ ok, sentence }, index) => (ok ? [] : [`${lines[index]}: ${sentence}`])),
      [],
    );
    assert.equal(answers.length, lines.length);
    assert.equal(code, 0);
    assert.equal(room.find(1)?.hidden, true);
    assert.ok(answers.every(({ sentence }) => typeof sentence === 'string'));
  });

  test('who follows the events and has enough of it ends with 0', async () => {
    await using events = followEvents(at);
    await until('the first events', () => events.lines.length >= 4, 20_000);
    events.interrupt();
    const { code, stderr } = await events.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('the socket is for its owner only', async () => {
    assert.equal((await stat(server.running.controlSocket)).mode & 0o777, 0o600);
  });
});

test('without a server there is a sentence and code 3; events end so when the server does', async t => {
  const home = await mkdtemp(join(tmpdir(), 'ctl-'));
  t.after(() => rm(home, { recursive: true }));
  const missing = await ctl(['--data', home, 'help']);
  assert.deepEqual([missing.code, missing.stdout], [3, '']);
  assert.match(missing.stderr, /No server runs with this data folder/);
  await using server = await startTestServer();
  await using events = followEvents(['--data', join(server.titlePath, '../data')]);
  await until('the first events', () => events.lines.length >= 4, 20_000);
  await server.close();
  const { code, stderr } = await events.ended;
  assert.deepEqual([code, stderr], [3, 'The server has ended.\n']);
});
