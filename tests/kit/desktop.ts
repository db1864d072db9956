/**
 * A desktop for tests: a private X display (Xvfb) and a private PulseAudio daemon with one null sink. Both die
 * with `close()`, or with the test process. Owns no windows: callers start their own with `env`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export type Display = {
  /** `:N`, a number no other display uses. */
  display: string;
  /** What a program needs in its environment to open windows there. */
  env: { DISPLAY: string };
  close(): Promise<void>;
};

export type Pulse = {
  /** What a program needs in its environment to play to the null sink and to record its monitor. */
  env: { XDG_RUNTIME_DIR: string; PULSE_RUNTIME_PATH: string; PULSE_SERVER: string };
  close(): Promise<void>;
};

const startDeadlineMs = 15_000;

/** Starts Xvfb on a display number it finds free, `width`×`height` pixels at 24 bits, black and without windows. */
export async function startDisplay(size: { width: number; height: number }): Promise<Display> {
  const screen = `${size.width}x${size.height}x24`;
  // -ac: no .Xauthority to hand to every client; the socket is local and lives as long as the test.
  const args = ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-ac', '-noreset'];
  const child = spawn(...untilWeDie('Xvfb', args), { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const owned = own('Xvfb', child);
  const display = `:${await owned.guard(firstLine(child.stdio[3]))}`;
  return { display, env: { DISPLAY: display }, close: owned.close };
}

/** Starts a PulseAudio daemon of our own (also as root) whose default sink is a null sink called `speaker`. */
export async function startPulse(): Promise<Pulse> {
  const dir = await mkdtemp(join(tmpdir(), 'pulse-'));
  const socket = join(dir, 'native');
  const env = { XDG_RUNTIME_DIR: dir, PULSE_RUNTIME_PATH: dir, PULSE_SERVER: `unix:${socket}` };
  const modules = [
    'module-null-sink sink_name=speaker rate=48000 channels=2',
    `module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
  ];
  const args = ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disable-shm=yes'];
  const loads = modules.flatMap(module => ['-L', module]);
  const child = spawn(...untilWeDie('pulseaudio', [...args, ...loads]), {
    // PULSE_SERVER would make the daemon a client; its state belongs in the folder that goes away.
    env: { ...process.env, XDG_RUNTIME_DIR: dir, PULSE_RUNTIME_PATH: dir, PULSE_STATE_PATH: dir, HOME: dir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const owned = own('pulseaudio', child);
  const close = async (): Promise<void> => {
    await owned.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await owned.guard(untilAnswers(socket));
  } catch (error) {
    await close();
    throw error;
  }
  return { env, close };
}

/** The kernel kills the program when we end, also after a kill -9 of a test that took too long. */
function untilWeDie(program: string, args: string[]): [string, string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}

/** Ties a child to this process: `guard` fails with its stderr when it dies or is late, `close` waits for its end. */
function own(name: string, child: ChildProcess) {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  const ended = once(child, 'close').catch(error => {
    stderr += String(error);
  });
  const killNow = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);

  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(killNow, 3000);
    await ended;
    clearTimeout(late);
    process.off('exit', killNow);
  };

  const guard = async <T>(ready: Promise<T>): Promise<T> => {
    const done = new AbortController();
    const died = ended.then(() => Promise.reject(new Error(`${name} ended at once: ${stderr.trim()}`)));
    const late = delay(startDeadlineMs, undefined, { signal: done.signal }).then(() =>
      Promise.reject(new Error(`${name} was not ready after ${startDeadlineMs} ms: ${stderr.trim()}`)),
    );
    try {
      return await Promise.race([ready, died, late]);
    } catch (error) {
      await close();
      throw error;
    } finally {
      done.abort();
      late.catch(() => {});
      died.catch(() => {});
      ready.catch(() => {});
    }
  };

  return { close, guard };
}

async function firstLine(stream: unknown): Promise<string> {
  let text = '';
  // Node types the extra pipes of a child as readable or writable.
  for await (const chunk of stream as Readable) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end).trim();
  }
  throw new Error('it closed the pipe without a line');
}

async function untilAnswers(socketPath: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    const socket = createConnection(socketPath);
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await delay(50);
  }
  throw new Error(`nobody answers at ${socketPath}`);
}
