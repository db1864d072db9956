import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePgm, type Image } from './image.ts';

export type Reading = {
  /** Page segmentation mode. */
  mode: number;
  /** The letters tesseract may answer with; all when left out. */
  whitelist?: string;
};

const timeoutMs = 5 * 60_000;

/** What tesseract reads in each of the images; throws a system error with code ENOENT when it isn't there. */
export async function read(images: readonly Image[], folder: string, reading: Reading): Promise<string[]> {
  const paths = images.map((_, index) => join(folder, `${index}.pgm`));
  await Promise.all(images.map((image, index) => writeFile(paths[index] ?? '', encodePgm(image))));
  return readFiles(paths, folder, reading);
}

async function readFiles(paths: readonly string[], folder: string, reading: Reading): Promise<string[]> {
  if (paths.length === 0) return [];
  const list = join(folder, 'list.txt');
  await writeFile(list, paths.join('\n'));
  const only = reading.whitelist === undefined ? [] : ['-c', `tessedit_char_whitelist=${reading.whitelist}`];
  const child = spawn('tesseract', [list, 'stdout', '--psm', String(reading.mode), '--dpi', '150', ...only], {
    env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
  });
  const output: Buffer[] = [];
  child.stdout.on('data', chunk => output.push(chunk));
  const [code] = await once(child, 'close');
  const pages = Buffer.concat(output).toString('utf8').split('\f');
  if (code === 0 && pages.length === paths.length) return pages;
  // There are pictures on which tesseract divides by zero and dies: they are unread, the others must not be.
  if (paths.length === 1) return [''];
  const half = paths.length >> 1;
  const first = await readFiles(paths.slice(0, half), folder, reading);
  return [...first, ...(await readFiles(paths.slice(half), folder, reading))];
}
