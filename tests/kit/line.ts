/** A line to a server that can be bad: cut, deaf in one direction, or closed to WebSockets. */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export type Line = AsyncDisposable & {
  /** As the server's own, with another port. */
  url: string;
  /** Ends what is open; whoever comes is turned away until `mend`. */
  cut(): void;
  mend(): void;
  /** Ends what is open as tor does when a circuit is gone: with an end of the connection, at any byte. */
  drop(): void;
  /** From now on nothing that the server says gets through on what is open. */
  deafen(): void;
  /** Ends all but one of the connections that a browser keeps for its next question: how many it has differs. */
  endSpare(): void;
  /** Whoever comes from now on gets through when this resolves, as over a network that looks for its way. */
  hold(until: Promise<unknown>): void;
  /** WebSockets don't get through. */
  refuseSockets(): void;
  /** WebSockets get through when this resolves. */
  holdSockets(until: Promise<unknown>): void;
  /** Leads to another server from now on. */
  lead(url: string): void;
};

// Quiet for longer than there is between two parts.
const spareMs = 500;

/** Lays a line to the server at `url`. */
export async function layLine(url: string): Promise<Line> {
  let port = Number(new URL(url).port);
  let isCut = false;
  let takesSockets = true;
  let held: Promise<unknown> | undefined;
  let way: Promise<unknown> | undefined;
  const open = new Set<{
    here: Socket;
    there: Socket;
    isDeaf: boolean;
    isSocket: boolean;
    heardMs: number;
  }>();

  const server = createServer(here => {
    here.on('error', () => here.destroy());
    if (isCut) here.resetAndDestroy();
    else if (way) void way.then(() => join(here));
    else join(here);
  });

  function join(here: Socket): void {
    const there = dial(port, '127.0.0.1');
    const pair = { here, there, isDeaf: false, isSocket: false, heardMs: performance.now() };
    open.add(pair);
    const end = (): void => {
      open.delete(pair);
      here.destroy();
      there.destroy();
    };
    here.on('data', chunk => {
      const asksForSocket = chunk.includes('GET /socket');
      pair.isSocket ||= asksForSocket;
      if (asksForSocket && !takesSockets) end();
      else if (asksForSocket && held) void held.then(() => there.write(chunk));
      else there.write(chunk);
    });
    there.on('data', chunk => {
      if (pair.isDeaf) return;
      pair.heardMs = performance.now();
      here.write(chunk);
    });
    there.on('error', end);
    for (const each of [here, there]) each.on('close', end);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');

  const cut = (): void => {
    isCut = true;
    for (const { here, there } of [...open]) {
      here.resetAndDestroy();
      there.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${address.port}/`,
    cut,
    mend: () => {
      isCut = false;
    },
    drop: () => {
      for (const { here, there } of [...open]) {
        here.end();
        there.destroy();
      }
    },
    deafen: () => {
      for (const pair of open) pair.isDeaf = true;
    },
    endSpare: () => {
      const quiet = [...open].filter(
        ({ isSocket, heardMs }) => !isSocket && performance.now() - heardMs > spareMs,
      );
      for (const { here } of quiet.toSorted((a, b) => b.heardMs - a.heardMs).slice(1)) here.end();
    },
    hold: until => {
      way = until;
    },
    refuseSockets: () => {
      takesSockets = false;
    },
    holdSockets: until => {
      held = until;
    },
    lead: to => {
      port = Number(new URL(to).port);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
