import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf } from '../lib/failure.ts';

/** Another version, another content. */
export type FileVersion = { ino: number; mtimeMs: number; size: number };

export function sameVersion(one: FileVersion, other: FileVersion | undefined): boolean {
  return one.ino === other?.ino && one.mtimeMs === other.mtimeMs && one.size === other.size;
}

/** Undefined when there is no ordinary file at `path`, or none that we may look at. */
export async function versionOf(path: string): Promise<FileVersion | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? { ino: stats.ino, mtimeMs: stats.mtimeMs, size: stats.size } : undefined;
}

const maxTextBytes = 1024 * 1024;

/**
 * The text of a small file, with a version that is never newer than the text. Undefined when it isn't there or
 * can't be used; the latter is told in `problems`.
 */
export async function readSmallText(
  path: string,
  problems: string[],
): Promise<{ text: string; version: FileVersion } | undefined> {
  const version = await versionOf(path);
  if (!version) return undefined;
  if (version.size > maxTextBytes) {
    problems.push(
      `${basename(path)} has ${version.size} bytes, more than the ${maxTextBytes} that are read.`,
    );
    return undefined;
  }
  try {
    return { text: await readFile(path, 'utf8'), version };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') problems.push(`${basename(path)} can't be read (${codeOf(error)}).`);
    return undefined;
  }
}
