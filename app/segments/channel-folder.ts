/**
 * Reads a channel folder: what its files say now, and which parts have become complete since the last reading.
 * The playlist is the truth: a file is complete when the playlist lists it, never because it exists. Owns no
 * window and no state of the channel; writes nothing.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { isProcessAlive } from '../lib/process-alive.ts';
import { cleanFragment, cleanInitSegment } from './clean.ts';
import { type InitSegment, parseInitSegment } from './init-segment.ts';
import { type ParsedPart, parsePart } from './part.ts';
import { type MediaPlaylist, parsePlaylist } from './playlist.ts';

/** Every further run of an encoder writes init.mp4 anew; `init` is set on the first reading that sees it. */
export type FolderReading = {
  /** `unknown`: no pid.txt, as with OBS or a bare ffmpeg. */
  encoder: 'running' | 'dead' | 'unknown';
  /** start.txt, milliseconds since 1970 UTC. */
  startedAtMs: number | undefined;
  playlist: 'absent' | 'open' | 'ended';
  /** When the playlist was written last; 0 when it is absent. */
  playlistChangedAtMs: number;
  init: InitSegment | undefined;
  parts: readonly CompletePart[];
  /** Files that could not be used, a sentence each. */
  problems: readonly string[];
};

/** `completedAtMs`: when the encoder finished the file. */
export type CompletePart = ParsedPart & { completedAtMs: number };

type FileVersion = { ino: number; mtimeMs: number; size: number };

// A part of ours has some 15 kB; a bare ffmpeg with 10 s segments at 10 Mbit/s has 12 MB.
const maxPartBytes = 64 * 1024 * 1024;
const maxTextBytes = 1024 * 1024;

async function readText(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    return bytes.length <= maxTextBytes ? bytes.toString('utf8') : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function versionOf(path: string): Promise<FileVersion | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? { ino: stats.ino, mtimeMs: stats.mtimeMs, size: stats.size } : undefined;
}

export class ChannelFolder {
  readonly #dir: string;
  #initVersion: FileVersion | undefined;
  #init: InitSegment | undefined;
  /** Names taken from the playlist of this encoder's run. */
  #taken = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** One reading. Calls must not overlap: the caller awaits each before the next. */
  async read(): Promise<FolderReading> {
    const problems: string[] = [];
    const [pidText, startText, playlistText] = await Promise.all(
      ['pid.txt', 'start.txt', 'stream.m3u8'].map(name => readText(join(this.#dir, name))),
    );
    const startedAtMs = Date.parse(startText?.trim() ?? '');
    const reading = {
      encoder: encoderState(pidText),
      startedAtMs: Number.isFinite(startedAtMs) ? startedAtMs : undefined,
      playlistChangedAtMs: (await versionOf(join(this.#dir, 'stream.m3u8')))?.mtimeMs ?? 0,
      problems,
    } as const;
    if (playlistText === undefined) return { ...reading, playlist: 'absent', init: undefined, parts: [] };
    try {
      const playlist = parsePlaylist(playlistText);
      const init = await this.#readInit(playlist.initName ?? 'init.mp4');
      const parts = this.#init ? await this.#readNewParts(playlist, this.#init, problems) : [];
      return { ...reading, playlist: playlist.ended ? 'ended' : 'open', init, parts };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(sentenceOf(error));
      return { ...reading, playlist: 'open', init: undefined, parts: [] };
    }
  }

  /** The init segment when it is another than at the last reading. */
  async #readInit(name: string): Promise<InitSegment | undefined> {
    const path = join(this.#dir, name);
    const version = await versionOf(path);
    const known = this.#initVersion;
    if (!version || version.size === 0 || version.size > maxTextBytes) return undefined;
    if (
      known &&
      known.ino === version.ino &&
      known.mtimeMs === version.mtimeMs &&
      known.size === version.size
    ) {
      return undefined;
    }
    const bytes = await readFile(path);
    cleanInitSegment(bytes);
    this.#init = parseInitSegment(bytes);
    this.#initVersion = version;
    this.#taken = new Set();
    return this.#init;
  }

  async #readNewParts(
    playlist: MediaPlaylist,
    init: InitSegment,
    problems: string[],
  ): Promise<CompletePart[]> {
    const listed = new Set(playlist.segments.map(segment => segment.name));
    for (const name of this.#taken) if (!listed.has(name)) this.#taken.delete(name);
    const parts: CompletePart[] = [];
    for (const { name } of playlist.segments) {
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      try {
        const part = await this.#readPart(name, init);
        if (part) parts.push(part);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        problems.push(`${name}: ${sentenceOf(error)}`);
      }
    }
    return parts;
  }

  async #readPart(name: string, init: InitSegment): Promise<CompletePart | undefined> {
    const path = join(this.#dir, name);
    const version = await versionOf(path);
    // Older than the init segment: left by an earlier run whose playlist has not been replaced yet.
    if (!version || version.mtimeMs < (this.#initVersion?.mtimeMs ?? 0)) return undefined;
    if (version.size > maxPartBytes) {
      throw new Failure(
        'part-too-large',
        `${version.size} bytes are more than ${maxPartBytes}; use shorter parts.`,
      );
    }
    const part = parsePart(await readFile(path), init);
    for (const fragment of part.fragments) cleanFragment(part.bytes, fragment, init.tracks);
    return { ...part, completedAtMs: version.mtimeMs };
  }
}

function encoderState(pidText: string | undefined): FolderReading['encoder'] {
  const pid = Number(pidText?.trim() || Number.NaN);
  if (!Number.isInteger(pid) || pid <= 0) return 'unknown';
  return isProcessAlive(pid) ? 'running' : 'dead';
}
