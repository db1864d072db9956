/**
 * What can be streamed: one row a source. A row looks at the machine and says how ffmpeg reads it; how it is encoded
 * is not its business. To add a source, add a row.
 */
import { Failure } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import {
  displayTrouble,
  findCamera,
  findSound,
  findWindow,
  isWayland,
  type Sound,
  xDisplay,
} from './desktop.ts';
import { type Input, type Machine, type OpenInput, plainInput } from './input.ts';
import { v4l2Camera, x11Screen, x11Window } from './linux.ts';
import { avfoundationCamera, avfoundationScreen } from './macos.ts';
import { isRegularFile, openFile, openPipe, openUrl } from './media.ts';
import { testCardAudio, testCardVideo } from './test-card.ts';
import { dshowCamera, gdigrabScreen, gdigrabWindow } from './windows.ts';

type Row = {
  /** `file:PATH`; without it the name is all there is, with `optional` it may be left out. */
  argument: { name: string; optional: boolean } | undefined;
  help: string;
  open(argument: string, config: CaptureConfig, machine: Machine): OpenInput;
};

export const sources: Readonly<Record<string, Row>> = {
  test: {
    argument: undefined,
    help: 'a moving card with a clock, and a ping every second',
    open: (_, config) => async () => testCard(config),
  },
  screen: {
    argument: { name: 'DISPLAY', optional: true },
    help: 'the whole screen and what the machine plays',
    open: (display, config, machine) => () => screen(display, config, machine),
  },
  window: {
    argument: { name: 'TITLE|ID', optional: false },
    help: 'one window, and what the machine plays',
    open: (wanted, config, machine) => () => window(wanted, config, machine),
  },
  camera: {
    argument: { name: 'DEVICE', optional: true },
    help: 'a camera and a microphone',
    open: (device, config, machine) => () => camera(device, config, machine),
  },
  file: {
    argument: { name: 'PATH', optional: false },
    help: 'a video file, over and over',
    open: (path, _, { ffmpeg, signal }) => openFile(path, ffmpeg, signal),
  },
  url: {
    argument: { name: 'URL', optional: false },
    help: 'anything ffmpeg can open by its URL (rtmp, rtsp, srt, http)',
    open: (url, _, { ffmpeg, signal }) => openUrl(url, ffmpeg, signal),
  },
  pipe: {
    argument: { name: 'paced', optional: true },
    help: 'any media on stdin until it ends; pipe:paced for what comes faster than it plays',
    open: (paced, _, { stdin, ffmpeg, signal }) =>
      openPipe(stdin, paced === 'paced' || isRegularFile(stdin.fd ?? 0), ffmpeg, signal),
  },
};

/** `file:movie.mkv` → how to open it. Throws Failure `source-unknown` with the ones there are. */
export function openSource(text: string, config: CaptureConfig, machine: Machine): OpenInput {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const argument = colon < 0 ? '' : text.slice(colon + 1);
  const row = Object.hasOwn(sources, name) ? sources[name] : undefined;
  const usable =
    row &&
    (argument === ''
      ? !row.argument || row.argument.optional
      : row.argument && (name !== 'pipe' || argument === 'paced'));
  if (row && usable) return row.open(argument, config, machine);
  const known = Object.keys(sources).map(sourceUsage).join(', ');
  throw new Failure('source-unknown', `--source ${JSON.stringify(text)} is none of: ${known}.`, {
    source: text,
  });
}

/** `file:PATH`, `screen[:DISPLAY]`, `test`. */
export function sourceUsage(name: string): string {
  const argument = sources[name]?.argument;
  if (!argument) return name;
  return argument.optional ? `${name}[:${argument.name}]` : `${name}:${argument.name}`;
}

/** The source when none was asked for: the screen where one can be grabbed, else the test card and why. */
export async function defaultSource(
  config: CaptureConfig,
  machine: Machine,
): Promise<{ source: string; notes: string[] }> {
  const { platform, env } = machine;
  if (platform === 'darwin' || platform === 'win32') return { source: 'screen', notes: [] };
  const configured = config.sources.screen.display;
  if (configured === 'auto' && !env.DISPLAY && !isWayland(env)) {
    return { source: 'test', notes: ['There is no display here, so this streams the test card.'] };
  }
  try {
    const trouble = await displayTrouble(machine, xDisplay(configured, env, 'screen'));
    if (trouble === undefined) return { source: 'screen', notes: [] };
    return {
      source: 'test',
      notes: [`The screen can't be grabbed (${trouble}), so this streams the test card.`],
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { source: 'test', notes: [error.message, 'Until then this streams the test card.'] };
  }
}

export function testCard(config: CaptureConfig): Input {
  const { tone } = config.sources.test;
  const graph = [testCardVideo(config), ...(config.audio ? [testCardAudio(tone)] : [])].join(';');
  return {
    ...plainInput,
    title: 'the test card',
    args: ['-re', '-f', 'lavfi', '-i', graph],
    audio: config.audio ? '0:a:0' : null,
    advice:
      'This ffmpeg lacks a filter of the test card (color, drawbox, overlay, geq, loop, aevalsrc): use a full build.',
  };
}

async function screen(display: string, config: CaptureConfig, machine: Machine): Promise<Input> {
  const asked = config.sources.screen;
  const options = { ...asked, display: display || asked.display, ...silenced(config, asked.audioDevice) };
  if (machine.platform === 'darwin') return avfoundationScreen(options, config.frameRate);
  if (machine.platform === 'win32') return gdigrabScreen(options, config.frameRate);
  const found = xDisplay(options.display, machine.env, 'screen');
  const sound = await findSound(machine, options.audioDevice, 'monitor');
  return withNotes(x11Screen(found, options, config.frameRate, sound.audio), sound);
}

async function window(wanted: string, config: CaptureConfig, machine: Machine): Promise<Input> {
  const asked = config.sources.window;
  const options = { ...asked, ...silenced(config, asked.audioDevice) };
  if (machine.platform === 'win32') return gdigrabWindow(wanted, options, config.frameRate);
  if (machine.platform === 'darwin') {
    throw new Failure(
      'window-unsupported',
      'ffmpeg can’t grab a single window on macOS: stream the screen with capture.sources.screen.region, or use OBS.',
    );
  }
  const display = xDisplay(options.display, machine.env, 'window');
  const id = await findWindow(machine, display, wanted);
  const sound = await findSound(machine, options.audioDevice, 'monitor');
  return withNotes(x11Window(display, id, options, config.frameRate, sound.audio), sound);
}

async function camera(device: string, config: CaptureConfig, machine: Machine): Promise<Input> {
  const asked = config.sources.camera;
  const options = { ...asked, device: device || asked.device, ...silenced(config, asked.audioDevice) };
  if (machine.platform === 'darwin') return avfoundationCamera(options, config.frameRate);
  if (machine.platform === 'win32') return dshowCamera(options, config.frameRate);
  const found = await findCamera(options.device);
  const sound = await findSound(machine, options.audioDevice, 'microphone');
  return withNotes(v4l2Camera(found, options, config.frameRate, sound.audio), sound);
}

/** A stream without sound opens no sound device. */
function silenced(config: CaptureConfig, audioDevice: string): { audioDevice: string } {
  return { audioDevice: config.audio ? audioDevice : 'none' };
}

function withNotes(input: Input, { notes }: Sound): Input {
  return { ...input, notes: [...input.notes, ...notes] };
}
