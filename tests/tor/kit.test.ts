import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { startForwarder } from '../kit/tor/forwarder.ts';

const delayMs = 40;

test('a slow link hands on every byte both ways, in order, and no sooner than its delay', async () => {
  const echo = createServer({ allowHalfOpen: true }, (socket: Socket) => socket.pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(echo, 'listening');
  const address = echo.address();
  assert.ok(address !== null && typeof address === 'object');
  const link = await startForwarder(delayMs, () => address.port);
  try {
    const sent = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, at) => at).buffer);
    const socket = connect({ port: link.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    const startMs = performance.now();
    const received = buffer(socket);
    socket.once('data', () => {
      const roundTripMs = performance.now() - startMs;
      // A timer may be a millisecond early.
      assert.ok(roundTripMs >= 2 * delayMs - 2, `${roundTripMs} ms`);
    });
    socket.end(sent);
    assert.ok((await received).equals(sent));
  } finally {
    await link.close();
    echo.close();
  }
});

test('a slow link ends when either end breaks off', async () => {
  const sockets: Socket[] = [];
  const far = createServer(socket => {
    sockets.push(socket.on('error', () => {}));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(far, 'listening');
  const address = far.address();
  assert.ok(address !== null && typeof address === 'object');
  const link = await startForwarder(1, () => address.port);
  const near = connect(link.port, '127.0.0.1').on('error', () => {});
  const [accepted] = await once(far, 'connection');
  assert.ok(accepted === sockets[0]);
  const closed = once(near.resume(), 'close');
  sockets[0]?.resetAndDestroy();
  await closed;
  await link.close();
  far.close();
});
