import type { ServerFrame, StreamInfo } from './wire.ts';

type Handlers = {
  onInfo(info: StreamInfo): void;
  onConnection(connected: boolean): void;
};

const firstWaitMs = 500;
const maxWaitMs = 15_000;
// The server pings every 20 s, but pages don't see pings: it says something at least this often only when it lives.
const openTimeoutMs = 20_000;

/** Keeps one WebSocket open: comes back after every loss, waiting longer each time, with jitter. */
export function openSocket(url: string, handlers: Handlers): void {
  let waitMs = firstWaitMs;

  function connect(): void {
    const socket = new WebSocket(url);
    const opening = setTimeout(() => socket.close(), openTimeoutMs);
    socket.addEventListener('open', () => {
      clearTimeout(opening);
      waitMs = firstWaitMs;
      handlers.onConnection(true);
    });
    socket.addEventListener('message', event => {
      const frame: ServerFrame = JSON.parse(String(event.data));
      if (frame.type === 'info') handlers.onInfo(frame.info);
    });
    socket.addEventListener('close', () => {
      clearTimeout(opening);
      handlers.onConnection(false);
      // Jitter, so that a restarted server is not asked by everyone at once.
      setTimeout(connect, waitMs * (0.5 + Math.random()));
      waitMs = Math.min(waitMs * 2, maxWaitMs);
    });
  }

  connect();
}
