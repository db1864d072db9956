import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const deadlineMs = 60_000;

export type AuthorityPorts = { orPort: number; dirPort: number };

/**
 * Makes the keys of a directory authority in its DataDirectory (`tor-gencert`, `tor --list-fingerprint`) and
 * gives the DirAuthority line by which every tor of the network knows it.
 */
export async function createAuthority(
  dataDirectory: string,
  nickname: string,
  { orPort, dirPort }: AuthorityPorts,
): Promise<string> {
  const keys = join(dataDirectory, 'keys');
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const certificate = join(keys, 'authority_certificate');
  const gencert = run(
    'tor-gencert',
    ['--create-identity-key', '--passphrase-fd', '0', '-m', '12', '-a', `127.0.0.1:${dirPort}`].concat([
      '-i',
      join(keys, 'authority_identity_key'),
      '-s',
      join(keys, 'authority_signing_key'),
      '-c',
      certificate,
    ]),
    { timeout: deadlineMs },
  );
  gencert.child.stdin?.end('a private network has no secrets\n');
  await gencert;
  const identity = /^fingerprint ([0-9A-F]{40})$/m.exec(await readFile(certificate, 'utf8'))?.[1];
  await run(
    'tor',
    [
      '--list-fingerprint',
      '-f',
      '/dev/null',
      '--ignore-missing-torrc',
      '--defaults-torrc',
      '/dev/null',
    ].concat([
      '--DataDirectory',
      dataDirectory,
      '--ORPort',
      `127.0.0.1:${orPort}`,
      '--Nickname',
      nickname,
      '--DirAuthority',
      `x 127.0.0.1:1 ${'F'.repeat(40)}`,
    ]),
    { timeout: deadlineMs },
  );
  const fingerprint = /[0-9A-F]{40}/.exec(await readFile(join(dataDirectory, 'fingerprint'), 'utf8'))?.[0];
  if (!identity || !fingerprint) throw new Error(`no authority keys in ${dataDirectory}`);
  return `DirAuthority ${nickname} orport=${orPort} no-v2 v3ident=${identity} 127.0.0.1:${dirPort} ${fingerprint}`;
}
