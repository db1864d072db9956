import { codeOf, Failure } from '../lib/failure.ts';

const next: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on its disk',
  EDQUOT: 'make room on its disk',
  EEXIST: 'a file is in its place, so name another folder by --streams',
  ENOTDIR: 'a file is in its place, so name another folder by --streams',
  EROFS: 'its disk takes no files, so name another folder by --streams',
};

/** What to say of a channel folder that takes no files, or none at the moment; undefined for any other error. */
export function folderFailure(dir: string, error: unknown): Failure | undefined {
  const code = codeOf(error);
  if (!(error instanceof Error) || !('errno' in error) || code === undefined) return undefined;
  const advice = next[code] ?? 'see that it and what is in it are yours to write';
  return new Failure(
    'folder-unwritable',
    `The channel folder ${dir} can't be written (${code}): ${advice}.`,
    { dir, code },
    { cause: error },
  );
}
