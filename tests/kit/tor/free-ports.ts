import { createServer } from 'node:net';

/** Two ports that nobody listens on, both held until both are known. */
export async function freePorts(): Promise<[number, number]> {
  const hold = async () => {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, free: () => new Promise(resolve => server.close(resolve)) };
  };
  const [first, second] = await Promise.all([hold(), hold()]);
  await Promise.all([first.free(), second.free()]);
  return [first.port, second.port];
}
