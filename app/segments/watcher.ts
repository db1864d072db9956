import { basename, dirname, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { Log } from '../lib/log.ts';

// What a reading depends on. Parts are left out: they count only once the playlist names them.
const telling: ReadonlySet<string> = new Set(['pid.txt', 'start.txt', 'stream.m3u8', 'init.mp4']);

/**
 * Watches `<streamsDir>/<channel>/`, single files and flat folders, and calls `hint` with the channel's name, or the
 * path of the file or folder, when something there may have changed. A hint may come too often or, after a failure
 * of the system's watches, not at all: the caller reads again on its own now and then.
 */
export function watchFolders(
  options: { streamsDir: string; extraFiles: readonly string[]; extraDirs: readonly string[]; log: Log },
  hint: (changed: string) => void,
): { close(): Promise<void> } {
  const { streamsDir, extraFiles, extraDirs, log } = options;
  const watcher = watch([streamsDir, ...extraFiles, ...extraDirs], {
    depth: 1,
    // Off: it would hold a replaced playlist back for 100 ms.
    atomic: false,
    ignoreInitial: true,
    ignored: path => path.endsWith('.m4s') || path.endsWith('.tmp'),
  });
  watcher.on('all', (_event, path) => {
    const [channel, file] = relative(streamsDir, path).split(sep);
    const dir = extraDirs.find(extra => path === extra || dirname(path) === extra);
    if (dir) hint(dir);
    else if (extraFiles.includes(path)) hint(path);
    else if (channel && channel !== '..' && (!file || telling.has(basename(file)))) hint(channel);
  });
  watcher.on('error', error => log.warn(`Watching ${basename(streamsDir)} failed: ${String(error)}.`));
  return { close: () => watcher.close() };
}
