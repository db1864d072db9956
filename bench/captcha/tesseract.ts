import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePgm, type Image } from './image.ts';

export type Reading = { mode: number; whitelist?: string };

/** What tesseract reads in each of the images; one process for all of them. Throws with ENOENT when it isn't there. */
export async function read(images: readonly Image[], folder: string, { mode, whitelist }: Reading): Promise<string[]> {
  const paths = images.map((_, index) => join(folder, `${index}.pgm`));
  await Promise.all(images.map((image, index) => writeFile(paths[index] ?? '', encodePgm(image))));
  const list = join(folder, 'list.txt');
  await writeFile(list, paths.join('\n'));
  const only = whitelist === undefined ? [] : ['-c', `tessedit_char_whitelist=${whitelist}`];
  const child = spawn('tesseract', [list, 'stdout', '--psm', String(mode), '--dpi', '150', ...only], {
    env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10 * 60_000,
  });
  const output: Buffer[] = [];
  child.stdout.on('data', chunk => output.push(chunk));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`tesseract ended with ${code ?? signal}.`);
  return Buffer.concat(output).toString('utf8').split('\f').slice(0, images.length);
}
