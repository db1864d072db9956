import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { Topic } from '../lib/topic.ts';

export const maxEmotes = 500;
export const maxEmoteBytes = 100_000;

/** `version` changes with the picture: for addresses that may be cached for good. */
export type Emote = Readonly<{
  name: string;
  contentType: 'image/png' | 'image/webp';
  version: string;
  bytes: Buffer;
}>;

type Seen = { stamp: string; emote: Emote | undefined };

const fileName = /^([a-z0-9_]{2,32})\.(?:png|webp)$/;

/**
 * The pictures in the emotes folder: `<name>.png` or `<name>.webp`, told by their content. Whoever watches the
 * folder calls `refresh` when something there may have changed.
 */
export class Emotes {
  /** The names after a change. */
  readonly changes = new Topic<readonly string[]>();
  readonly #folder: string;
  readonly #log: Log;
  #seen: ReadonlyMap<string, Seen> = new Map();
  #emotes: ReadonlyMap<string, Emote> = new Map();
  #refreshing: Promise<void> | undefined;
  #again = false;

  constructor(options: { folder: string; log: Log }) {
    this.#folder = options.folder;
    this.#log = options.log;
  }

  has(name: string): boolean {
    return this.#emotes.has(name);
  }

  find(name: string): Emote | undefined {
    return this.#emotes.get(name);
  }

  /** In alphabetical order. */
  names(): readonly string[] {
    return [...this.#emotes.keys()];
  }

  /** Reads what is new. Resolves when everything that was there at the call is known; a missing folder is empty. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#refreshing ??= this.#run().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const seen = new Map<string, Seen>();
    const emotes = new Map<string, Emote>();
    for (const file of await this.#files()) {
      if (emotes.size === maxEmotes) {
        this.#log.warn(`There are more than ${maxEmotes} emotes; those from ${file} on are left out.`);
        break;
      }
      const entry = await this.#load(file);
      if (!entry) continue;
      seen.set(file, entry);
      if (entry.emote && !emotes.has(entry.emote.name)) emotes.set(entry.emote.name, entry.emote);
    }
    const before = versions(this.#emotes);
    this.#seen = seen;
    this.#emotes = emotes;
    if (versions(emotes) !== before) this.changes.publish(this.names());
  }

  /** Regular files with a fitting name, sorted. */
  async #files(): Promise<string[]> {
    try {
      const entries = await readdir(this.#folder, { withFileTypes: true });
      return entries
        .filter(entry => entry.isFile() && fileName.test(entry.name))
        .map(entry => entry.name)
        .sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #load(file: string): Promise<Seen | undefined> {
    const path = join(this.#folder, file);
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#seen.get(file);
      if (known?.stamp === stamp) return known;
      const bytes = size <= maxEmoteBytes ? await readFile(path) : undefined;
      const emote = bytes && emoteOf(file, bytes);
      if (!emote) {
        this.#log.warn(`${file} is no emote: a PNG or WebP picture of at most ${maxEmoteBytes} bytes is.`);
      }
      return { stamp, emote };
    } catch (error) {
      // Removed meanwhile.
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function emoteOf(file: string, bytes: Buffer): Emote | undefined {
  const name = fileName.exec(file)?.[1];
  const contentType = pictureType(bytes);
  if (name === undefined || contentType === undefined || bytes.length > maxEmoteBytes) return undefined;
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return { name, contentType, version, bytes };
}

/** By the first bytes: PNG (ISO/IEC 15948, 5.2) or WebP (RFC 9649, 2.3). */
export function pictureType(bytes: Buffer): Emote['contentType'] | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'image/png';
  const isRiff = bytes.toString('latin1', 0, 4) === 'RIFF';
  return isRiff && bytes.toString('latin1', 8, 12) === 'WEBP' ? 'image/webp' : undefined;
}

function versions(emotes: ReadonlyMap<string, Emote>): string {
  return [...emotes.values()].map(({ name, version }) => `${name} ${version}`).join('\n');
}
