import { chmod, mkdir, stat } from 'node:fs/promises';
import { Failure, sentenceOf } from '../lib/failure.ts';

/**
 * Makes the folder if need be, and closes it to others (0700), as tor demands of its own. Throws Failure
 * `tor-folder-unusable` when it is not ours or can't be made.
 */
export async function ownPrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { uid } = await stat(path);
    const us = process.getuid?.();
    if (us !== undefined && uid !== us) {
      throw new Failure(
        'tor-folder-unusable',
        `${path} belongs to user ${uid}, and we run as user ${us}. Run as its owner, or: chown -R ${us} ${path}`,
        { path, uid },
      );
    }
    await chmod(path, 0o700);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      'tor-folder-unusable',
      `${path} can't be used by tor: ${sentenceOf(error)}. It must be ours to write.`,
      { path },
      { cause: error },
    );
  }
}
