/**
 * The other half of ffmpeg's command line: fit the picture, encode it for little delay, and let the hls muxer write
 * the channel folder. Each file it cuts is one part (fragmented MP4 with both tracks), a keyframe begins some of them.
 * All renditions come out of one process and one fitted picture, so that their keyframes and parts fall together.
 */
import type { CaptureConfig } from './config.ts';
import type { Input } from './input.ts';
import { type MediaOutput, type Output, outputsOf, type SlidesOutput, type SoundOutput } from './outputs.ts';
import { pixelFilter, videoArgs } from './video-encoder.ts';

/** How many seconds of parts the playlist lists, so that a busy server finds every one, and how many more stay. */
const listedS = 10;
const unlistedS = 4;

/** Fewer kbit/s than this are better spent on one channel. */
const stereoFromKbps = { aac: 96, libopus: 64 } as const;

const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'];

/** Everything after the program's name. Relative file names: ffmpeg runs in the channel folder. */
export function encodeArgs(config: CaptureConfig, input: Input, startNumber: number): string[] {
  const silent = config.audio && input.audio === null;
  const outputs = outputsOf(config, input);
  const sound = silent ? `${countInputs(input.args)}:a:0` : (input.audio ?? '');
  return [
    ...['-hide_banner', '-loglevel', 'level+warning', '-nostats'],
    ...['-progress', 'pipe:1', '-stats_period', '0.5', '-y'],
    ...hardwareArgs(config),
    ...input.args,
    ...(silent ? silence : []),
    ...['-filter_complex', pictureGraph(config, input.filters, outputs)],
    ...outputs.flatMap((output, index) =>
      output.kind === 'slides'
        ? slidesArgs(output, index)
        : [
            ...(output.pictures ? picturesArgs(config, output.pictures, index) : ['-vn']),
            ...(output.sound ? soundArgs(output.sound, sound) : ['-an']),
            // Silence would go on for ever after the last picture.
            ...(silent ? ['-shortest'] : []),
            ...muxerArgs(config, output, startNumber),
          ],
    ),
  ];
}

/** One black frame, or a little silence, through the same encoders, to learn whether they work here. */
export function trialArgs(config: CaptureConfig, output: Output): string[] {
  const { width, height, frameRate } = config;
  const picture = ['-f', 'lavfi', '-i', `color=c=black:s=${width}x${height}:r=${frameRate}:d=0.1`];
  const isMedia = output.kind === 'media';
  const hasPicture = !isMedia || output.pictures !== undefined;
  return [
    ...['-loglevel', 'level+error', ...hardwareArgs(config), ...(hasPicture ? picture : [])],
    ...(isMedia && output.sound ? silence : []),
    ...(hasPicture ? ['-filter_complex', pictureGraph(config, [], [output]), '-frames:v', '1'] : []),
    ...(isMedia && output.pictures ? picturesArgs(config, output.pictures, 0) : []),
    ...(isMedia && output.sound
      ? [...soundArgs(output.sound, hasPicture ? '1:a:0' : '0:a:0'), '-frames:a', '2']
      : []),
    ...(isMedia ? [] : ['-map', '[v0]', ...jpegArgs]),
    ...['-f', 'null', '-'],
  ];
}

function countInputs(args: readonly string[]): number {
  return args.filter(arg => arg === '-i').length;
}

function hardwareArgs({ encoder, vaapiDevice }: CaptureConfig): string[] {
  return encoder === 'h264_vaapi' ? ['-vaapi_device', vaapiDevice] : [];
}

/** `[v0]`, `[v1]`, …: the picture as the output of that place wants it. */
function pictureGraph(config: CaptureConfig, filters: readonly string[], outputs: readonly Output[]): string {
  const wanted = outputs.flatMap((output, index) => {
    const pictures = output.kind === 'slides' ? output : output.pictures;
    return pictures ? [{ index, chain: chainOf(config, output, pictures) }] : [];
  });
  const fitted = `[0:v:0]${[...filters, ...fitFilters(config)].join(',')}`;
  const [only] = wanted;
  if (only && wanted.length === 1) return `${fitted},${only.chain}[v${only.index}]`;
  const split = `${fitted},split=${wanted.length}${wanted.map(({ index }) => `[p${index}]`).join('')}`;
  return [split, ...wanted.map(({ index, chain }) => `[p${index}]${chain}[v${index}]`)].join(';');
}

