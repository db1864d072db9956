/**
 * A channel's folder as the launcher keeps it: one launcher at a time, pid.txt and start.txt true, nothing left over
 * from an earlier run, nothing touched that is not of the contract. The media files in it are ffmpeg's.
 */
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, Failure } from '../lib/failure.ts';
import { isStillRunning } from './process-identity.ts';
import { mediaFile, removeFrom, removeOldRenditions, removeRendition } from './rendition-folders.ts';

const channelPattern = /^[a-z0-9-]{1,64}$/;

const partFile = /^stream(\d+)\.m4s$/;

/** A playlist younger than this, and not ended, has a writer. */
const freshMs = 10_000;
/** How long an encoder whose launcher was killed may take to be gone; its guard needs some 2 s. */
const orphanMs = 4_000;

/** `DIR/<channel>`; throws Failure `channel-invalid` for a name that could be anything but one folder. */
export function channelFolder(streamsDir: string, channel: string): string {
  if (channelPattern.test(channel)) return join(streamsDir, channel);
  throw new Failure(
    'channel-invalid',
    `A channel's name is 1 to 64 of a-z, 0-9 and -, not ${JSON.stringify(channel)}.`,
    { channel },
  );
}

/** The folder while this process has it to itself, until `release`. */
export class ClaimedFolder {
  readonly dir: string;
  readonly #lock: DatabaseSync;
  /** Those that this process has made: others may write renditions beside them. */
  readonly #renditionDirs = new Set<string>();

  private constructor(dir: string, lock: DatabaseSync) {
    this.dir = dir;
    this.#lock = lock;
  }

  /**
   * Makes the folder if need be, takes it for this process and clears what an earlier run left. Throws Failure
   * `channel-busy` when another launcher or another encoder writes it.
   */
  static async claim(dir: string): Promise<ClaimedFolder> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
    const lock = await takeLock(dir);
    try {
      await writeFile(join(dir, 'launcher.pid'), `${process.pid}\n`);
      await assertNoEncoder(dir);
      const folder = new ClaimedFolder(dir, lock);
      await folder.#remove(
        name => name === 'start.txt' || name.startsWith('pid.txt') || mediaFile.test(name),
      );
      await removeOldRenditions(dir);
      return folder;
    } catch (error) {
      await rm(join(dir, 'launcher.pid'), { force: true });
      lock.close();
      throw error;
    }
  }

  /** Makes the folders in it that renditions are written to; an empty name is the channel's own. */
  async makeFolders(names: readonly string[]): Promise<void> {
    for (const name of names.filter(each => each !== '')) {
      const dir = join(this.dir, name);
      await mkdir(dir, { recursive: true, mode: 0o700 });
      this.#renditionDirs.add(dir);
    }
  }

  /** start.txt: when the stream began, kept while ffmpeg is started again. */
  async writeStart(startedAt: Date): Promise<void> {
    await writeFile(join(this.dir, 'start.txt'), `${startedAt.toISOString()}\n`);
  }

  /** pid.txt: the encoder's process id, whole at any moment. */
  async writePid(pid: number): Promise<void> {
    await writeFile(join(this.dir, 'pid.txt.tmp'), `${pid}\n`);
    await rename(join(this.dir, 'pid.txt.tmp'), join(this.dir, 'pid.txt'));
  }

  /** The number after the newest part, for an encoder that goes on where the last one ended. */
  async nextPartNumber(): Promise<number> {
    return Math.max(-1, ...(await this.#partNumbers())) + 1;
  }

  /** Removes the parts before `number`: a new encoder knows nothing of its predecessor's. */
  async removePartsBefore(number: number): Promise<void> {
    const isOld = (name: string) => Number(partFile.exec(name)?.[1] ?? Number.NaN) < number;
    await this.#remove(isOld);
    for (const dir of this.#renditionDirs) await removeFrom(dir, isOld);
  }

  /**
   * Clears up after the encoder is gone. The ended playlist and its parts stay for `graceMs`, so that the server sees
   * the end; then they go, and the folder is free for others.
   */
  async release(graceMs: number): Promise<void> {
    try {
      await this.#remove(name => name === 'start.txt' || name.startsWith('pid.txt'));
      const names = await readdir(this.dir);
      if (names.includes('stream.m3u8')) await delay(graceMs);
      await this.#remove(name => mediaFile.test(name));
      for (const dir of this.#renditionDirs) await removeRendition(dir);
    } finally {
      await rm(join(this.dir, 'launcher.pid'), { force: true });
      this.#lock.close();
    }
  }

  async #partNumbers(): Promise<number[]> {
    const names = await readdir(this.dir);
    return names.flatMap(name => {
      const number = partFile.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  }

  #remove(isOurs: (name: string) => boolean): Promise<void> {
    return removeFrom(this.dir, isOurs);
  }
}

/**
 * SQLite's lock on an empty file is the one exclusive lock that Node reaches on every system and that the kernel
 * drops when its holder dies, however it dies. The file stays: removing it would let two hold a lock at once.
 */
async function takeLock(dir: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(join(dir, 'launcher.lock'));
  try {
    // Nothing is ever written, so there is no journal to keep beside it.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const pid = (await readText(join(dir, 'launcher.pid')))?.trim();
    throw busy(dir, `the launcher with process id ${pid || 'unknown'}`, pid, error);
  }
}

/** Throws `channel-busy` when an encoder that is no launcher's writes here: OBS, a bare ffmpeg. */
async function assertNoEncoder(dir: string): Promise<void> {
  const pidPath = join(dir, 'pid.txt');
  const pid = Number((await readText(pidPath))?.trim() || Number.NaN);
  if (Number.isInteger(pid) && pid > 0) {
    const { mtimeMs } = await stat(pidPath);
    const deadlineMs = Date.now() + orphanMs;
    while (await isStillRunning(pid, mtimeMs)) {
      if (Date.now() > deadlineMs) throw busy(dir, `the encoder with process id ${pid}`, pid);
      await delay(100);
    }
    return;
  }
  const path = join(dir, 'stream.m3u8');
  const stats = await stat(path).catch(() => undefined);
  if (!stats || Date.now() - stats.mtimeMs > freshMs) return;
  if ((await readText(path))?.includes('#EXT-X-ENDLIST')) return;
  throw busy(dir, 'an encoder that wrote stream.m3u8 a moment ago and left no pid.txt', undefined);
}

function busy(dir: string, by: string, pid: unknown, cause?: unknown): Failure {
  return new Failure(
    'channel-busy',
    `The channel folder ${dir} is in use by ${by}: stop that first, or stream to another --channel.`,
    { dir, pid },
    { cause },
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
