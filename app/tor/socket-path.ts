import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../lib/failure.ts';
import { torPaths } from './torrc.ts';

/** sun_path of unix(7) without its NUL: 107 bytes on Linux, 103 on macOS and the BSDs. */
const maxSocketPathBytes = 103;

export type SocketPath = {
  path: string /** Removes the folder that was made for it, if one was. */;
  remove(): Promise<void>;
};

/**
 * Where the onion's socket goes: below the data folder, or, when that lies too deep for a unix socket, in a fresh
 * folder (0700) for temporary files. Throws Failure `onion-socket-path-too-long`.
 */
export async function onionSocketPath(dataDir: string, temporaryDir = tmpdir()): Promise<SocketPath> {
  const usual = join(torPaths(dataDir).torDir, 'onion.sock');
  if (Buffer.byteLength(usual) <= maxSocketPathBytes) return { path: usual, async remove() {} };
  const prefix = join(temporaryDir, 'onioncast-');
  if (Buffer.byteLength(join(`${prefix}XXXXXX`, 'onion.sock')) > maxSocketPathBytes) {
    throw new Failure(
      'onion-socket-path-too-long',
      `Neither ${dataDir} nor ${temporaryDir} is short enough to hold a unix socket. Set TMPDIR to a shorter path.`,
      { dataDir, temporaryDir },
    );
  }
  const folder = await mkdtemp(prefix);
  return { path: join(folder, 'onion.sock'), remove: () => rm(folder, { recursive: true, force: true }) };
}
