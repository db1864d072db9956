import { Socket } from 'node:net';
import { execa } from 'execa';
import { Failure } from '../lib/failure.ts';
import { ControlConnection } from './control.ts';

export type TorProcess = {
  readonly pid: number;
  /** An owning controller's connection, already authenticated: tor ends as soon as it closes. */
  readonly control: ControlConnection;
  /** Resolves when the process has gone; never rejects. `how` reads like "exit code 1" or "SIGKILL". */
  readonly exited: Promise<{ how: string }>;
  /** Ends the process and waits until it has gone (SIGTERM, SIGKILL 5 s later). */
  stop(): Promise<void>;
};

/**
 * Starts one tor of ours. It inherits one end of a socket pair as its control connection
 * (`__OwningControllerFD`, control-spec): no control port, no cookie, and it ends with us, even on SIGKILL.
 * `onLine` gets each line of its log. Throws Failure `tor-not-runnable`.
 */
export async function runTor(
  { binary, onLine }: { binary: string; onLine(line: string): void },
  args: readonly string[],
): Promise<TorProcess> {
  const child = execa(binary, ['--defaults-torrc', '/dev/null', ...args, '--__OwningControllerFD', '3'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    all: true,
    buffer: false,
    reject: false,
    // In a process group of its own: Ctrl-C at a terminal asks us to stop, and we stop tor when it is its turn.
    detached: true,
    cleanup: false,
    forceKillAfterDelay: 5_000,
  });
  const exited = child.then(result => {
    const how = result.signal ?? (result.exitCode === undefined ? '' : `exit code ${result.exitCode}`);
    return { how: how || (result.originalMessage ?? 'unknown') };
  });
  const control = child.stdio[3];
  if (child.pid === undefined || !(control instanceof Socket)) {
    const { how } = await exited;
    throw new Failure('tor-not-runnable', `${binary} can't be run: ${how}. Set tor.binary in config.json.`);
  }
  const connection = new ControlConnection(control);
  const lines = (async () => {
    for await (const line of child.iterable({ from: 'all' })) onLine(line);
  })().catch(() => {});
  return {
    pid: child.pid,
    control: connection,
    exited: exited.then(async end => {
      await lines;
      connection.close();
      return end;
    }),
    async stop() {
      child.kill();
      await exited;
    },
  };
}
