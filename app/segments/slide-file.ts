import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../lib/failure.ts';
import { type FileVersion, sameVersion, versionOf } from './files.ts';
import { cleanJpeg } from './jpeg.ts';
import { slideName } from './rendition-names.ts';

export type Slide = { bytes: Buffer; width: number; height: number; completedAtMs: number };

const maxSlideBytes = 4 * 1024 * 1024;

/** `slide.jpg` of a folder, replaced again and again by whoever writes it. */
export class SlideFile {
  readonly #path: string;
  #version: FileVersion | undefined;

  constructor(dir: string) {
    this.#path = join(dir, slideName);
  }

  /** The slide when it is another than at the last call that gave one; a file that is being written is not one yet. */
  async read(): Promise<Slide | undefined> {
    const version = await versionOf(this.#path);
    if (!version || version.size === 0 || version.size > maxSlideBytes) return undefined;
    if (sameVersion(version, this.#version)) return undefined;
    const file = await readFile(this.#path).catch(error => {
      if (codeOf(error) !== 'ENOENT') throw error;
      return Buffer.alloc(0);
    });
    const bytes = cleanJpeg(file);
    const size = bytes && sizeOf(bytes);
    if (!size) return undefined;
    this.#version = version;
    return { bytes, ...size, completedAtMs: version.mtimeMs };
  }
}

/** Of a cleaned JPEG, by its frame header (ITU-T T.81 §B.2.2). */
function sizeOf(bytes: Buffer): { width: number; height: number } | undefined {
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1);
    // SOF0 to SOF15 without DHT, JPG and DAC, which share the range.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    if (marker === 0xda) return undefined;
  }
  return undefined;
}
