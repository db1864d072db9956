/** One row a video encoder: what it is told so that it gives each picture at once, in a constant rate of bits. */
import type { VideoEncoder } from './config.ts';

export type PicturesSettings = {
  encoder: VideoEncoder;
  frameRate: number;
  keyframeIntervalS: number;
  videoBitrateKbps: number;
  /** libx264 only. */
  preset: string;
};

export function videoArgs(settings: PicturesSettings): string[] {
  const { encoder, frameRate, keyframeIntervalS, videoBitrateKbps: kbps } = settings;
  const keyframes = Math.round(frameRate * keyframeIntervalS);
  const filters = bitstreamFilters[encoder];
  return [
    ...['-c:v', encoder, ...encoderArgs(settings)],
    // A constant rate of frames, in any number of them a second that the source has.
    ...['-r', `${frameRate}`, '-g', `${keyframes}`],
    // One second of bits is the largest burst a viewer's slow circuit has to swallow.
    ...[
      '-b:v',
      `${kbps}k`,
      ...(encoder === 'libsvtav1' ? [] : ['-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`]),
    ],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-flags:v', '+bitexact', ...(filters === undefined ? [] : ['-bsf:v', filters])],
  ];
}

/** The last filter before the encoder: the pixels it takes. */
export function pixelFilter(encoder: VideoEncoder): string {
  return encoder === 'h264_vaapi' ? 'format=nv12,hwupload' : 'format=yuv420p';
}

function encoderArgs({ encoder, preset, frameRate, keyframeIntervalS, ...rate }: PicturesSettings): string[] {
  const keyframes = `${Math.round(frameRate * keyframeIntervalS)}`;
  switch (encoder) {
    case 'libx264':
      return [
        ...['-preset', preset, '-tune', 'zerolatency', '-bf', '0', '-sc_threshold', '0'],
        ...['-x264-params', 'repeat-headers=1'],
      ];
    case 'h264_vaapi':
      return ['-rc_mode', 'CBR', '-sei', '0', '-bf', '0'];
    case 'h264_nvenc':
      return [
        ...['-preset', 'p4', '-tune', 'ull', '-rc', 'cbr', '-zerolatency', '1', '-no-scenecut', '1'],
        ...['-forced-idr', '1', '-bf', '0'],
      ];
    case 'libvpx-vp9':
      return [
        // No picture waits for a later one, and every shown picture is a frame of its own.
        ...['-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1', '-tile-columns', '1'],
        ...['-lag-in-frames', '0', '-auto-alt-ref', '0', '-keyint_min', keyframes],
        // The three rates alike are what the wrapper takes for CBR.
        ...['-minrate', `${rate.videoBitrateKbps}k`],
      ];
    case 'libsvtav1':
      // Low delay (pred-struct), CBR, which it has for low delay only, and keyframes where they are due and nowhere else.
      return ['-preset', '11', '-svtav1-params', 'pred-struct=1:rc=2:scd=0:irefresh-type=2'];
  }
}

const removeSei = 'filter_units=remove_types=6';

/**
 * SEI units (type 6, H.264 table 7-1) name the encoder and its settings. Parameter sets at every keyframe let a
 * viewer's response live through a restart of the encoder; x264 writes them itself.
 */
const bitstreamFilters: Readonly<Partial<Record<VideoEncoder, string>>> = {
  libx264: removeSei,
  h264_vaapi: `dump_extra=freq=keyframe,${removeSei}`,
  h264_nvenc: `dump_extra=freq=keyframe,${removeSei}`,
};
