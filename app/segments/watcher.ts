import { basename, dirname, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { Log } from '../lib/log.ts';
import { slideName } from './rendition-names.ts';

// What a reading depends on. Parts are left out: they count only once the playlist names them.
const telling: ReadonlySet<string> = new Set(['pid.txt', 'start.txt', 'stream.m3u8', 'init.mp4', slideName]);

/**
 * Watches `<streamsDir>/<channel>/` with the renditions in it, single files and flat folders, and calls `hint` with the
 * channel's name and the rendition's folder (empty for the channel's own files), or the path of the file or folder, when
 * something there may have changed. A hint may come too often or, after a failure
 * of the system's watches, not at all: the caller reads again on its own now and then.
 */
export function watchFolders(
  options: { streamsDir: string; extraFiles: readonly string[]; extraDirs: readonly string[]; log: Log },
  hint: (changed: string, rendition: string) => void,
): { close(): Promise<void> } {
  const { streamsDir, extraFiles, extraDirs, log } = options;
  const watcher = watch([streamsDir, ...extraFiles, ...extraDirs], {
    depth: 2,
    // Off: it would hold a replaced playlist back for 100 ms.
    atomic: false,
    ignoreInitial: true,
    ignored: path => path.endsWith('.m4s') || path.endsWith('.tmp'),
  });
  watcher.on('all', (_event, path) => {
    const [channel, ...inside] = relative(streamsDir, path).split(sep);
    const dir = extraDirs.find(extra => path === extra || dirname(path) === extra);
    const file = inside.at(-1);
    if (dir) hint(dir, '');
    else if (extraFiles.includes(path)) hint(path, '');
    else if (channel && channel !== '..' && (!file || telling.has(file)))
      hint(channel, inside.length === 2 ? (inside[0] ?? '') : '');
  });
  watcher.on('error', error => log.warn(`Watching ${basename(streamsDir)} failed: ${String(error)}.`));
  return { close: () => watcher.close() };
}
