/**
 * The other half of ffmpeg's command line: fit the picture, encode it for little delay, and let the hls muxer write
 * the channel folder. Each file it cuts is one part (fragmented MP4 with both tracks), a keyframe begins some of them.
 */
import type { CaptureConfig } from './config.ts';
import type { Input } from './input.ts';

/** How many seconds of parts the playlist lists, so that a busy server finds every one, and how many more stay. */
const listedS = 10;
const unlistedS = 4;

/** Fewer kbit/s than this are better spent on one channel. */
const stereoFromKbps = 96;

/** Everything after the program's name. Relative file names: ffmpeg runs in the channel folder. */
export function encodeArgs(config: CaptureConfig, input: Input, startNumber: number): string[] {
  const silent = config.audio && input.audio === null;
  return [
    ...[
      '-hide_banner',
      '-loglevel',
      'level+warning',
      '-nostats',
      '-progress',
      'pipe:1',
      '-stats_period',
      '0.5',
      '-y',
    ],
    ...hardwareArgs(config),
    ...input.args,
    ...(silent ? ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'] : []),
    ...['-map', '0:v:0', '-filter:v', [...input.filters, ...fitFilters(config)].join(',')],
    ...videoArgs(config),
    ...(config.audio
      ? audioArgs(config, silent ? `${countInputs(input.args)}:a:0` : (input.audio ?? ''))
      : ['-an']),
    // Silence would go on for ever after the last picture.
    ...(silent ? ['-shortest'] : []),
    ...muxerArgs(config, startNumber),
  ];
}

/** One black frame through the same encoder, to learn whether it works here. */
export function trialArgs(config: CaptureConfig): string[] {
  const { width, height, frameRate } = config;
  return [
    ...['-loglevel', 'level+error', ...hardwareArgs(config)],
    ...['-f', 'lavfi', '-i', `color=c=black:s=${width}x${height}:r=${frameRate}`, '-frames:v', '1'],
    ...['-filter:v', fitFilters(config).join(','), ...videoArgs(config), '-f', 'null', '-'],
  ];
}

function countInputs(args: readonly string[]): number {
  return args.filter(arg => arg === '-i').length;
}

function hardwareArgs({ encoder, vaapiDevice }: CaptureConfig): string[] {
  return encoder === 'h264_vaapi' ? ['-vaapi_device', vaapiDevice] : [];
}

/** The whole picture with its aspect ratio, black around it; BT.709 as the tags below say. */
function fitFilters({ width, height, encoder }: CaptureConfig): string[] {
  return [
    `scale=w='2*round(min(${width},${height}*dar)/2)':h='2*round(min(${height},${width}/dar)/2)':out_color_matrix=bt709:out_range=tv`,
    `pad=${width}:${height}:-1:-1:color=black`,
    'setsar=1',
    ...(encoder === 'h264_vaapi' ? ['format=nv12', 'hwupload'] : ['format=yuv420p']),
  ];
}

function videoArgs(config: CaptureConfig): string[] {
  const { frameRate, keyframeIntervalS, videoBitrateKbps: kbps } = config;
  const keyframes = Math.round(frameRate * keyframeIntervalS);
  return [
    ...['-c:v', config.encoder, ...encoderArgs(config)],
    // A constant rate of frames, in any number of them a second that the source has.
    ...['-r', `${frameRate}`, '-g', `${keyframes}`, '-bf', '0'],
    // One second of bits is the largest burst a viewer's slow circuit has to swallow.
    ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-flags:v', '+bitexact', '-bsf:v', bitstreamFilters(config)],
  ];
}

function encoderArgs({ encoder, preset }: CaptureConfig): string[] {
  switch (encoder) {
    case 'libx264':
      return [
        '-preset',
        preset,
        '-tune',
        'zerolatency',
        '-sc_threshold',
        '0',
        '-x264-params',
        'repeat-headers=1',
      ];
    case 'h264_vaapi':
      return ['-rc_mode', 'CBR', '-sei', '0'];
    case 'h264_nvenc':
      return [
        '-preset',
        'p4',
        '-tune',
        'ull',
        '-rc',
        'cbr',
        '-zerolatency',
        '1',
        '-no-scenecut',
        '1',
        '-forced-idr',
        '1',
      ];
  }
}

/**
 * SEI units (type 6, H.264 table 7-1) name the encoder and its settings. Parameter sets at every keyframe let a
 * viewer's response live through a restart of the encoder; x264 writes them itself.
 */
function bitstreamFilters({ encoder }: CaptureConfig): string {
  const removeSei = 'filter_units=remove_types=6';
  return encoder === 'libx264' ? removeSei : `dump_extra=freq=keyframe,${removeSei}`;
}

function audioArgs({ audioBitrateKbps }: CaptureConfig, stream: string): string[] {
  return [
    ...['-map', stream, '-c:a', 'aac', '-b:a', `${audioBitrateKbps}k`, '-ar', '48000'],
    ...['-ac', audioBitrateKbps < stereoFromKbps ? '1' : '2'],
    // Begin where the picture begins, and fill or cut when a sound card's clock has drifted 0.1 s away from ours.
    ...['-filter:a', 'aresample=async=1:first_pts=0', '-flags:a', '+bitexact'],
  ];
}

function muxerArgs({ partS }: CaptureConfig, startNumber: number): string[] {
  return [
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
    // Sound that stops coming must not hold the picture back.
    ...['-max_interleave_delta', '500000', '-max_muxing_queue_size', '1024'],
    ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', `${partS}`, '-hls_init_time', '0'],
    ...[
      '-hls_list_size',
      `${Math.ceil(listedS / partS)}`,
      '-hls_delete_threshold',
      `${Math.ceil(unlistedS / partS)}`,
    ],
    ...['-hls_flags', 'split_by_time+delete_segments+program_date_time', '-start_number', `${startNumber}`],
    ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', 'stream%d.m4s', 'stream.m3u8'],
  ];
}
