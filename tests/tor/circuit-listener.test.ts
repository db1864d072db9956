import assert from 'node:assert/strict';
import { once } from 'node:events';
import { link, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { silentLog } from '../../app/lib/log.ts';
import { CircuitListener, circuitOf } from '../../app/tor/circuit-listener.ts';
import { onionSocket } from '../../app/tor/socket-path.ts';

/** Of circuit 0x10002 = 65538. */
const proxyLine = 'PROXY TCP6 fc00:dead:beef:4dad::1:2 ::1 2 80\r\n';
const lastGet = 'GET /last HTTP/1.1\r\nHost: onion\r\nConnection: close\r\n\r\n';
const get = 'GET /first HTTP/1.1\r\nHost: onion\r\n\r\n';
const body = 'x'.repeat(200_000);
const post = `POST /post HTTP/1.1\r\nHost: onion\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('the circuit listener', { timeout: 20_000 }, () => {
  let folder: string;
  let http: Server;
  let listener: CircuitListener;
  let handedOver: Socket[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'circuits-'));
    handedOver = [];
    http = createServer((request, response) => {
      text(request).then(
        received =>
          response.end(`[${request.url} over ${circuitOf(request.socket)} with ${received.length}]`),
        () => response.destroy(),
      );
    });
    http.on('upgrade', (request, socket: Socket, head) => {
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\n\r\n[upgraded over ${circuitOf(request.socket)} ${head}]`,
      );
    });
    const onConnection = (socket: Socket) => {
      handedOver.push(socket);
      http.emit('connection', socket);
    };
    listener = new CircuitListener({ onConnection, log: silentLog }, await onionSocket({ dataDir: folder }));
    await listener.listen();
  });

  afterEach(async () => {
    await listener.close();
    await rm(folder, { recursive: true });
  });

  /** Everything the server says to these chunks, each sent when the one before has left. */
  async function say(chunks: Iterable<string>): Promise<string> {
    const socket = connect(listener.path);
    const answer = text(socket);
    answer.catch(() => {});
    for (const chunk of chunks) {
      await new Promise<void>(resolve => socket.write(chunk, () => resolve()));
      // The other end runs in this process: give it the turn to read.
      await new Promise(resolve => setImmediate(resolve));
    }
    return answer;
  }

  test('hands a request in the same chunk as the PROXY line to a real http server, with its circuit', async () => {
    assert.match(await say([proxyLine + lastGet]), /200 OK[\s\S]*\[\/last over 65538 with 0\]/);
  });

  test('hands on a request that comes after the PROXY line', async () => {
    assert.match(await say([proxyLine, lastGet]), /\[\/last over 65538 with 0\]/);
  });

  test('hands on line and request sent one byte at a time', async () => {
    assert.match(await say(proxyLine + get + lastGet), /\[\/first over 65538[\s\S]*\[\/last over 65538/);
  });

  test('hands on requests in order, wherever the stream of bytes is cut in two', async () => {
    const whole = proxyLine + get + lastGet;
    for (let cut = 1; cut < whole.length; cut += 1) {
      const answer = await say([whole.slice(0, cut), whole.slice(cut)]);
      assert.match(answer, /\[\/first over 65538[\s\S]*\[\/last over 65538/, `cut at ${cut}`);
    }
  });

  test('hands on a long body that begins in the chunk of the PROXY line', async () => {
    const whole = proxyLine + post + lastGet;
    for (const cut of [whole.length, 100, 40_000, 150_000]) {
      const answer = await say([whole.slice(0, cut), whole.slice(cut)]);
      assert.match(answer, /\[\/post over 65538 with 200000\][\s\S]*\[\/last over/, `cut at ${cut}`);
    }
  });

  test('hands on an upgrade with the bytes that follow it', async () => {
    const upgrade =
      'GET /ws HTTP/1.1\r\nHost: onion\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhead';
    assert.match(await say([proxyLine + upgrade]), /\[upgraded over 65538 head\]/);
  });

  test('lets an answer go on after the client has ended its side', async () => {
    const socket = connect(listener.path);
    socket.end(proxyLine + lastGet);
    assert.match(await text(socket), /\[\/last over 65538/);
  });

  test('sees a PROXY line inside the stream as what it is there: a bad request', async () => {
    assert.match(await say([proxyLine + proxyLine + lastGet]), /^HTTP\/1\.1 400 /);
  });

  for (const [why, bytes] of [
    ['HTTP without the line', lastGet],
    ['a wrong line', `PROXY TCP4 1.2.3.4 1.2.3.4 1 80\r\n${lastGet}`],
    ['a line without end', 'PROXY '.repeat(200)],
    ['a line that ends in a bare line feed', proxyLine.replace('\r', '') + lastGet],
    ['zeros', '\0'.repeat(60)],
  ] as const) {
    test(`closes a connection that begins with ${why}, without an answer`, async () => {
      const socket = connect(listener.path);
      socket.on('error', () => {});
      socket.write(bytes);
      await once(socket.resume(), 'close');
      assert.equal(socket.bytesRead, 0);
      assert.equal(handedOver.length, 0);
    });
  }

  test('closes a connection whose line has not come within 5 s, however slowly it comes', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const socket = connect(listener.path).resume();
      await once(socket, 'connect');
      // The listener waits in this process's own event loop: it accepts in the next turn.
      for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve));
      for (let second = 1; second <= 4; second += 1) {
        socket.write('P');
        mock.timers.tick(1_000);
        await new Promise(resolve => setImmediate(resolve));
        assert.equal(socket.readyState, 'open', `after ${second} s`);
      }
      mock.timers.tick(1_000);
      await once(socket, 'close');
      assert.equal(handedOver.length, 0);
    } finally {
      mock.timers.reset();
    }
  });

  test('closes a connection that ends before its line does', async () => {
    const socket = connect(listener.path).resume();
    socket.end('PROXY TCP6');
    await once(socket, 'close');
    assert.equal(handedOver.length, 0);
  });

  test('keeps the socket to its user, in a folder of its own', async () => {
    assert.equal((await stat(listener.path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(listener.path))).mode & 0o777, 0o700);
  });

  test('ends every connection and leaves no file when it closes', async () => {
    const socket = connect(listener.path);
    socket.write(proxyLine);
    const closed = once(socket.resume(), 'close');
    while (handedOver.length === 0) await new Promise(resolve => setImmediate(resolve));
    await listener.close();
    await closed;
    await assert.rejects(stat(listener.path), { code: 'ENOENT' });
  });

  test('refuses to listen where another process answers, and takes over a stale file', async () => {
    const second = new CircuitListener(
      { onConnection() {}, log: silentLog },
      { path: listener.path, mode: 0o600 },
    );
    await assert.rejects(second.listen(), { code: 'onion-socket-taken' });
    assert.match(await say([proxyLine + lastGet]), /\[\/last over 65538/);

    const stale = join(folder, 'tor', 'stale.sock');
    await leaveStaleSocket(stale);
    const third = new CircuitListener({ onConnection() {}, log: silentLog }, { path: stale, mode: 0o600 });
    await third.listen();
    await third.close();
  });

  test("leaves a file that is no socket alone and says it's in the way", async () => {
    const path = join(folder, 'tor', 'notes.txt');
    await writeFile(path, 'mine');
    const other = new CircuitListener({ onConnection() {}, log: silentLog }, { path, mode: 0o600 });
    await assert.rejects(other.listen(), { code: 'onion-socket-taken' });
    assert.equal((await stat(path)).size, 4);
  });
});

test('a connection that did not come over the onion has no circuit', () => {
  assert.equal(circuitOf(connect({ port: 1, host: '127.0.0.1' }).on('error', () => {})), undefined);
});

test('the socket goes below the data folder, or into a fresh private one when that lies too deep', async () => {
  assert.equal((await onionSocket({ dataDir: '/srv/onioncast' })).path, '/srv/onioncast/tor/onion.sock');
  const deep = await onionSocket({ dataDir: `/srv/${'é'.repeat(50)}` });
  assert.ok(Buffer.byteLength(deep.path) <= 107);
  assert.equal((await stat(dirname(deep.path))).mode & 0o777, 0o700);
  await deep.remove();
  await assert.rejects(stat(dirname(deep.path)), { code: 'ENOENT' });
  await assert.rejects(onionSocket({ dataDir: `/${'d'.repeat(99)}` }, `/${'t'.repeat(99)}`), {
    code: 'onion-socket-path-too-long',
  });
});

test("the system's tor finds the socket where the operator wants it, open to its group", async () => {
  const { path, mode } = await onionSocket({ dataDir: '/srv/x', systemSocket: '/run/onioncast/onion.sock' });
  assert.deepEqual({ path, mode }, { path: '/run/onioncast/onion.sock', mode: 0o660 });
});

/** A socket file whose process is gone: closing removes only the name it was given. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createNetServer();
  await new Promise<void>(resolve => server.listen(`${path}~`, resolve));
  await link(`${path}~`, path);
  await new Promise(resolve => server.close(resolve));
}
