/** Argument builders for X11, PulseAudio, ALSA and Video4Linux2: pure, nothing is looked up here. */
import type { CaptureConfig } from './config.ts';
import { type Input, plainInput } from './input.ts';

type Sources = CaptureConfig['sources'];

/** Where sound comes from, and what to say about it. */
export type LinuxAudio = { format: 'pulse' | 'alsa'; device: string } | null;

/** The whole X display or a region of it. */
export function x11Screen(
  display: string,
  { region, showCursor }: Sources['screen'],
  frameRate: number,
  audio: LinuxAudio,
): Input {
  const area = region
    ? ['-grab_x', `${region.x}`, '-grab_y', `${region.y}`, '-video_size', `${region.width}x${region.height}`]
    : [];
  return {
    ...plainInput,
    title: `the screen ${display}`,
    args: [...x11grab(frameRate, showCursor), ...area, '-i', display, ...audioArgs(audio)],
    audio: audio && '1:a:0',
    advice: 'See that DISPLAY names a running X display you may open, and that the region lies on it.',
  };
}

/** One X window, wherever it is moved to. */
export function x11Window(
  display: string,
  windowId: string,
  { showCursor }: Sources['window'],
  frameRate: number,
  audio: LinuxAudio,
): Input {
  return {
    ...plainInput,
    title: `the window ${windowId}`,
    args: [...x11grab(frameRate, showCursor), '-window_id', windowId, '-i', display, ...audioArgs(audio)],
    audio: audio && '1:a:0',
    advice: 'See that the window is open and not minimized.',
  };
}

export function v4l2Camera(
  device: string,
  { size }: Sources['camera'],
  frameRate: number,
  audio: LinuxAudio,
): Input {
  const asked = size ? ['-video_size', `${size.width}x${size.height}`] : [];
  return {
    ...plainInput,
    title: `the camera ${device}`,
    // -ts abs: the clock of the sound, so that both can be aligned.
    args: [
      ...['-thread_queue_size', '64', '-f', 'v4l2', '-ts', 'abs', '-framerate', `${frameRate}`],
      ...asked,
      ...['-i', device, ...audioArgs(audio)],
    ],
    audio: audio && '1:a:0',
    advice:
      'See that no other program uses it, and which sizes it has: ffmpeg -f v4l2 -list_formats all -i DEVICE.',
  };
}

function x11grab(frameRate: number, showCursor: boolean): string[] {
  const cursor = showCursor ? '1' : '0';
  // -xerror: ffmpeg would go on with the sound alone when the window is closed, or without it when the sound server ends.
  return [
    '-xerror',
    '-thread_queue_size',
    '64',
    '-f',
    'x11grab',
    '-framerate',
    `${frameRate}`,
    '-draw_mouse',
    cursor,
  ];
}

function audioArgs(audio: LinuxAudio): string[] {
  if (!audio) return [];
  // Pulse hands out 2 s at a time unless told otherwise: 40 ms of 48 kHz stereo with 16 bits.
  const latency = audio.format === 'pulse' ? ['-fragment_size', '7680'] : [];
  return [
    ...[
      '-thread_queue_size',
      '1024',
      '-f',
      audio.format,
      '-sample_rate',
      '48000',
      '-channels',
      '2',
      ...latency,
    ],
    // Both inputs carry the wall clock: keep the offset between them instead of starting each at zero.
    ...['-isync', '0', '-i', audio.device],
  ];
}
