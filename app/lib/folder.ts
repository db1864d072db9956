import { mkdir } from 'node:fs/promises';
import { Failure, sentenceOf } from './failure.ts';

/** Makes a folder, and those above it, that is its owner's alone; throws Failure `folder-unusable`. `flag` names it. */
export async function makeFolder(path: string, flag: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure(
      'folder-unusable',
      `The folder ${path} can't be made: ${sentenceOf(error)}. Name another with ${flag}.`,
      { path },
      { cause: error },
    );
  }
}
