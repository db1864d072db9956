/** Argument builders for avfoundation, where one input carries picture and sound. */
import type { CaptureConfig } from './config.ts';
import { type Input, plainInput } from './input.ts';

type Sources = CaptureConfig['sources'];

const list = 'ffmpeg -f avfoundation -list_devices true -i ""';
const permission = `Allow the terminal screen, camera and microphone in System Settings, Privacy & Security; the names are told by: ${list}.`;

export function avfoundationScreen(
  { display, region, showCursor, audioDevice }: Sources['screen'],
  frameRate: number,
): Input {
  const screen = display === 'auto' ? 'Capture screen 0' : display;
  // macOS offers no recording of what it plays: that takes a loopback device, which has to be named.
  const audio = audioDevice === 'auto' ? 'none' : audioDevice;
  return {
    ...plainInput,
    title: `the screen "${screen}"`,
    args: [...avfoundation(frameRate), '-capture_cursor', showCursor ? '1' : '0', '-i', `${screen}:${audio}`],
    audio: audio === 'none' ? null : '0:a:0',
    filters: region ? [`crop=${region.width}:${region.height}:${region.x}:${region.y}`] : [],
    notes:
      audioDevice === 'auto'
        ? [
            'macOS has no device for what it plays: install a loopback device (BlackHole) and set capture.sources.screen.audioDevice to its name; silence until then.',
          ]
        : [],
    advice: permission,
  };
}

export function avfoundationCamera(
  { device, size, audioDevice }: Sources['camera'],
  frameRate: number,
): Input {
  const camera = device === 'auto' ? 'default' : device;
  const audio = audioDevice === 'auto' ? 'default' : audioDevice;
  const asked = size ? ['-video_size', `${size.width}x${size.height}`] : [];
  return {
    ...plainInput,
    title: `the camera "${camera}"`,
    args: [...avfoundation(frameRate), ...asked, '-i', `${camera}:${audio}`],
    audio: audio === 'none' ? null : '0:a:0',
    advice: permission,
  };
}

function avfoundation(frameRate: number): string[] {
  return ['-thread_queue_size', '1024', '-f', 'avfoundation', '-framerate', `${frameRate}`];
}
