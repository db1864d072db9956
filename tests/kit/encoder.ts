/**
 * A bare ffmpeg that writes a channel folder, as anybody could start it: a test picture and a tone, nothing hidden
 * of the program that made them, and pid.txt and start.txt only when asked for. Knows nothing of our launcher.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type EncoderOptions = {
  /** Length of a file: 0.2 makes parts, 2 is what OBS writes. */
  partS?: number;
  frameRate?: number;
  gopFrames?: number;
  size?: `${number}x${number}`;
  video?: 'libx264' | 'libx265' | 'libvpx-vp9' | 'libsvtav1' | 'none';
  audio?: 'aac' | 'libopus' | 'none';
  /** pid.txt and start.txt, as the launcher writes them. */
  announced?: boolean;
  /** Files that the playlist lists; 0 keeps them all. */
  listSize?: number;
  /** So many seconds as fast as it can, instead of for ever in real time. */
  durationS?: number;
  /** Further output options of ffmpeg. */
  extra?: readonly string[];
};

export type Encoder = AsyncDisposable & {
  readonly pid: number;
  /** Resolves when its playlist lists at least `count` files; rejects when it ends before that. */
  listed(count: number): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGINT' | 'SIGKILL'): void;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  /** SIGINT, so that it ends its playlist, and its end; SIGKILL when that takes too long. */
  stop(): Promise<void>;
  /** SIGKILL and its end, in whatever state it is. */
  close(): Promise<void>;
};

const listedDeadlineMs = 15_000;

function videoArgs(options: EncoderOptions): string[] {
  const { video = 'libx264', gopFrames = 25 } = options;
  const gop = ['-g', String(gopFrames), '-pix_fmt', 'yuv420p'];
  const x264 = 'repeat-headers=1:threads=1:scenecut=0';
  switch (video) {
    case 'libx264':
      return ['-c:v', video, '-preset', 'ultrafast', '-tune', 'zerolatency', ...gop, '-x264-params', x264];
    case 'libx265':
      return ['-c:v', video, '-preset', 'ultrafast', '-tag:v', 'hvc1', ...gop];
    case 'libvpx-vp9':
      return ['-c:v', video, '-deadline', 'realtime', '-cpu-used', '8', ...gop];
    case 'libsvtav1':
      return ['-c:v', video, '-preset', '12', ...gop];
    case 'none':
      return [];
  }
}

function ffmpegArgs(options: EncoderOptions): string[] {
  const { partS = 0.2, frameRate = 25, size = '320x180', video, audio = 'aac', durationS } = options;
  const { listSize = durationS === undefined ? 15 : 0, extra = [] } = options;
  const paced = durationS === undefined ? ['-re'] : [];
  const input = (graph: string): string[] => [...paced, '-f', 'lavfi', '-i', graph];
  const inputs = [
    ...(video === 'none' ? [] : input(`testsrc2=size=${size}:rate=${frameRate}`)),
    ...(audio === 'none' ? [] : input('sine=frequency=440:sample_rate=48000')),
  ];
  // The muxer starts a file at any frame only with split_by_time; longer files begin with keyframes anyway.
  const flags = [
    'program_date_time',
    ...(partS < 1 ? ['split_by_time'] : []),
    ...(listSize ? ['delete_segments'] : []),
  ];
  return [
    ...['-nostdin', '-v', 'error', ...inputs, ...(durationS === undefined ? [] : ['-t', String(durationS)])],
    ...videoArgs(options),
    ...(audio === 'none' ? [] : ['-c:a', audio, '-b:a', '64k']),
    // What an encoder may tell of itself and of its owner, and what must not reach a viewer.
    ...['-metadata', 'title=Secret title', '-metadata', 'creation_time=2024-05-06T07:08:09Z'],
    ...['-metadata:s', 'creation_time=2024-05-06T07:08:09Z', '-metadata:s', 'handler_name=Secret handler'],
    ...extra,
    ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', String(partS), '-hls_init_time', '0'],
    ...['-hls_list_size', String(listSize), '-hls_flags', flags.join('+')],
    ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', 'stream%d.m4s', 'stream.m3u8'],
  ];
}

/** Inode and time of the playlist: another writing, another mark. */
async function playlistMark(dir: string): Promise<string> {
  const stats = await stat(join(dir, 'stream.m3u8')).catch(() => undefined);
  return stats ? `${stats.ino} ${stats.mtimeMs}` : '';
}

async function listedIn(dir: string, markBefore: string): Promise<number> {
  if ((await playlistMark(dir)) === markBefore) return 0;
  const playlist = await readFile(join(dir, 'stream.m3u8'), 'utf8').catch(() => '');
  return playlist.match(/^#EXTINF/gm)?.length ?? 0;
}

/** Starts ffmpeg in `dir`, which is made. It dies with this process, however that ends. */
export async function startEncoder(dir: string, options: EncoderOptions = {}): Promise<Encoder> {
  await mkdir(dir, { recursive: true });
  // An earlier run may have left one.
  const markBefore = await playlistMark(dir);
  const args = ['--pdeathsig', 'KILL', 'ffmpeg', ...ffmpegArgs(options)];
  const child = spawn('setpriv', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  const ended = once(child, 'close').then(() => {});
  const { pid } = child;
  if (pid === undefined) throw new Error('setpriv and ffmpeg are needed to run this test');
  if (options.announced) {
    await writeFile(join(dir, 'start.txt'), `${new Date().toISOString()}\n`);
    // Whole at any moment, as the launcher's is.
    await writeFile(join(dir, 'pid.txt.tmp'), `${pid}\n`);
    await rename(join(dir, 'pid.txt.tmp'), join(dir, 'pid.txt'));
  }

  const listed = async (count: number): Promise<void> => {
    const enough = Promise.withResolvers<void>();
    const look = (): void => {
      void listedIn(dir, markBefore).then(found => found >= count && enough.resolve());
    };
    const watcher = watch(dir, look);
    const fail = (how: string) => (): void => enough.reject(new Error(`ffmpeg ${how}: ${stderr.trim()}`));
    const late = setTimeout(
      fail(`listed fewer than ${count} files in ${listedDeadlineMs} ms`),
      listedDeadlineMs,
    );
    void ended.then(async () =>
      (await listedIn(dir, markBefore)) >= count ? enough.resolve() : fail('ended')(),
    );
    look();
    try {
      await enough.promise;
    } finally {
      clearTimeout(late);
      watcher.close();
    }
  };

  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  };

  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };

  return { pid, listed, signal: name => child.kill(name), ended, stop, close, [Symbol.asyncDispose]: close };
}

/** What a launcher takes away when it stops. */
export async function clearFolder(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
}

/** A finished channel folder with all the files of `durationS` seconds, made as fast as ffmpeg can. */
export async function recordFolder(
  options: EncoderOptions & { durationS: number },
): Promise<AsyncDisposable & { dir: string; names: readonly string[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'recording-'));
  await using encoder = await startEncoder(dir, options);
  await encoder.listed(1);
  await encoder.ended;
  const playlist = await readFile(join(dir, 'stream.m3u8'), 'utf8');
  const names = playlist.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return { dir, names, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}
