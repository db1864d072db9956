import { hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, Failure } from '../lib/failure.ts';

const secretBytes = 32;

/** What keys are made for; a key for one purpose tells nothing about the others. */
export type Purpose = 'person' | 'tripcode' | 'session' | 'csrf';

/**
 * The site's secret, 32 bytes in `<dataDir>/secret` (mode 0600): made at the first start, the same ever after.
 * Throws Failure `secret-damaged` when the file is not one of ours.
 */
export async function loadSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, 'secret');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const secret = (await readIfThere(path)) ?? (await create(path));
  if (secret.length === secretBytes) return secret;
  throw new Failure(
    'secret-damaged',
    `${path} has ${secret.length} bytes instead of ${secretBytes}. Restore it from a backup, or delete it: then ` +
      'everyone gets a new session and all tripcodes change.',
    { path, bytes: secret.length },
  );
}

/** 32 bytes for one purpose (HKDF, RFC 5869). */
export function subkey(secret: Uint8Array, purpose: Purpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `onioncast ${purpose}`, 32));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const secret = await readFile(path);
    await chmod(path, 0o600);
    return secret;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, also when two processes start at once: then both return the one that was first. */
async function create(path: string): Promise<Buffer> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(secretBytes));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Unlike rename, link never replaces a secret that another process has just made.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return await readFile(path);
}
