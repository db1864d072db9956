/** What the kernels at both ends of a connection hold, against a reader who stops reading. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { inTable, TcpQueues, TcpTable } from '../../app/delivery/tcp-queue.ts';
import { until } from '../kit/until.ts';

describe('A TCP connection', () => {
  async function connected(host: string, options: { listenOn: string }) {
    const server = createServer().listen(0, options.listenOn);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const reader = connect({ host, port });
    const [writer] = await accepted;
    const line = new TcpQueues({ now: () => performance.now() }).watch(writer);
    assert.ok(line);
    const writing = setInterval(() => writer.write(Buffer.alloc(12_000)), 200);
    return {
      line,
      reader,
      async [Symbol.asyncDispose]() {
        clearInterval(writing);
        reader.destroy();
        writer.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  }

  for (const [host, listenOn] of [
    ['127.0.0.1', '127.0.0.1'],
    // An IPv4 address as an IPv6 socket has it.
    ['127.0.0.1', '::'],
  ] as const) {
    it(`tells how long ago was written what is not read, on ${listenOn}`, async () => {
      await using connection = await connected(host, { listenOn });
      const { line, reader } = connection;
      reader.resume();
      const seen: number[] = [];
      for (let look = 0; look < 10; look += 1) {
        await delay(100);
        seen.push(line.queuedMs);
      }
      assert.ok(Math.max(...seen) < 900, `${seen}`);
      reader.pause();
      await until('a second that waits', () => line.queuedMs > 900);
      await until('more with time', () => line.queuedMs > 2500);
      reader.resume();
      await until('nothing that waits', () => line.queuedMs === 0, 2000);
    });
  }

  it('is found among all by its addresses and its state', () => {
    const address = (last: number, port: number) => inTable(`10.1.2.${last}`, port) ?? '';
    assert.equal(address(3, 443), '0302010A:01BB');
    assert.equal(inTable('2001:db8::1', 80), undefined);
    const row = (local: string, remote: string, state: string, queues: string) =>
      `  12: ${local} ${remote} ${state} ${queues} 01:00000014 00000000     0        0 3088064 1\n`;
    const table = new TcpTable();
    const rows =
      row(address(3, 443), address(4, 50_000), '01', '00000A00:00000001') +
      row(address(3, 443), address(4, 50_001), '06', '0000FFFF:00000000') +
      row(address(5, 50_000), address(3, 443), '01', '00000000:00000200') +
      row(address(3, 443), address(5, 50_000), '01', '00000000:00000000');
    table.add(Buffer.from(`  sl  local_address rem_address   st tx_queue rx_queue\n${rows}`));
    const waiting = (last: number, port: number) => table.waiting(address(3, 443), address(last, port));
    assert.deepEqual(waiting(4, 50_000), { bytes: 0xa00, isLocal: false });
    assert.deepEqual(waiting(4, 50_001), { bytes: 0, isLocal: false });
    assert.deepEqual(waiting(5, 50_000), { bytes: 0x200, isLocal: true });
  });
});
