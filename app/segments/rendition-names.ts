import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { versionOf } from './files.ts';

/** A rendition beside the main one is a folder in the channel's: media with a playlist of their own, or slides. */
export type RenditionFolder = { name: string; kind: 'media' | 'slides' };

const folderName = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The name of the file that makes a folder a rendition. */
export const slideName = 'slide.jpg';

/** The folders in a channel folder that hold a rendition now, in the order of their names; none when it is not there. */
export async function renditionFolders(channelDir: string): Promise<RenditionFolder[]> {
  const entries: Dirent[] = await readdir(channelDir, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter(entry => entry.isDirectory() && folderName.test(entry.name))
    .map(({ name }) => name);
  const folders = await Promise.all(
    names.sort().map(async (name): Promise<RenditionFolder[]> => {
      if (await versionOf(join(channelDir, name, 'stream.m3u8'))) return [{ name, kind: 'media' }];
      if (await versionOf(join(channelDir, name, slideName))) return [{ name, kind: 'slides' }];
      return [];
    }),
  );
  return folders.flat();
}
