/**
 * What the desktop of this machine offers, found out by asking it: whether an X display answers, which sound device
 * does, which window has a title. Builds no arguments: that is linux.ts.
 */
import { access, constants, readdir } from 'node:fs/promises';
import { Failure } from '../lib/failure.ts';
import { causeIn, runFfmpeg } from './ffmpeg.ts';
import type { Machine } from './input.ts';
import type { LinuxAudio } from './linux.ts';
import { runToEnd } from './process.ts';

type Env = NodeJS.ProcessEnv;

const answerDeadlineMs = 8_000;

/** Under Wayland x11grab sees the X programs at best and black otherwise, so it is not even tried. */
export function isWayland(env: Env): boolean {
  return env.XDG_SESSION_TYPE === 'wayland' || Boolean(env.WAYLAND_DISPLAY);
}

const waylandAdvice =
  'Log in to an Xorg session instead ("on Xorg" at the login screen), or let OBS write the channel folder, or pipe a Wayland recorder in: gpu-screen-recorder -w portal -c mkv -a default_output -o /dev/stdout | scripts/stream --source pipe. docs/broadcasting.md tells how.';

/** The X display to grab: the configured one, else DISPLAY. Throws Failure `screen-wayland` or `screen-missing`. */
export function xDisplay(configured: string, env: Env, source: 'screen' | 'window'): string {
  if (configured !== 'auto') return configured;
  if (isWayland(env) && (source === 'screen' || !env.DISPLAY)) {
    throw new Failure(
      'screen-wayland',
      `This desktop runs Wayland, where the ${source} can't be grabbed through X. ${waylandAdvice}`,
    );
  }
  if (env.DISPLAY) return env.DISPLAY;
  throw new Failure(
    'screen-missing',
    `There is no display here: DISPLAY is not set. Run this in a terminal of the desktop, set capture.sources.${source}.display, or stream --source test.`,
  );
}

/** Grabs one frame; undefined when that worked, else ffmpeg's word for why not. */
export async function displayTrouble(
  { ffmpeg, signal }: Machine,
  display: string,
): Promise<string | undefined> {
  const input = ['-f', 'x11grab', '-i', display];
  const { exitCode, stderr } = await runFfmpeg(
    ffmpeg,
    ['-loglevel', 'level+error', ...input, '-frames:v', '1', '-f', 'null', '-'],
    { deadlineMs: answerDeadlineMs, signal },
  );
  return exitCode === 0 ? undefined : (causeIn(stderr) ?? 'it does not answer');
}

export type Sound = { audio: LinuxAudio; notes: string[] };

/**
 * What the programs play (`monitor`) or a microphone. `auto` falls back to silence with a note, a named device is
 * left to ffmpeg, which says what is wrong with it.
 */
export async function findSound(
  machine: Machine,
  configured: string,
  kind: 'monitor' | 'microphone',
): Promise<Sound> {
  if (configured === 'none') return { audio: null, notes: [] };
  if (configured !== 'auto') {
    const [, format, device] = /^(pulse|alsa):(.+)$/.exec(configured) ?? [];
    return {
      audio: { format: format === 'alsa' ? 'alsa' : 'pulse', device: device ?? configured },
      notes: [],
    };
  }
  const pulse = {
    format: 'pulse',
    device: kind === 'monitor' ? '@DEFAULT_MONITOR@' : '@DEFAULT_SOURCE@',
  } as const;
  if (await records(machine, pulse)) return { audio: pulse, notes: [] };
  const alsa = { format: 'alsa', device: 'default' } as const;
  if (kind === 'microphone' && (await records(machine, alsa))) return { audio: alsa, notes: [] };
  const what = kind === 'monitor' ? 'what this machine plays' : 'a microphone';
  return {
    audio: null,
    notes: [
      `No PulseAudio or PipeWire gives us ${what}: the stream is silent. Start it and this again for sound.`,
    ],
  };
}

async function records({ ffmpeg, signal }: Machine, audio: NonNullable<LinuxAudio>): Promise<boolean> {
  const input = ['-f', audio.format, '-i', audio.device];
  const { exitCode } = await runFfmpeg(
    ffmpeg,
    ['-loglevel', 'quiet', ...input, '-t', '0.05', '-f', 'null', '-'],
    { deadlineMs: answerDeadlineMs, signal },
  );
  return exitCode === 0;
}

/** The id of the window that `wanted` names: an id (`0x2a00007`), a whole title, or part of one whatever its case. */
export async function findWindow({ signal }: Machine, display: string, wanted: string): Promise<string> {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(wanted)) return `0x${Number(wanted).toString(16)}`;
  const result = await runToEnd('xwininfo', ['-display', display, '-root', '-tree'], {
    deadlineMs: answerDeadlineMs,
    signal,
  });
  if (result.notFound) {
    throw new Failure(
      'tool-missing',
      'A window is found by its title with xwininfo, which is not installed. Install it (x11-utils on Debian, xorg-xwininfo elsewhere), or give the window’s id: --source window:0x2a00007.',
    );
  }
  const windows = parseWindowTree(result.stdout);
  const lower = wanted.toLowerCase();
  const found =
    windows.find(window => window.title === wanted) ??
    windows.find(window => window.title.toLowerCase().includes(lower));
  if (found) return found.id;
  const titles = [...new Set(windows.map(window => JSON.stringify(window.title)))].slice(0, 12);
  const there =
    titles.length > 0 ? `The titles there: ${titles.join(', ')}.` : 'No window there has a title.';
  throw new Failure(
    'window-missing',
    `No window on ${display} is called ${JSON.stringify(wanted)}. ${there}`,
  );
}

type TitledWindow = { id: string; title: string };

/** The lines `0x20000a "xeyes": ("xeyes" "XEyes")  150x100+0+0  +5+7` of `xwininfo -tree`, visible sizes only. */
export function parseWindowTree(text: string): TitledWindow[] {
  const windows: TitledWindow[] = [];
  for (const line of text.split('\n')) {
    const [, id, title, width, height] =
      /^\s+(0x[0-9a-f]+) "(.*)": \(.*\)\s+(\d+)x(\d+)[+-]/.exec(line) ?? [];
    // Programs keep invisible windows of a few pixels with their title.
    if (id && title && Number(width) >= 16 && Number(height) >= 16) windows.push({ id, title });
  }
  return windows;
}

/** The camera to open: the configured one, else the first there is. Throws Failure `camera-missing`. */
export async function findCamera(configured: string): Promise<string> {
  const names = await readdir('/dev').catch(() => []);
  const present = names
    .filter(name => /^video\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map(name => `/dev/${name}`);
  const device = configured === 'auto' ? present[0] : configured;
  const readable =
    device &&
    (await access(device, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ));
  if (device && readable) return device;
  const there = present.length > 0 ? `Cameras here: ${present.join(', ')}.` : 'There is none in /dev.';
  const what = device ? `The camera ${device} is missing or not ours to open.` : 'There is no camera.';
  throw new Failure(
    'camera-missing',
    `${what} ${there} Plug one in, join the group video, or set capture.sources.camera.device.`,
    { device },
  );
}
