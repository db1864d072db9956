import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from '../lib/failure.ts';
import { Semaphore } from '../people/semaphore.ts';

/** 32 MiB and 50–80 ms of one core. A hash carries its own numbers, so these may change. */
const cost = { log2N: 15, r: 8, p: 1 };
const maxMemoryBytes = 128 * 1024 * 1024;
const saltBytes = 16;
const hashBytes = 32;

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
 * Hashes and checks passwords, one at a time for each of two queues, so that a flood of log-ins by onion circuits
 * never stands in the way of somebody at the machine itself.
 */
export class Passwords {
  readonly #queues = {
    local: new Semaphore({ atOnce: 1, maxWaiting: 8 }),
    circuit: new Semaphore({ atOnce: 1, maxWaiting: 16 }),
  };
  /** What a name that nobody has is checked against, for the same time. */
  readonly #nobody =
    `scrypt$${cost.log2N}$${cost.r}$${cost.p}$${randomBytes(saltBytes).toString('base64url')}$${randomBytes(hashBytes).toString('base64url')}`;

  /** Throws Failure `busy`. */
  async hash(password: string): Promise<string> {
    const { log2N, r, p } = cost;
    const salt = randomBytes(saltBytes);
    const hash = await this.#queues.local.run(() => derive(password, salt, hashBytes, log2N, r, p));
    return ['scrypt', log2N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /** Takes as long for the hash of nobody (undefined), which no password fits. Throws Failure `busy`. */
  async check(password: string, hash: string | undefined, circuit?: string): Promise<boolean> {
    const [, log2N, r, p, salt = '', expected = ''] = (hash ?? this.#nobody).split('$');
    const wanted = Buffer.from(expected, 'base64url');
    const queue = circuit === undefined ? this.#queues.local : this.#queues.circuit;
    const given = password.length > maxPasswordLength ? '' : password;
    const derived = await queue.run(() =>
      derive(given, Buffer.from(salt, 'base64url'), wanted.length, Number(log2N), Number(r), Number(p)),
    );
    return timingSafeEqual(derived, wanted) && hash !== undefined && given === password;
  }
}

function derive(password: string, salt: Buffer, bytes: number, log2N: number, r: number, p: number) {
  // A blank at the end comes with copying; keyboards write the same letter in several ways.
  const text = password.trim().normalize('NFKC');
  return slowHash(text, salt, bytes, { N: 2 ** log2N, r, p, maxmem: maxMemoryBytes });
}
