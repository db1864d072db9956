/** The network between one viewer and the server, which can stand still: a proxy on loopback, or a tor of his own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTorNetwork } from '../../tests/kit/tor/network.ts';
import { getThroughTor } from '../../tests/kit/tor/socks.ts';
import { until } from '../../tests/kit/until.ts';
import { startProxy } from './proxy.ts';

export type Link = {
  /** What the viewer opens, with a trailing slash. */
  url: URL;
  socksPort?: number;
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

/** Asks for the stream as it is, without the packaging for this browser. */
function plainly(head: string): string {
  return head.replace(
    /^GET \/stream\.mp4(?:\?(\S*))? /,
    (_, query?: string) => `GET /stream.mp4?plain=1${query ? `&${query}` : ''} `,
  );
}

export async function openLoopbackLink(server: URL, options: { plain: boolean }): Promise<Link> {
  const target = { host: server.hostname, port: Number(server.port || 80) };
  const proxy = await startProxy({ target, ...(options.plain ? { rewrite: plainly } : {}) });
  const url = new URL(server);
  url.host = `127.0.0.1:${proxy.port}`;
  return { ...proxy, url };
}

export type TorLinks = {
  torrcLines: readonly string[];
  /** A viewer who has never been at the onion: his tor has no circuit to it yet. */
  open(onion: string): Promise<Link>;
  close(): Promise<void>;
};

const reachableDeadlineMs = 60_000;

export async function startTorLinks(options: {
  delayMs: number;
  rateBitsPerSecond: number;
}): Promise<TorLinks> {
  const { delayMs, rateBitsPerSecond } = options;
  const dir = await mkdtemp(join(tmpdir(), 'latency-tor-'));
  try {
    const network = await startTorNetwork({ dir, delayMs });
    return {
      torrcLines: network.torrcLines,
      async open(onion) {
        const other = await network.startClient();
        await until(
          'an answer of the onion service',
          () =>
            getThroughTor({ socksPort: other.socksPort, host: onion }, '/player').then(
              ({ status }) => status === 200,
              () => false,
            ),
          reachableDeadlineMs,
        );
        await other.close();
        const client = await network.startClient({ rateBitsPerSecond });
        return {
          url: new URL(`http://${onion}/`),
          socksPort: client.socksPort,
          // A tor that stands still takes nothing off its link and acknowledges nothing.
          pause: () => void process.kill(client.pid, 'SIGSTOP'),
          resume: () => void process.kill(client.pid, 'SIGCONT'),
          close: () => client.close(),
        };
      },
      async close() {
        await network.close();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
