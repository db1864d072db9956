import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, Failure } from '../../lib/failure.ts';
import { type Clip, clipOf } from './sound.ts';

const timeoutMs = 10_000;
const maxBytes = 2_000_000;

/** Where espeak-ng lies in the folders of `path`, or undefined. */
export function findEspeak(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, 'espeak-ng'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `words` spoken slowly; throws Failure `espeak`. */
export async function speakWords(
  program: string,
  { words, voice, signal }: { words: string; voice: string; signal: AbortSignal },
): Promise<Clip> {
  const args = ['-v', voice, '-s', '120', '-g', '2', '--stdout', words];
  const options = {
    encoding: 'buffer',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maxBytes,
    signal,
  } as const;
  try {
    const { stdout } = await promisify(execFile)(program, args, options);
    return clipOf(stdout);
  } catch (error) {
    // Neither its message nor the error itself goes further: both repeat the letters.
    const reason = codeOf(error) ?? exitOf(error);
    throw new Failure(
      'espeak',
      `espeak-ng made no sound (${reason}). Run it by hand, or set captcha.spoken to false.`,
      { voice, reason },
    );
  }
}

function exitOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('signal' in error && typeof error.signal === 'string') return error.signal;
  return 'code' in error && typeof error.code === 'number' ? `exit code ${error.code}` : error.name;
}
