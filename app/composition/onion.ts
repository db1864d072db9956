import type { Server } from 'node:http';
import type { Config } from '../config.ts';
import { codeOf, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { CircuitListener } from '../tor/circuit-listener.ts';
import type { CircuitTraffic } from '../tor/circuit-traffic.ts';
import { Onion } from '../tor/onion.ts';
import { onionSocket } from '../tor/socket-path.ts';
import { closeCircuitsOfBanned } from './banned-circuits.ts';
import type { Community } from './community.ts';

export type RunningOnion = {
  /** `xxxx.onion`; null when the system's tor publishes it. */
  address: string | null;
  socket: string;
  close(): Promise<void>;
};

/**
 * Listens for tor and publishes the onion service. Resolves to undefined, with a line in the log that says what to
 * do, when there is no tor: the stream is then served on this machine only.
 */
export async function startOnion(
  config: Config['tor'],
  deps: { dataDir: string; server: Server; community: Community; traffic: CircuitTraffic; log: Log },
): Promise<RunningOnion | undefined> {
  const { dataDir, server, community, traffic, log } = deps;
  const { remove, ...place } = await onionSocket({ dataDir, systemSocket: config.systemSocket });
  const listener = new CircuitListener(
    {
      onConnection(socket, circuit) {
        traffic.enter(socket, circuit);
        server.emit('connection', socket);
      },
      log,
    },
    place,
  );
  await listener.listen();
  const stopListening = async (): Promise<void> => {
    await listener.close();
    await remove();
  };
  if (config.systemSocket) {
    return { address: null, socket: place.path, close: stopListening };
  }
  const onion = new Onion(
    { dataDir, socketPath: place.path, log, onEvent: text => traffic.tell(text) },
    config,
  );
  try {
    const address = await onion.start();
    const stopClosing = closeCircuitsOfBanned(community, { onion, log });
    return {
      address,
      socket: place.path,
      async close() {
        stopClosing();
        await onion.close();
        await stopListening();
      },
    };
  } catch (error) {
    await onion.close();
    await stopListening();
    if (codeOf(error) !== 'tor-missing') throw error;
    log.warn(`${sentenceOf(error)} Until then the stream is served on this machine only.`);
    return undefined;
  }
}
