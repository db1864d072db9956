import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { InitSegment } from '../segments/init-segment.ts';

/** A part on disk, and what delivery has to know about it. */
export type KeptPart = {
  /** As in the window: counts up by one, with holes where something could not be kept. */
  number: number;
  /** On the channel's timeline. */
  startMs: number;
  durationMs: number;
  independent: boolean;
  selfContained: boolean;
  init: InitSegment;
  completedAtMs: number;
  file: DvrFile;
  offset: number;
  sizeBytes: number;
};

/** One file of parts, for its owner's eyes only; written at its end, read anywhere, until it is removed. */
export class DvrFile {
  readonly parts: KeptPart[] = [];
  readonly #path: string;
  readonly #handle: FileHandle;
  #sizeBytes = 0;
  #isRemoved = false;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async create(path: string): Promise<DvrFile> {
    return new DvrFile(path, await open(path, 'wx+', 0o600));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Resolves once it can be read. Calls must not overlap. */
  async append(bytes: Buffer, facts: Omit<KeptPart, 'file' | 'offset' | 'sizeBytes'>): Promise<void> {
    const offset = this.#sizeBytes;
    let written = 0;
    while (written < bytes.length) {
      const rest = bytes.length - written;
      const { bytesWritten } = await this.#handle.write(bytes, written, rest, offset + written);
      written += bytesWritten;
    }
    this.#sizeBytes += bytes.length;
    this.parts.push({ ...facts, file: this, offset, sizeBytes: bytes.length });
  }

  /** The bytes, or undefined when the file has been removed. */
  async read(offset: number, sizeBytes: number): Promise<Buffer | undefined> {
    if (this.#isRemoved) return undefined;
    const bytes = Buffer.allocUnsafe(sizeBytes);
    let read = 0;
    while (read < sizeBytes) {
      const { bytesRead } = await this.#handle.read(bytes, read, sizeBytes - read, offset + read);
      // Somebody has cut the file short: what it held is gone.
      if (bytesRead === 0) return undefined;
      read += bytesRead;
    }
    return bytes;
  }

  /** Takes it from the disk; what is being read may still be read to its end. */
  async remove(): Promise<void> {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    await unlink(this.#path).catch(() => {});
    await this.#handle.close().catch(() => {});
  }
}
