/** Main rendition and others → what ffmpeg is to write: for each one its folder, encoders and sizes. Pure. */
import type { CaptureConfig, VideoEncoder } from './config.ts';
import type { Input } from './input.ts';
import type { PicturesRendition, Rendition } from './renditions.ts';

export type AudioEncoder = 'aac' | 'libopus';
export type SoundOutput = { encoder: AudioEncoder; bitrateKbps: number };
export type PicturesOutput = {
  encoder: VideoEncoder;
  width: number;
  height: number;
  bitrateKbps: number;
};

export type MediaOutput = {
  kind: 'media';
  /** Relative to the channel folder: empty for the main rendition, else `240p/`. */
  folder: string;
  pictures: PicturesOutput | undefined;
  sound: SoundOutput | undefined;
};

export type SlidesOutput = { kind: 'slides'; folder: string; width: number; height: number; everyS: number };

export type Output = MediaOutput | SlidesOutput;

/** Opus in MP4 goes with the codecs that whoever plays them plays with Opus. */
function soundEncoderBeside(encoder: VideoEncoder): AudioEncoder {
  return encoder === 'libvpx-vp9' || encoder === 'libsvtav1' ? 'libopus' : 'aac';
}

/** `h264` is whatever the main rendition makes H.264 with. */
export function videoEncoderOf(codec: PicturesRendition['codec'], main: VideoEncoder): VideoEncoder {
  if (codec === 'vp9') return 'libvpx-vp9';
  if (codec === 'av1') return 'libsvtav1';
  return main === 'libvpx-vp9' || main === 'libsvtav1' ? 'libx264' : main;
}

export function mainOutput(config: CaptureConfig): MediaOutput {
  const { encoder, width, height, videoBitrateKbps, audioBitrateKbps, audio } = config;
  return {
    kind: 'media',
    folder: '',
    pictures: { encoder, width, height, bitrateKbps: videoBitrateKbps },
    sound: audio ? { encoder: soundEncoderBeside(encoder), bitrateKbps: audioBitrateKbps } : undefined,
  };
}

export function outputOf(rendition: Rendition, config: CaptureConfig): Output {
  const folder = `${rendition.name}/`;
  const sizeOf = (wanted: number) => {
    const height = Math.min(wanted, config.height);
    return { height, width: 2 * Math.round((config.width * height) / config.height / 2) };
  };
  switch (rendition.kind) {
    case 'slides':
      return { kind: 'slides', folder, everyS: rendition.everyS, ...sizeOf(rendition.height) };
    case 'sound': {
      const encoder = rendition.codec === 'opus' ? 'libopus' : 'aac';
      const sound = { encoder, bitrateKbps: rendition.audioBitrateKbps } as const;
      return { kind: 'media', folder, pictures: undefined, sound };
    }
    case 'pictures': {
      const encoder = videoEncoderOf(rendition.codec, config.encoder);
      const sound = { encoder: soundEncoderBeside(encoder), bitrateKbps: rendition.audioBitrateKbps };
      return {
        kind: 'media',
        folder,
        pictures: { encoder, bitrateKbps: rendition.videoBitrateKbps, ...sizeOf(rendition.height) },
        sound: config.audio ? sound : undefined,
      };
    }
  }
}

/**
 * The main rendition's output first. Without sound that the source surely has (`?` at the end of its stream specifier: if it
 * turns up) there is nothing to listen to, and no rendition of sound alone.
 */
export function outputsOf(config: CaptureConfig, { audio }: Pick<Input, 'audio'>): Output[] {
  const hasSound = config.audio && audio !== null && !audio.endsWith('?');
  const others = config.renditions.filter(({ kind }) => kind !== 'sound' || hasSound);
  return [mainOutput(config), ...others.map(rendition => outputOf(rendition, config))];
}