function chainOf(
  { width, height }: CaptureConfig,
  output: Output,
  size: { width: number; height: number },
): string {
  const isScaled = size.width !== width || size.height !== height;
  if (output.kind === 'slides' || !output.pictures) {
    // JPEG has the full range (ITU-T T.871 §7).
    return `scale=${size.width}:${size.height}:flags=fast_bilinear:out_range=full,setsar=1,format=yuv420p`;
  }
  const pixels = pixelFilter(output.pictures.encoder);
  return isScaled ? `scale=${size.width}:${size.height},setsar=1,${pixels}` : pixels;
}

/** The whole picture with its aspect ratio, black around it; BT.709 as the tags say. */
function fitFilters({ width, height }: CaptureConfig): string[] {
  return [
    `scale=w='2*round(min(${width},${height}*dar)/2)':h='2*round(min(${height},${width}/dar)/2)':out_color_matrix=bt709:out_range=tv`,
    `pad=${width}:${height}:-1:-1:color=black`,
    'setsar=1',
  ];
}

function picturesArgs(
  config: CaptureConfig,
  { encoder, bitrateKbps }: NonNullable<MediaOutput['pictures']>,
  index: number,
): string[] {
  return ['-map', `[v${index}]`, ...videoArgs({ ...config, encoder, videoBitrateKbps: bitrateKbps })];
}

function soundArgs({ encoder, bitrateKbps }: SoundOutput, stream: string): string[] {
  return [
    ...['-map', stream, '-c:a', encoder, '-b:a', `${bitrateKbps}k`, '-ar', '48000'],
    // A third of the processor time of its default, 10.
    ...(encoder === 'libopus' ? ['-compression_level', '5'] : []),
    ...['-ac', bitrateKbps < stereoFromKbps[encoder] ? '1' : '2'],
    // Begin where the picture begins, and fill or cut when a sound card's clock has drifted 0.1 s away from ours.
    ...['-filter:a', 'aresample=async=1:first_pts=0', '-flags:a', '+bitexact'],
  ];
}

/** Without `bitexact` a JPEG has a comment that names the encoder. */
const jpegArgs = [
  ...['-c:v', 'mjpeg', '-q:v', '9', '-flags:v', '+bitexact'],
  // The full range by its tag: the pixel format that means it is told off as deprecated.
  ...['-color_range', 'pc', '-strict', 'unofficial'],
];

function slidesArgs({ folder, everyS }: SlidesOutput, index: number): string[] {
  return [
    ...['-map', `[v${index}]`, '-an', ...jpegArgs],
    // Left out before the encoder and not by a filter: ffmpeg up to 6 reads no sound while a filter's output is late.
    ...['-fps_mode', 'cfr', '-r', `1/${everyS}`, '-map_metadata', '-1', '-fflags', '+bitexact'],
    ...['-f', 'image2', '-update', '1', '-atomic_writing', '1', `${folder}slide.jpg`],
  ];
}

function muxerArgs({ partS }: CaptureConfig, { folder }: MediaOutput, startNumber: number): string[] {
  return [
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
    // Sound that stops coming must not hold the picture back.
    ...['-max_interleave_delta', '500000', '-max_muxing_queue_size', '1024'],
    ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', `${partS}`, '-hls_init_time', '0'],
    ...['-hls_list_size', `${Math.ceil(listedS / partS)}`],
    ...['-hls_delete_threshold', `${Math.ceil(unlistedS / partS)}`],
    ...['-hls_flags', 'split_by_time+delete_segments+program_date_time', '-start_number', `${startNumber}`],
    // The name of the init segment is relative to the playlist, those of the parts to the working directory.
    ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', `${folder}stream%d.m4s`],
    `${folder}stream.m3u8`,
  ];
}
