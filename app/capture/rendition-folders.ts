/** The files that ffmpeg leaves in a channel folder, and the folders in it that hold renditions. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../lib/failure.ts';

export const mediaFile = /^(init\.mp4|stream\d+\.m4s|stream\.m3u8)(\.tmp)?$/;
const slideFile = /^slide\.jpg(\.tmp)?$/;
const folderName = /^[a-z0-9][a-z0-9-]{0,31}$/;

export async function removeFrom(dir: string, isOurs: (name: string) => boolean): Promise<void> {
  const names = await readdir(dir);
  await Promise.all(names.filter(isOurs).map(name => rm(join(dir, name), { force: true })));
}

async function renditionDirs(channelDir: string): Promise<string[]> {
  const entries = await readdir(channelDir, { withFileTypes: true });
  const folders = entries.filter(entry => entry.isDirectory() && folderName.test(entry.name));
  return folders.map(({ name }) => join(channelDir, name));
}

/** Folders whose newest file is older than this are left from an earlier run; another encoder writes the others. */
const freshMs = 10_000;

async function isFresh(dir: string): Promise<boolean> {
  const names = await readdir(dir);
  const times = await Promise.all(
    names.map(name =>
      stat(join(dir, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...times) > Date.now() - freshMs;
}

/** What an earlier run has left. */
export async function removeOldRenditions(channelDir: string): Promise<void> {
  for (const dir of await renditionDirs(channelDir)) if (!(await isFresh(dir))) await removeRendition(dir);
}

/** A rendition's files, and its folder unless there is something else in it. */
export async function removeRendition(dir: string): Promise<void> {
  await removeFrom(dir, name => mediaFile.test(name) || slideFile.test(name));
  await rmdir(dir).catch(error => {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  });
}
