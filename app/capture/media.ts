/** Sources that are media already: a file, a URL, bytes on stdin. */
import { fstatSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { codeOf, Failure } from '../lib/failure.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { type Input, type OpenInput, plainInput } from './input.ts';
import { probeTracks, type Tracks } from './probe.ts';

const probeDeadlineMs = 20_000;

/** A file, over and over, at its own pace. Failures: `source-unreadable`, `source-without-video`. */
export function openFile(path: string, ffmpeg: Ffmpeg, signal: AbortSignal): OpenInput {
  return async () => {
    const absolute = resolve(path);
    await assertReadable(path, absolute);
    // The protocol keeps ffmpeg from reading anything else into the name.
    const input = ['-i', `file:${absolute}`];
    const tracks = await probeTracks(ffmpeg, input, { deadlineMs: probeDeadlineMs, signal });
    const trouble = tracks.trouble?.replace(`file:${absolute}: `, '');
    assertVideo({ ...tracks, trouble }, `the file ${path}`);
    return fileInput(path, input, tracks);
  };
}

export function fileInput(path: string, input: readonly string[], { audio }: Tracks): Input {
  return {
    ...plainInput,
    title: `the file ${path}`,
    args: ['-stream_loop', '-1', '-re', ...input],
    audio: audio ? '0:a:0' : null,
    advice: `Try to play it: ffplay ${path}.`,
  };
}

async function assertReadable(path: string, absolute: string): Promise<void> {
  const facts = { path };
  try {
    if ((await stat(absolute)).isDirectory()) {
      throw new Failure('source-unreadable', `${path} is a folder: name a video file in it.`, facts);
    }
    await access(absolute, constants.R_OK);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const missing = codeOf(error) === 'ENOENT';
    throw new Failure(
      'source-unreadable',
      missing
        ? `There is no file ${path}: see that the name is right.`
        : `The file ${path} can't be read (${codeOf(error)}): see that you may read it.`,
      facts,
      { cause: error },
    );
  }
}

/** Protocols whose bytes come as they happen; anything else can be read faster than it plays. */
const liveProtocols = /^(rtmps?|rtmpe|rtmpt|rtsps?|srt|rist|udp|rtp|tcp|tls|unix):/i;

/** Protocols that wait for one sender: a first look would take the connection away from the stream. */
const waitsForSender = /[?&](mode=listener|listen\b)/i;

/** Anything ffmpeg opens by URL. Failures: `source-unreadable`, `source-without-video`. */
export function openUrl(url: string, ffmpeg: Ffmpeg, signal: AbortSignal): OpenInput {
  return async () => {
    if (waitsForSender.test(url)) return urlInput(url, undefined);
    const tracks = await probeTracks(ffmpeg, ['-i', url], { deadlineMs: probeDeadlineMs, signal });
    // The URL may hold a key: it is not repeated.
    const trouble = tracks.trouble?.replace(`${url}: `, '').replaceAll(url, 'the URL');
    assertVideo({ ...tracks, trouble }, 'the URL');
    return urlInput(url, tracks);
  };
}

/** Without `tracks` nobody has looked: sound is taken when it turns up. */
export function urlInput(url: string, tracks: Tracks | undefined): Input {
  const sound = tracks === undefined ? '0:a:0?' : tracks.audio ? '0:a:0' : null;
  return {
    ...plainInput,
    title: 'the URL',
    args: [...(liveProtocols.test(url) ? [] : ['-re']), '-i', url],
    audio: sound,
    secret: url,
    advice: 'See that it is spelled right and that its sender is live.',
    ...(waitsForSender.test(url)
      ? { notes: ['Waiting for a sender.'], patience: null }
      : { patience: { openMs: 20_000, nextMs: 15_000 } }),
  };
}

/**
 * Bytes on stdin, until they end. The tracks are looked up in its beginning, which ffmpeg then gets again. `paced`
 * plays what can be read faster than it plays (a file through a pipe); live bytes must not wait.
 * Failures: `pipe-is-terminal`, `source-unreadable`, `source-without-video`.
 */
export function openPipe(
  stdin: Readable & { isTTY?: boolean },
  paced: boolean,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): OpenInput {
  let opened: Promise<Input> | undefined;
  return () => {
    opened ??= openOnce();
    return opened;
  };

  async function openOnce(): Promise<Input> {
    if (stdin.isTTY) {
      throw new Failure(
        'pipe-is-terminal',
        'Nothing is piped in: stdin is the terminal. Use it like: recorder … | scripts/stream --source pipe.',
      );
    }
    const { taken, tracks } = await probeStart(stdin, ffmpeg, signal);
    assertVideo(tracks, 'what is piped in');
    return pipeInput(replay(taken, stdin), paced, tracks);
  }
}

export function pipeInput(stdin: Readable, paced: boolean, { audio }: Tracks): Input {
  return {
    ...plainInput,
    title: 'the pipe',
    args: [...(paced ? ['-re'] : []), '-i', 'pipe:0'],
    audio: audio ? '0:a:0' : null,
    advice: 'Pipe in a format that can be read from its beginning on, such as Matroska or MPEG-TS.',
    stdin,
    patience: null,
  };
}

/** Whether a descriptor is a file on disk, which can be read faster than it plays. */
export function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

async function probeStart(stdin: Readable, ffmpeg: Ffmpeg, signal: AbortSignal) {
  const taken: Buffer[] = [];
  const probed = new PassThrough();
  const resume = () => stdin.resume();
  const take = (chunk: Buffer) => {
    taken.push(chunk);
    if (probed.write(chunk)) return;
    stdin.pause();
    probed.once('drain', resume);
  };
  const end = () => probed.end();
  stdin.on('data', take).once('end', end);
  // Bytes may be a long time coming, so there is no deadline: ffmpeg stops looking after 5 MB.
  const tracks = await probeTracks(ffmpeg, ['-i', 'pipe:0'], { deadlineMs: 0, signal, input: probed });
  probed.off('drain', resume);
  stdin.off('data', take).off('end', end).pause();
  return { taken, tracks };
}

/** The bytes from their beginning on; however stdin goes away, that is their end. */
function replay(taken: readonly Buffer[], stdin: Readable): Readable {
  const bytes = new PassThrough();
  for (const chunk of taken) bytes.write(chunk);
  const end = () => bytes.end();
  if (stdin.readableEnded) end();
  else stdin.once('error', end).once('close', end).pipe(bytes);
  return bytes;
}

function assertVideo({ video, trouble }: Tracks, what: string): void {
  if (video) return;
  const start = what.replace(/^./, first => first.toUpperCase());
  if (trouble === undefined) {
    throw new Failure('source-without-video', `${start} has no picture: onioncast needs a video track.`);
  }
  throw new Failure(
    'source-unreadable',
    `${start} can't be read: ${trouble.replace(/[.\s]+$/, '')}. See that it is video ffmpeg can play.`,
  );
}
