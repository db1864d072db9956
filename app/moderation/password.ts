import { createHmac, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RecencyMap } from '../chat/recency-map.ts';
import { Failure } from '../lib/failure.ts';
import { Semaphore } from '../people/semaphore.ts';

/** 32 MiB and 50–80 ms of one core. A hash carries its own numbers, so these may change. */
const cost = { log2N: 15, r: 8, p: 1 };
const maxMemoryBytes = 128 * 1024 * 1024;
const saltBytes = 16;
const hashBytes = 32;
/** One wrong guess in 65 536 is looked at closely. */
const digestBytes = 2;
const maxDigests = 1000;

/** The circuit that somebody tries by, and since when they are here. */
export type Origin = { circuit?: string | undefined; sinceMs?: number | undefined };

export const minPasswordLength = 10;
const maxPasswordLength = 256;

/** Crockford's base 32: no letters that are mistaken for others. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const slowHash = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 100 bits as `k3f9-7hqe-9mzt-4xpc-w2ra`. */
export function generatePassword(): string {
  const letters = Array.from(randomBytes(20), byte => alphabet.charAt(byte & 31));
  return [0, 4, 8, 12, 16].map(start => letters.slice(start, start + 4).join('')).join('-');
}

/** Throws Failure `password-weak` or `password-long`; the sentences don't repeat it. */
export function assertPassword(password: string): void {
  const length = [...password.trim()].length;
  if (length < minPasswordLength) {
    throw new Failure(
      'password-weak',
      `The password has ${length} characters; take at least ${minPasswordLength}.`,
      { length },
    );
  }
  if (password.length > maxPasswordLength) {
    throw new Failure(
      'password-long',
      `The password has more than ${maxPasswordLength} characters; take fewer.`,
    );
  }
}

/**
 * Hashes and checks passwords, one at a time for each of its queues. A password that was right once in this process is
 * known by a short keyed digest: guesses at it cost no hashing from then on, and so a flood of them neither takes the
 * processor nor stands in the way of whoever knows it.
 */
export class Passwords {
  readonly #queues = {
    local: new Semaphore({ atOnce: 1, maxWaiting: 8 }),
    circuit: new Semaphore({ atOnce: 1, maxWaiting: 16 }),
    /** Of those whose digest is right. */
    known: new Semaphore({ atOnce: 1, maxWaiting: 64 }),
  };
  readonly #digestKey = randomBytes(32);
  /** By hash. In memory only: in a file it would help whoever steals that to try out passwords. */
  readonly #digests = new RecencyMap<Buffer>(maxDigests);
  #tookMs = 60;

  /** Throws Failure `busy`. */
  async hash(password: string): Promise<string> {
    const { log2N, r, p } = cost;
    const salt = randomBytes(saltBytes);
    const text = folded(password);
    const derived = await this.#queues.local.run(() => this.#derive(text, salt, hashBytes, log2N, r, p));
    const hash = ['scrypt', log2N, r, p, salt.toString('base64url'), derived.toString('base64url')].join('$');
    this.#digests.set(hash, this.#digestOf(text));
    return hash;
  }

  /**
   * Takes as long for the hash of nobody (undefined), which no password fits. Whoever came first (`sinceMs`) goes
   * first. Throws Failure `busy`.
   */
  async check(password: string, hash: string | undefined, from: Origin = {}): Promise<boolean> {
    const text = folded(password.length > maxPasswordLength ? '' : password);
    const digest = hash === undefined ? undefined : this.#digests.get(hash);
    const isKnown = digest !== undefined && timingSafeEqual(digest, this.#digestOf(text));
    if (hash === undefined || (digest !== undefined && !isKnown)) {
      await delay(this.#tookMs);
      return false;
    }
    const [, log2N, r, p, salt = '', expected = ''] = hash.split('$');
    const wanted = Buffer.from(expected, 'base64url');
    const queue = isKnown ? 'known' : from.circuit === undefined ? 'local' : 'circuit';
    const numbers = [Number(log2N), Number(r), Number(p)] as const;
    const derived = await this.#queues[queue].run(
      () => this.#derive(text, Buffer.from(salt, 'base64url'), wanted.length, ...numbers),
      from.sinceMs,
    );
    const isRight = timingSafeEqual(derived, wanted);
    if (isRight) this.#digests.set(hash, this.#digestOf(text));
    return isRight;
  }

  #digestOf(text: string): Buffer {
    return createHmac('sha256', this.#digestKey).update(text).digest().subarray(0, digestBytes);
  }

  async #derive(text: string, salt: Buffer, bytes: number, log2N: number, r: number, p: number) {
    const beganMs = performance.now();
    const hash = await slowHash(text, salt, bytes, { N: 2 ** log2N, r, p, maxmem: maxMemoryBytes });
    this.#tookMs = performance.now() - beganMs;
    return hash;
  }
}

/** A blank at the end comes with copying; keyboards write the same letter in several ways. */
function folded(password: string): string {
  return password.trim().normalize('NFKC');
}
