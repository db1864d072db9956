import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../lib/failure.ts';
import type { CircuitListenerConfig } from './circuit-listener.ts';
import { torPaths } from './torrc.ts';

/** sun_path of unix(7) without its NUL: 107 bytes on Linux, 103 on macOS and the BSDs. */
const maxSocketPathBytes = 103;

/** A listener's config, and `remove` for the folder that was made for it, if one was. */
export type OnionSocket = CircuitListenerConfig & { remove(): Promise<void> };

/**
 * Where the onion's socket goes: where the operator wants it for the system's tor; else below the data folder,
 * or, when that lies too deep for a unix socket, in a fresh folder (0700) for temporary files. Throws Failure
 * `onion-socket-path-too-long`.
 */
export async function onionSocket(
  { dataDir, systemSocket = '' }: { dataDir: string; systemSocket?: string },
  temporaryDir = tmpdir(),
): Promise<OnionSocket> {
  const keep = async () => {};
  if (systemSocket) return { path: resolve(systemSocket), mode: 0o660, remove: keep };
  const path = join(torPaths(resolve(dataDir)).torDir, 'onion.sock');
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return { path, mode: 0o600, remove: keep };
  const prefix = join(temporaryDir, 'onioncast-');
  if (Buffer.byteLength(join(`${prefix}XXXXXX`, 'onion.sock')) > maxSocketPathBytes) {
    throw new Failure(
      'onion-socket-path-too-long',
      `Neither ${dataDir} nor ${temporaryDir} is short enough to hold a unix socket. Set TMPDIR to a shorter path.`,
      { dataDir, temporaryDir },
    );
  }
  const folder = await mkdtemp(prefix);
  const remove = () => rm(folder, { recursive: true, force: true });
  return { path: join(folder, 'onion.sock'), mode: 0o600, remove };
}
