import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const projectDir = resolve(import.meta.dirname, '../..');

/** Copies what a clone would hold, as it is in the work tree now, into `to`; packages and data stay behind. */
export async function copyProject(to: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: projectDir, maxBuffer: 1 << 24 },
  );
  for (const name of new Set(stdout.split('\0').filter(Boolean))) {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await cp(join(projectDir, name), join(to, name)).catch(error => {
      // Deleted, but not yet said so to git.
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
