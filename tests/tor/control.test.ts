import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ControlConnection } from '../../app/tor/control.ts';
import { type ControlReply, ControlReplyParser } from '../../app/tor/control-reply.ts';

/** Lines as tor sends them, with what they mean: single, many, data block (dot-stuffed), events between. */
const conversation = [
  '250 OK',
  '250-version=0.4.9.11',
  '250+config-text=',
  'Log notice stdout',
  '..hidden',
  '',
  '.',
  '250 OK',
  '650 HS_DESC UPLOADED abc UNKNOWN $FF',
  '650-EVENT one',
  '650 two',
  '552 Unknown circuit "7"',
  '',
].join('\r\n');
const meaning: ControlReply[] = [
  { code: 250, lines: ['OK'] },
  { code: 250, lines: ['version=0.4.9.11', 'config-text=\nLog notice stdout\n.hidden\n', 'OK'] },
  { code: 650, lines: ['HS_DESC UPLOADED abc UNKNOWN $FF'] },
  { code: 650, lines: ['EVENT one', 'two'] },
  { code: 552, lines: ['Unknown circuit "7"'] },
];

test('replies are the same however the stream is cut', () => {
  for (let first = 0; first <= conversation.length; first += 1) {
    const parser = new ControlReplyParser();
    const replies = [conversation.slice(0, first), conversation.slice(first)].flatMap(part =>
      parser.push(part),
    );
    assert.deepEqual(replies, meaning, `cut at ${first}`);
  }
  const parser = new ControlReplyParser();
  assert.deepEqual(
    [...conversation].flatMap(byte => parser.push(byte)),
    meaning,
  );
});

test('what is not a reply is refused', () => {
  for (const line of ['hello', '99 short', '2500 long', '250_OK', '', ' 250 OK']) {
    assert.throws(() => new ControlReplyParser().push(`${line}\r\n`), { code: 'tor-control-garbled' }, line);
  }
});

test('a reply without end is refused before it fills the memory', () => {
  for (const endless of ['250+data=\r\n', '250-', '250-x\r\n']) {
    const parser = new ControlReplyParser();
    parser.push(endless);
    const flood = endless.endsWith('x\r\n')
      ? `250-${'y'.repeat(1_000)}\r\n`.repeat(100)
      : 'z'.repeat(100_000);
    assert.throws(
      () => {
        for (let count = 0; count < 100; count += 1) parser.push(flood);
      },
      { code: 'tor-control-garbled' },
      endless,
    );
  }
});

describe('a control connection', { timeout: 10_000 }, () => {
  let server: Server;
  let tor: Socket;
  let control: ControlConnection;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const accepted = new Promise<Socket>(resolve => server.once('connection', resolve));
    control = new ControlConnection(connect(address.port, '127.0.0.1'));
    tor = await accepted;
    tor.setEncoding('latin1');
  });

  afterEach(() => {
    control.close();
    tor.destroy();
    server.close();
  });

  test('gives each command its own reply, in order, with events in between', async () => {
    const events: string[] = [];
    control.events.subscribe(({ lines }) => events.push(lines.join('|')));
    const answers = Promise.allSettled([
      control.getInfo('version'),
      control.command('CLOSECIRCUIT 7'),
      control.getInfo('config-text'),
    ]);
    let asked = '';
    while (!asked.endsWith('config-text\r\n')) asked += (await once(tor, 'data'))[0];
    assert.equal(asked, 'GETINFO version\r\nCLOSECIRCUIT 7\r\nGETINFO config-text\r\n');
    tor.write('250-version=1\r\n250 OK\r\n650 HELLO\r\n552 Unknown circuit "7"\r\n');
    tor.write('250+config-text=\r\na\r\nb\r\n.\r\n250 OK\r\n');
    const [version, closed, text] = await answers;
    assert.deepEqual(version, { status: 'fulfilled', value: '1' });
    assert.ok(closed.status === 'rejected');
    assert.equal(closed.reason.code, 'tor-control-refused');
    assert.equal(closed.reason.facts.code, 552);
    assert.deepEqual(text, { status: 'fulfilled', value: 'a\nb' });
    assert.deepEqual(events, ['HELLO']);
  });

  test('refuses a command of more than one line and sends none of it', async () => {
    await assert.rejects(control.command('GETINFO version\r\nSIGNAL HALT'), { code: 'tor-control-refused' });
    const asked = once(tor, 'data');
    void control.command('PROTOCOLINFO').catch(() => {});
    assert.deepEqual(await asked, ['PROTOCOLINFO\r\n']);
  });

  test('rejects what waits and what comes later when tor goes away', async () => {
    const waiting = control.command('GETINFO version');
    tor.destroy();
    await assert.rejects(waiting, { code: 'tor-control-closed' });
    await assert.rejects(control.command('GETINFO version'), { code: 'tor-control-closed' });
  });

  for (const garbage of ['what?\r\n', '250 an answer to nothing\r\n']) {
    test(`closes when tor says ${JSON.stringify(garbage)}`, async () => {
      const closed = once(tor.resume(), 'close');
      tor.write(garbage);
      await closed;
      await assert.rejects(control.command('GETINFO version'), { code: 'tor-control-closed' });
    });
  }
});
