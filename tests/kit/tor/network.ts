/**
 * A private Tor network on loopback: one directory authority and three relays, real tor processes of ours that
 * end with this process. It needs neither internet nor root. It does not start the onion service under test:
 * that one gets `torrcLines` as its extra lines.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from './authority.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import { freePorts } from './free-ports.ts';
import { startNode, type TorNode, until } from './node.ts';
import { authorityLines, busyRelayState, networkLines, relayLines, voteNow } from './torrc.ts';

export type TorClient = { readonly socksPort: number; readonly pid: number; close(): Promise<void> };

export type TorNetwork = {
  /** For the `torrc` of an onion service that lives in this network. */
  readonly torrcLines: string[];
  /** A client tor of its own guard and circuits, bootstrapped; `rateBitsPerSecond` bounds each direction. */
  startClient(options?: { rateBitsPerSecond?: number }): Promise<TorClient>;
  /** Ends all relays and clients and removes their folders. */
  close(): Promise<void>;
};

/**
 * Boots the network in a folder of its own in `dir`, in about 10 s. With `delayMs` each
 * chunk on each link to a relay takes that much longer: a round trip between client and onion takes
 * 14 × delayMs + 10.
 */
export async function startTorNetwork(options: { dir: string; delayMs?: number }): Promise<TorNetwork> {
  try {
    return await boot(options);
  } catch (error) {
    // The authority's two ports were free when we asked, and somebody took one before tor did.
    if (!(error instanceof Error && error.message.includes('Could not bind'))) throw error;
    return boot(options);
  }
}

/** A forwarder's port, and the port it forwards to. */
type Link = { port: number; target: number };

const relayNames = ['relay1', 'relay2', 'relay3'];
const stepDeadlineMs = 60_000;

async function boot({ dir, delayMs = 0 }: { dir: string; delayMs?: number }): Promise<TorNetwork> {
  const nodes = new Set<TorNode>();
  const forwarders: Forwarder[] = [];
  const folder = join(dir, 'tor-network');
  let isClosed = false;
  const close = async () => {
    isClosed = true;
    await Promise.all([...nodes].map(node => node.stop()));
    await Promise.all(forwarders.map(forwarder => forwarder.close()));
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (name: string, lines: string[], state?: string) => {
    const node = await startNode(name, folder, lines, state);
    // One that was still on its way when another failed.
    if (isClosed) await node.stop();
    nodes.add(node);
    return node;
  };
  /** With a forwarder others reach the relay only through it, and `ownPort` means nothing. */
  const startRelay = async (name: string, lines: string[], ownPort: number | 'auto', link?: Link) => {
    const orPort = link ? 'auto' : ownPort;
    const state = busyRelayState(new Date());
    const node = await start(name, [...lines, ...relayLines(name, orPort, link?.port)], state);
    if (link) link.target = await listeningPort(node, 'or');
    return node;
  };
  const slowLink = async (): Promise<Link | undefined> => {
    if (delayMs === 0) return undefined;
    const link = { port: 0, target: 0 };
    const forwarder = await startForwarder(delayMs, () => link.target);
    forwarders.push(forwarder);
    link.port = forwarder.port;
    return link;
  };
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'auth0'), { recursive: true, mode: 0o700 });
    const [freePort, dirPort] = await freePorts();
    const link = await slowLink();
    const orPort = link?.port ?? freePort;
    const dirAuthority = await createAuthority(join(folder, 'auth0'), 'auth0', { orPort, dirPort });
    const lines = networkLines(dirAuthority);
    const authorityOnly = authorityLines(dirPort, nowSeconds());
    const authority = await startRelay('auth0', [...lines, ...authorityOnly], orPort, link);
    const relays = await Promise.all(
      relayNames.map(async name => startRelay(name, lines, 'auto', await slowLink())),
    );
    await agree(authority, relays);
    let clients = 0;
    return {
      torrcLines: lines,
      async startClient({ rateBitsPerSecond } = {}) {
        const bytes = rateBitsPerSecond === undefined ? undefined : Math.floor(rateBitsPerSecond / 8);
        const rate =
          bytes === undefined ? [] : [`BandwidthRate ${bytes} bytes`, `BandwidthBurst ${bytes} bytes`];
        clients += 1;
        const node = await start(`client${clients}`, [...lines, 'SocksPort 127.0.0.1:auto', ...rate]);
        await until('client bootstrap', stepDeadlineMs, async () =>
          (await node.control.getInfo('status/bootstrap-phase')).includes('PROGRESS=100 '),
        );
        return {
          socksPort: await listeningPort(node, 'socks'),
          pid: node.pid,
          async close() {
            nodes.delete(node);
            await node.stop();
          },
        };
      },
      close,
    };
  } catch (error) {
    const words = [...nodes].map(node => node.lastWords()).join('\n');
    await close();
    const sentence = error instanceof Error ? error.message : String(error);
    throw new Error(`the private Tor network did not boot: ${sentence}\n${words}`, { cause: error });
  }
}

/** Brings the first consensus about, and into every relay: clients that ask too early back off for a minute. */
async function agree(authority: TorNode, relays: readonly TorNode[]): Promise<void> {
  const all = relays.length + 1;
  await until('all relays have uploaded their descriptors', stepDeadlineMs, async () => {
    const descriptors = await authority.control.getInfo('desc/all-recent');
    return (descriptors.match(/^router /gm) ?? []).length === all;
  });
  await authority.control.command(voteNow(nowSeconds()));
  await until('the authority has published a consensus', stepDeadlineMs, async () =>
    (await authority.control.getInfo('md/all')).includes('onion-key'),
  );
  // Tor tries its downloads anew on SIGHUP, whatever its back-off says.
  await Promise.all(relays.map(relay => relay.control.command('SIGNAL RELOAD')));
  await until('all relays hold the consensus', stepDeadlineMs, async () => {
    const held = await Promise.all([authority, ...relays].map(node => node.control.getInfo('md/all')));
    return held.every(text => (text.match(/^onion-key/gm) ?? []).length === all);
  });
}

const nowSeconds = (): number => Date.now() / 1000;

async function listeningPort(node: TorNode, kind: 'or' | 'socks'): Promise<number> {
  const port = /127\.0\.0\.1:(\d+)/.exec(await node.control.getInfo(`net/listeners/${kind}`))?.[1];
  if (port === undefined) throw new Error(`${node.name} has no ${kind} listener`);
  return Number(port);
}
