/**
 * The last minutes of a channel as files on disk, for those who go back in time. Written beside the live way, which
 * never waits for it: a disk that can't keep up leaves holes here and nowhere else. Bounded in time and bytes. Owns its
 * folder, and no viewer.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { type LiveChannel, startMsOf } from './channel.ts';
import type { LiveConfig } from './config.ts';
import { DvrFile, type KeptPart } from './dvr-file.ts';
import type { LivePart } from './window.ts';

// A file goes as a whole: a few dozen of them, whatever the length of the window.
const leastFileMs = 10_000;
const filesAtMost = 32;
// Parts that wait for the disk are held in memory.
const maxWaitingBytes = 8 * 1024 * 1024;

/** `dir`: need not be there yet. */
type DvrDeps = { channel: LiveChannel; dir: string; log: Log };
export type DvrConfig = Pick<LiveConfig, 'dvrS' | 'dvrMaxMB'>;

export class Dvr {
  readonly #deps: DvrDeps;
  readonly #keptMs: number;
  readonly #maxBytes: number;
  readonly #unsubscribe: () => void;
  #files: DvrFile[] = [];
  #waiting: LivePart[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #nextFile = 0;
  /** Whether the part before this one was kept: what begins anew begins with a keyframe. */
  #isUnbroken = false;
  #lastProblem = '';
  #isClosed = false;

