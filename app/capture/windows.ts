/** Argument builders for gdigrab (screen, window) and dshow (camera, sound). */
import { Failure } from '../lib/failure.ts';
import type { CaptureConfig } from './config.ts';
import { type Input, plainInput } from './input.ts';

type Sources = CaptureConfig['sources'];

const list = 'ffmpeg -list_devices true -f dshow -i dummy';

export function gdigrabScreen(
  { region, showCursor, audioDevice }: Sources['screen'],
  frameRate: number,
): Input {
  const area = region
    ? [
        '-offset_x',
        `${region.x}`,
        '-offset_y',
        `${region.y}`,
        '-video_size',
        `${region.width}x${region.height}`,
      ]
    : [];
  return {
    ...plainInput,
    ...sound(audioDevice, 'screen'),
    title: 'the desktop',
    args: [...gdigrab(frameRate, showCursor), ...area, '-i', 'desktop', ...audioArgs(audioDevice)],
    advice: 'See that the region lies on the desktop, and that a desktop session is open.',
  };
}

export function gdigrabWindow(
  title: string,
  { showCursor, audioDevice }: Sources['window'],
  frameRate: number,
): Input {
  return {
    ...plainInput,
    ...sound(audioDevice, 'window'),
    title: `the window "${title}"`,
    args: [...gdigrab(frameRate, showCursor), '-i', `title=${title}`, ...audioArgs(audioDevice)],
    advice: 'See that a window with exactly this title is open and not minimized.',
  };
}

/** Throws Failure `camera-unnamed`: dshow has no default device. */
export function dshowCamera({ device, size, audioDevice }: Sources['camera'], frameRate: number): Input {
  if (device === 'auto') {
    throw new Failure(
      'camera-unnamed',
      `Windows has no default camera: set capture.sources.camera.device to a name from ${list}.`,
    );
  }
  const asked = size ? ['-video_size', `${size.width}x${size.height}`] : [];
  const silent = audioDevice === 'auto' || audioDevice === 'none';
  return {
    ...plainInput,
    ...sound(audioDevice, 'camera'),
    title: `the camera "${device}"`,
    // Picture and sound of one dshow input share one clock.
    args: [
      ...[
        '-thread_queue_size',
        '1024',
        '-f',
        'dshow',
        '-rtbufsize',
        '64M',
        '-framerate',
        `${frameRate}`,
        ...asked,
      ],
      ...['-i', `video=${device}${silent ? '' : `:audio=${audioDevice}`}`],
    ],
    audio: silent ? null : '0:a:0',
    advice: `See that no other program uses it, and its name and sizes: ${list}.`,
  };
}

function gdigrab(frameRate: number, showCursor: boolean): string[] {
  const cursor = showCursor ? '1' : '0';
  // -xerror: ffmpeg would go on with the sound alone when the window is closed.
  return [
    '-xerror',
    '-thread_queue_size',
    '64',
    '-f',
    'gdigrab',
    '-framerate',
    `${frameRate}`,
    '-draw_mouse',
    cursor,
  ];
}

function audioArgs(device: string): string[] {
  if (device === 'auto' || device === 'none') return [];
  return ['-thread_queue_size', '1024', '-f', 'dshow', '-i', `audio=${device}`];
}

function sound(device: string, source: 'screen' | 'window' | 'camera'): Pick<Input, 'audio' | 'notes'> {
  if (device !== 'auto') return { audio: device === 'none' ? null : '1:a:0', notes: [] };
  return {
    audio: null,
    notes: [
      `Windows has no default recording device: set capture.sources.${source}.audioDevice to a name from ${list}; silence until then.`,
    ],
  };
}
