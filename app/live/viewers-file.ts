import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Tells the launcher how many people watch: `viewers.txt` in the channel folder, rewritten every few seconds while
 * an encoder runs there (its age says whether a server still does).
 */
export class ViewersFile {
  readonly #dir: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: { channelDir: string }) {
    this.#dir = options.channelDir;
  }

  /** Writes after what was asked before has been written; a folder without an encoder is left alone. */
  write(viewers: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#replace(viewers));
    return this.#writing;
  }

  async #replace(viewers: number): Promise<void> {
    try {
      await stat(join(this.#dir, 'pid.txt'));
      const draft = join(this.#dir, 'viewers.txt.tmp');
      await writeFile(draft, `${viewers}\n`, { mode: 0o600 });
      await rename(draft, join(this.#dir, 'viewers.txt'));
    } catch {
      // No encoder, one that has just cleared its folder up, or a folder that is not ours to write in: all that is
      // lost is a number on the launcher's status line.
    }
  }
}
