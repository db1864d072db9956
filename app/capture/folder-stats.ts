import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** viewers.txt is written anew while the server runs; an older one is left from a server that is gone. */
const freshMs = 10_000;
const recentParts = 10;

/** Kilobits a second over the parts that the playlist listed last; undefined before there are two. */
export async function recentKbps(dir: string): Promise<number | undefined> {
  const playlist = await readFile(join(dir, 'stream.m3u8'), 'utf8').catch(() => '');
  const parts = [...playlist.matchAll(/#EXTINF:([\d.]+),[^\n]*\n(?:#[^\n]*\n)*(stream\d+\.m4s)/g)].slice(
    -recentParts,
  );
  if (parts.length < 2) return undefined;
  const sizes = await Promise.all(
    parts.map(([, , name = '']) =>
      stat(join(dir, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const seconds = parts.reduce((sum, [, duration]) => sum + Number(duration), 0);
  return (sizes.reduce((sum, size) => sum + size, 0) * 8) / 1000 / seconds;
}

/** The number in viewers.txt; undefined when there is none or it is not fresh. */
export async function readViewers(dir: string): Promise<number | undefined> {
  const path = join(dir, 'viewers.txt');
  const stats = await stat(path).catch(() => undefined);
  if (!stats || Date.now() - stats.mtimeMs > freshMs) return undefined;
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
