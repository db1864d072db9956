import { lstat, mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { codeOf, Failure } from '../lib/failure.ts';

/** sun_path of unix(7) without its NUL: 107 bytes on Linux, 103 on macOS and the BSDs. */
const maxSocketPathBytes = 103;
const fileName = 'control.sock';

/** `path`: where to listen; `remove` clears up what was made for it. */
export type ControlSocketPlace = { path: string; remove(): Promise<void> };

/**
 * Where the server's control socket goes: `<dataDir>/control.sock`, or, when that is too long for a unix socket, a
 * fresh folder (0700) for temporary files, with a link to it at that place. Throws Failure
 * `control-socket-path-too-long`.
 */
export async function controlSocketPlace(
  dataDir: string,
  temporaryDir = tmpdir(),
): Promise<ControlSocketPlace> {
  const path = join(resolve(dataDir), fileName);
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return { path, remove: async () => {} };
  const prefix = join(temporaryDir, 'onioncast-');
  if (Buffer.byteLength(join(`${prefix}XXXXXX`, fileName)) > maxSocketPathBytes) {
    throw new Failure(
      'control-socket-path-too-long',
      `Neither ${dataDir} nor ${temporaryDir} is short enough to hold a unix socket. Set TMPDIR to a shorter path.`,
      { dataDir, temporaryDir },
    );
  }
  // The database has its lock by now: a link that is here belongs to nobody any more.
  const old = await linkTarget(path);
  if (old !== undefined) await rm(path, { force: true });
  const folder = await mkdtemp(prefix);
  const target = join(folder, fileName);
  await symlink(target, path);
  return {
    path: target,
    async remove() {
      await rm(path, { force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where a client finds the socket of the server that has this data folder. */
export async function findControlSocket(dataDir: string): Promise<string> {
  const path = join(resolve(dataDir), fileName);
  return (await linkTarget(path)) ?? path;
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return undefined;
    return resolve(dirname(path), await readlink(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