  constructor(deps: DvrDeps, config: DvrConfig) {
    this.#deps = deps;
    this.#keptMs = config.dvrS * 1000;
    this.#maxBytes = config.dvrMaxMB * 1024 * 1024;
    this.#unsubscribe = deps.channel.events.subscribe(event => {
      if (event.type === 'part' && this.#keptMs > 0) this.#take(event.part);
    });
  }

  /** How far back one may go: what is there, and never more than was configured. */
  get spanMs(): number {
    const oldest = this.#files[0]?.parts[0];
    const newest = this.#newest;
    return oldest && newest ? Math.min(this.#keptMs, endMsOf(newest) - oldest.startMs) : 0;
  }

  get sizeBytes(): number {
    return this.#files.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  /** The keyframe that was shown `agoMs` before the newest part, or the oldest there is; undefined when there is none. */
  keyframe(agoMs: number): KeptPart | undefined {
    const newest = this.#newest;
    if (!newest) return undefined;
    const atMs = endMsOf(newest) - Math.min(agoMs, this.#keptMs);
    const file = this.#files.findLast(({ parts }) => (parts[0]?.startMs ?? Number.POSITIVE_INFINITY) <= atMs);
    const before = file?.parts.findLast(part => part.independent && part.startMs <= atMs);
    return before ?? this.#files[0]?.parts[0];
  }

  /**
   * Parts from `number` on, as many as one read may bring: of one file, none after a hole, no more than `maxBytes` (but
   * at least one). Where `number` itself is gone they begin with the next keyframe; empty at the end of what there is.
   */
  from(number: number, maxBytes: number): readonly KeptPart[] {
    const file = this.#files.find(({ parts }) => (parts.at(-1)?.number ?? -1) >= number);
    const rest = file?.parts.slice(lowerBound(file.parts, number)) ?? [];
    const begin = rest[0]?.number === number ? 0 : rest.findIndex(part => part.independent);
    const parts: KeptPart[] = [];
    let sizeBytes = 0;
    for (const part of begin < 0 ? [] : rest.slice(begin)) {
      sizeBytes += part.sizeBytes;
      const isNext = (parts.at(-1)?.number ?? part.number - 1) + 1 === part.number;
      if (parts.length > 0 && (sizeBytes > maxBytes || !isNext)) break;
      parts.push(part);
    }
    return parts;
  }

  /** The bytes of parts that `from` gave, each its own and to be written to at will; undefined when they are gone. */
  async read(parts: readonly KeptPart[]): Promise<Buffer[] | undefined> {
    const [first] = parts;
    if (!first) return [];
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const bytes = await first.file.read(first.offset, sizeBytes).catch(() => undefined);
    return bytes && parts.map(part => bytes.subarray(part.offset - first.offset).subarray(0, part.sizeBytes));
  }

  /** To be called now and then: a stream that has ended gets old, too. */
  sweep(nowMs: number): void {
    const isOld = (file: DvrFile): boolean =>
      nowMs - (file.parts.at(-1)?.completedAtMs ?? nowMs) > this.#keptMs + leastFileMs;
    // The newest file may be at work.
    if (this.#files.some(isOld))
      this.#drop(this.#writing ? this.#files.slice(0, -1).filter(isOld) : this.#files.filter(isOld));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#waiting = [];
    await this.#writing;
    await Promise.all(this.#files.map(file => file.remove()));
    this.#files = [];
    await rm(this.#deps.dir, { recursive: true, force: true });
  }

  get #newest(): KeptPart | undefined {
    return this.#files.at(-1)?.parts.at(-1) ?? this.#files.at(-2)?.parts.at(-1);
  }

  #take(part: LivePart): void {
    const isFull = this.#waitingBytes > 0 && this.#waitingBytes + part.bytes.length > maxWaitingBytes;
    if (isFull) this.#complain('the disk is too slow');
    this.#isUnbroken = !isFull && (this.#isUnbroken || part.independent);
    if (!this.#isUnbroken) return;
    this.#waiting.push(part);
    this.#waitingBytes += part.bytes.length;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    for (let part = this.#waiting.shift(); part && !this.#isClosed; part = this.#waiting.shift()) {
      try {
        await this.#keep(part);
      } catch (error) {
        this.#complain(sentenceOf(error));
        // What waits may follow on what is missing.
        this.#waiting = [];
        this.#waitingBytes = 0;
        this.#isUnbroken = false;
        return;
      }
      this.#waitingBytes = Math.max(0, this.#waitingBytes - part.bytes.length);
    }
  }

  async #keep(part: LivePart): Promise<void> {
    const { number, durationMs, independent, selfContained, init, completedAtMs, bytes } = part;
    const startMs = startMsOf(part, init);
    if (!independent) this.#assertRoom();
    const file = (this.#fits(part, startMs) && this.#files.at(-1)) || (await this.#begin());
    await file.append(bytes, {
      number,
      startMs,
      durationMs,
      independent,
      selfContained,
      init,
      completedAtMs,
    });
    this.#trim();
  }

  #fits(part: LivePart, startMs: number): boolean {
    const file = this.#files.at(-1);
    const first = file?.parts[0];
    if (!file || !first) return file !== undefined;
    const fileMs = Math.max(leastFileMs, this.#keptMs / (filesAtMost - 2));
    const isLong =
      Math.abs(startMs - first.startMs) >= fileMs || file.sizeBytes > this.#maxBytes / filesAtMost;
    return !isLong || !part.independent;
  }

  /** Without keyframes a file would grow for ever: it goes as a whole, since nobody can begin anywhere else in it. */
  #assertRoom(): void {
    if ((this.#files.at(-1)?.sizeBytes ?? 0) < this.#maxBytes) return;
    this.#drop(this.#files);
    const maxMB = this.#maxBytes / 1024 / 1024;
    throw new Failure('dvr-no-keyframe', `there was no keyframe in ${maxMB} MB; let the encoder make more`);
  }

  async #begin(): Promise<DvrFile> {
    await mkdir(this.#deps.dir, { recursive: true, mode: 0o700 });
    const file = await DvrFile.create(join(this.#deps.dir, `${this.#nextFile++}.m4s`));
    this.#files.push(file);
    return file;
  }

  #trim(): void {
    const newestMs = this.#newest ? endMsOf(this.#newest) : 0;
    let sizeBytes = this.sizeBytes;
    const gone: DvrFile[] = [];
    for (const [index, file] of this.#files.entries()) {
      const next = this.#files[index + 1]?.parts[0];
      if (!next || (newestMs - next.startMs < this.#keptMs && sizeBytes <= this.#maxBytes)) break;
      gone.push(file);
      sizeBytes -= file.sizeBytes;
    }
    this.#drop(gone);
  }

  #drop(gone: readonly DvrFile[]): void {
    this.#files = this.#files.filter(file => !gone.includes(file));
    for (const file of gone) void file.remove();
  }

  #complain(problem: string): void {
    if (problem !== this.#lastProblem)
      this.#deps.log.warn(`Nothing is kept for rewinding at the moment: ${problem}.`);
    this.#lastProblem = problem;
  }
}

export function endMsOf({ startMs, durationMs }: KeptPart): number {
  return startMs + durationMs;
}

/** The index of the first part that is `number` or a later one. */
function lowerBound(parts: readonly KeptPart[], number: number): number {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.number ?? number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
