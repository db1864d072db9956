import { z } from 'zod';
import { renditionsConfig } from './renditions.ts';

const even = (min: number, max: number) =>
  z.int().min(min).max(max).multipleOf(2, 'must be even: H.264 halves the colour planes');

/** `auto` takes what the platform calls its default, `none` streams silence, anything else names a device. */
const audioDevice = z.string().min(1).default('auto');

/** Part of the screen, in pixels from its top left corner; null is the whole of it. */
const region = z
  .strictObject({
    x: z.int().min(0).max(32767),
    y: z.int().min(0).max(32767),
    width: z.int().min(16).max(32767),
    height: z.int().min(16).max(32767),
  })
  .nullable()
  .default(null);

const sources = z.strictObject({
  test: z.strictObject({ tone: z.boolean().default(true) }).prefault({}),
  screen: z
    .strictObject({
      /** An X display (`:0.0`) or an avfoundation screen (`Capture screen 0`); `auto`: DISPLAY, the first screen. */
      display: z.string().min(1).default('auto'),
      region,
      showCursor: z.boolean().default(true),
      audioDevice,
    })
    .prefault({}),
  window: z
    .strictObject({
      display: z.string().min(1).default('auto'),
      showCursor: z.boolean().default(true),
      audioDevice,
    })
    .prefault({}),
  camera: z
    .strictObject({
      /** A v4l2 path, an avfoundation or dshow device name; `auto` is the first one where that can be said. */
      device: z.string().min(1).default('auto'),
      /** What the camera is asked for; null leaves it to the camera. */
      size: z
        .strictObject({ width: even(16, 7680), height: even(16, 4320) })
        .nullable()
        .default(null),
      audioDevice,
    })
    .prefault({}),
});

export const encoders = ['libx264', 'h264_vaapi', 'h264_nvenc', 'libvpx-vp9', 'libsvtav1'] as const;
export type VideoEncoder = (typeof encoders)[number];

/** The `capture` slice of config.json. Rates are kbit/s of 1000 bits, times are seconds, sizes are pixels. */
export const captureConfig = z
  .strictObject({
    width: even(128, 3840).default(640),
    height: even(72, 2160).default(360),
    frameRate: z.int().min(5).max(60).default(20),
    videoBitrateKbps: z.int().min(50).max(20_000).default(450),
    audio: z.boolean().default(true),
    audioBitrateKbps: z.int().min(16).max(320).default(64),
    keyframeIntervalS: z.number().min(0.2).max(10).default(1),
    partS: z.number().min(0.1).max(2).default(0.2),
    encoder: z.enum(encoders).default('libx264'),
    /** libx264 only: slower presets look better at the same bitrate and may be too much for a laptop. */
    preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium']).default('veryfast'),
    /** h264_vaapi only. */
    vaapiDevice: z.string().min(1).default('/dev/dri/renderD128'),
    /** What is encoded beside this, for those whose circuit carries less. */
    renditions: renditionsConfig,
    sources: sources.prefault({}),
  })
  .check(context => {
    const { frameRate, partS, keyframeIntervalS, height, renditions } = context.value;
    const partFrames = partS * frameRate;
    if (!isWhole(partFrames)) {
      context.issues.push({
        code: 'custom',
        path: ['partS'],
        input: partS,
        message: `must be a whole number of frames: at ${frameRate} frames a second it would be ${round(partFrames)} frames`,
      });
    }
    if (!isWhole(keyframeIntervalS / partS)) {
      context.issues.push({
        code: 'custom',
        path: ['keyframeIntervalS'],
        input: keyframeIntervalS,
        message: `must be a multiple of partS (${partS}), so that a part can begin with the keyframe`,
      });
    }
    for (const [index, rendition] of renditions.entries()) {
      if (rendition.kind !== 'pictures' || rendition.height <= height) continue;
      context.issues.push({
        code: 'custom',
        path: ['renditions', index, 'height'],
        input: rendition.height,
        message: `must be at most the height of the main rendition (${height}), which it is made from`,
      });
    }
  })
  .prefault({});

export type CaptureConfig = z.infer<typeof captureConfig>;

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
