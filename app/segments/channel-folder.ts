/**
 * Reads a channel folder: what its files say now, and which parts have become complete since the last reading.
 * The playlist is the truth: a file is complete when the playlist lists it, never because it exists. Owns no
 * window and no state of the channel; writes nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { isProcessAlive } from '../lib/process-alive.ts';
import { cleanFragment, cleanInitSegment } from './clean.ts';
import { type FileVersion, readSmallText, sameVersion, versionOf } from './files.ts';
import { type InitSegment, parseInitSegment } from './init-segment.ts';
import { type ParsedPart, parsePart } from './part.ts';
import { type ListedSegment, type MediaPlaylist, parsePlaylist } from './playlist.ts';

/** Every further run of an encoder writes init.mp4 anew; `init` is set on the first reading of that run. */
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

// A part of ours has some 15 kB; a bare ffmpeg with 10 s segments at 10 Mbit/s has 12 MB.
const maxPartBytes = 64 * 1024 * 1024;
const maxInitBytes = 1024 * 1024;
// Of a list that keeps everything, only the end is of use to one who begins to read it.
const backlogMs = 60_000;
const maxTakenNames = 10_000;

export class ChannelFolder {
  readonly #dir: string;
  /** The run that parts are taken from. */
  #init: InitSegment | undefined;
  #initVersion: FileVersion | undefined;
  /** Names of this run's files that are done with, oldest first. */
  readonly #taken = new Set<string>();
  /** An init segment of a further run, and the playlist that was there when it was seen first. */
  #next: { init: FileVersion; playlist: FileVersion } | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** One reading. Calls must not overlap: the caller awaits each before the next. */
  async read(): Promise<FolderReading> {
    const problems: string[] = [];
    const [pid, start, playlistFile] = await Promise.all(
      ['pid.txt', 'start.txt', 'stream.m3u8'].map(name => readSmallText(join(this.#dir, name), problems)),
    );
    const startedAtMs = Date.parse(start?.text.trim() ?? '');
    const reading = {
      encoder: encoderState(pid?.text),
      startedAtMs: Number.isFinite(startedAtMs) ? startedAtMs : undefined,
      playlistChangedAtMs: playlistFile?.version.mtimeMs ?? 0,
      problems,
    } as const;
    if (!playlistFile) return { ...reading, playlist: 'absent', init: undefined, parts: [] };
    try {
      const playlist = parsePlaylist(playlistFile.text);
      const state = playlist.ended ? 'ended' : 'open';
      if (playlist.initName === undefined && playlist.segments.length > 0) {
        problems.push(
          'The playlist has no EXT-X-MAP: let the encoder write fMP4 (ffmpeg: -hls_segment_type fmp4).',
        );
      }
      const run = await this.#readRun(playlist, playlistFile.version);
      const parts = run === 'stale' ? [] : await this.#readNewParts(playlist, problems);
      return { ...reading, playlist: state, init: run === 'stale' ? undefined : run, parts };
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      problems.push(sentenceOf(error));
      return { ...reading, playlist: 'open', init: undefined, parts: [] };
    }
  }

  /**
   * The init segment when a further run has begun, or undefined while the last goes on. `stale`: the playlist is
   * still that of a run before the one that init.mp4 belongs to, and files it names may be half overwritten.
   */
  async #readRun(
    playlist: MediaPlaylist,
    playlistVersion: FileVersion,
  ): Promise<InitSegment | undefined | 'stale'> {
    const path = join(this.#dir, playlist.initName ?? 'init.mp4');
    const version = await versionOf(path);
    // An encoder empties the file when it starts, and fills it with its first part.
    if (!version || version.size === 0 || version.size > maxInitBytes) return 'stale';
    if (sameVersion(version, this.#initVersion)) return undefined;
    if (!this.#next || !sameVersion(version, this.#next.init)) {
      this.#next = { init: version, playlist: playlistVersion };
    }
    // Newer than the init segment, or, since a clock may be set back, replaced after that was seen.
    const fresh =
      playlistVersion.mtimeMs >= version.mtimeMs || !sameVersion(playlistVersion, this.#next.playlist);
    if (!fresh) return 'stale';
    const bytes = await readFile(path);
    cleanInitSegment(bytes);
    this.#init = parseInitSegment(bytes);
    this.#initVersion = version;
    this.#taken.clear();
    await this.#passOver(playlist.segments, version);
    return this.#init;
  }

  /** Takes as done with what is too old to be of use, or left by an earlier run in a list that goes on. */
  async #passOver(segments: readonly ListedSegment[], initVersion: FileVersion): Promise<void> {
    let laterMs = 0;
    for (const { name, durationMs } of segments.toReversed()) {
      const version = laterMs < backlogMs ? await versionOf(join(this.#dir, name)) : undefined;
      if (!version || version.mtimeMs < initVersion.mtimeMs) this.#taken.add(name);
      laterMs += durationMs;
    }
  }

  async #readNewParts(playlist: MediaPlaylist, problems: string[]): Promise<CompletePart[]> {
    const parts: CompletePart[] = [];
    for (const { name } of playlist.segments) {
      if (this.#taken.has(name) || !this.#init) continue;
      this.#taken.add(name);
      try {
        const part = await this.#readPart(name, this.#init);
        if (part) parts.push(part);
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
        problems.push(`${name}: ${sentenceOf(error)}`);
      }
    }
    this.#forgetOldNames();
    return parts;
  }

  async #readPart(name: string, init: InitSegment): Promise<CompletePart | undefined> {
    const path = join(this.#dir, name);
    const version = await versionOf(path);
    // A list may name files that are deleted already.
    if (!version) return undefined;
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

  /** Kept far beyond the list's length: a list seen half written must not make its files new again. */
  #forgetOldNames(): void {
    for (const name of this.#taken) {
      if (this.#taken.size <= maxTakenNames) break;
      this.#taken.delete(name);
    }
  }
}

function encoderState(pidText: string | undefined): FolderReading['encoder'] {
  const pid = Number(pidText?.trim() || Number.NaN);
  if (!Number.isInteger(pid) || pid <= 0) return 'unknown';
  return isProcessAlive(pid) ? 'running' : 'dead';
}
