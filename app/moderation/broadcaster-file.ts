import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { assertPassword, generatePassword, type Passwords } from './password.ts';
import { broadcasterName } from './staff.ts';

const content = z.object({
  username: z.literal(broadcasterName),
  passwordHash: z.string().regex(/^scrypt\$\d+\$\d+\$\d+\$[\w-]+\$[\w-]+$/),
  changedAtMs: z.number(),
});

type Content = z.infer<typeof content>;

/** `<dataDir>/broadcaster.json` (mode 0600): the hash of the broadcaster's password, and since when it holds. */
export class BroadcasterFile {
  readonly #path: string;
  readonly #log: Log;
  #version: string;
  #content: Content;

  private constructor(path: string, held: Content, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#content = held;
    this.#version = versionOf(path);
  }

  /**
   * `configured`: the password of config.json, if it has one. `generated`: a new one, to be shown this once. Throws
   * Failure `password-…` or `broadcaster-file-damaged`.
   */
  static async open(
    dataDir: string,
    {
      configured,
      passwords,
      now,
      log,
    }: { configured: string | undefined; passwords: Passwords; now: () => number; log: Log },
  ): Promise<{ file: BroadcasterFile; generated: string | undefined }> {
    const path = pathIn(dataDir);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (configured !== undefined) assertConfigured(configured);
    const held = readIfThere(path);
    const isKept =
      held && (configured === undefined || (await passwords.check(configured, held.passwordHash)));
    if (isKept) return { file: new BroadcasterFile(path, held, log), generated: undefined };
    const password = configured ?? generatePassword();
    const made = await write(path, password, passwords, now);
    return {
      file: new BroadcasterFile(path, made, log),
      generated: configured === undefined ? password : undefined,
    };
  }

  /** Sets the password where no server may be running. Throws Failure `password-…`. */
  static async write(
    dataDir: string,
    password: string,
    { passwords, now }: { passwords: Passwords; now: () => number },
  ): Promise<void> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await write(pathIn(dataDir), password, passwords, now);
  }

  get passwordHash(): string {
    return this.#content.passwordHash;
  }

  /** Log-ins from before are void. */
  get changedAtMs(): number {
    return this.#content.changedAtMs;
  }

  /** Throws Failure `password-…` or `busy`. */
  async setPassword(password: string, passwords: Passwords, now: () => number): Promise<void> {
    this.#content = await write(this.#path, password, passwords, now);
    this.#version = versionOf(this.#path);
  }

  /** Reads what `scripts/start --set-password` may have written meanwhile. Returns whether that is another password. */
  refresh(): boolean {
    const version = versionOf(this.#path);
    if (version === this.#version) return false;
    this.#version = version;
    const before = this.#content.passwordHash;
    try {
      // Deleted while we run: the last password goes on, the next start makes a new one.
      this.#content = readIfThere(this.#path) ?? this.#content;
    } catch (error) {
      this.#log.error(`The password from before holds: ${sentenceOf(error)}`);
    }
    return this.#content.passwordHash !== before;
  }
}

/** Whoever starts the server is not asked for a password: they are told where this one stands. */
function assertConfigured(password: string): void {
  try {
    assertPassword(password);
  } catch (error) {
    throw new Failure('config-invalid', `people.broadcasterPassword: ${sentenceOf(error)}`);
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'broadcaster.json');
}

async function write(
  path: string,
  password: string,
  passwords: Passwords,
  now: () => number,
): Promise<Content> {
  assertPassword(password);
  const passwordHash = await passwords.hash(password);
  // Also by a clock that was set back meanwhile.
  const changedAtMs = Math.max(now(), lastChangeIn(path) + 1);
  const made: Content = { username: broadcasterName, passwordHash, changedAtMs };
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify(made)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return made;
}

/** Of a file that is damaged nothing is known: it is about to be replaced. */
function lastChangeIn(path: string): number {
  try {
    return readIfThere(path)?.changedAtMs ?? 0;
  } catch {
    return 0;
  }
}

function readIfThere(path: string): Content | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    chmodSync(path, 0o600);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = content.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new Failure(
    'broadcaster-file-damaged',
    `${path} is not as we wrote it. Delete it: the next start makes a new password.`,
    { path },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function versionOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
}
