import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../lib/failure.ts';

/** Where packages put tor that the PATH of an ordinary user often lacks. */
const usualFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/snap/bin'];

/** The path of the tor program (a name to look for, or a path of its own); undefined when there is none. */
export async function findTor(binary = 'tor', path = process.env.PATH ?? ''): Promise<string | undefined> {
  const candidates = binary.includes('/')
    ? [binary]
    : [...path.split(delimiter).filter(Boolean), ...usualFolders].map(folder => join(folder, binary));
  for (const candidate of candidates) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

/** As findTor; throws Failure `tor-missing` with what to do about it. */
export async function needTor(binary: string): Promise<string> {
  const found = await findTor(binary);
  if (found) return found;
  throw new Failure(
    'tor-missing',
    `The tor program ("${binary}") is not on this machine. Install it (Debian, Ubuntu: apt install tor; Fedora: ` +
      'dnf install tor; macOS: brew install tor), or set tor.binary in config.json to where it is.',
    { binary },
  );
}

/** Whether this tor was built with the proof-of-work defence (`tor --list-modules`: `pow: yes`). */
export async function hasPowModule(torPath: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(torPath, ['--list-modules'], { timeout: 10_000 });
    return /^pow: yes$/m.test(stdout);
  } catch {
    return false;
  }
}
