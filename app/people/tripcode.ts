import { createHash, type ScryptOptions, scrypt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import classicTripcode from 'tripcode';
import { Failure } from '../lib/failure.ts';
import { colourPair } from './colour.ts';
import { Semaphore } from './semaphore.ts';

export type TripcodeKind = 'secure' | 'classic';

/** Shown beside a name: the same password gives the same tripcode, and no one else can make it. */
export type Tripcode = Readonly<{
  /** 10 characters or more, of A–Z a–z 0–9 . / - _ */
  text: string;
  /** `#rrggbb` each, contrast of 4.5 or more between them. */
  colours: Readonly<{ foreground: string; background: string }>;
  kind: TripcodeKind;
}>;

/** 32 MiB and 50–80 ms of one core. Fixed for ever: other numbers would give everyone another tripcode. */
const scryptOptions: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** 72 bits. */
const textBytes = 9;
const colourBytes = 4;
const maxPasswordLength = 128;

const slowHash = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** Makes tripcodes, with half of the cores at most: whoever asks for many must not slow the stream. */
export class Tripcodes {
  readonly #key: Buffer;
  readonly #allowClassic: boolean;
  readonly #semaphore = new Semaphore({
    atOnce: Math.min(2, Math.ceil(availableParallelism() / 2)),
    maxWaiting: 16,
  });

  /** `key`: subkey `tripcode` of the site's secret; without it no one can try passwords, not even slowly. */
  constructor({ key }: { key: Buffer }, config: { classic: boolean }) {
    this.#key = key;
    this.#allowClassic = config.classic;
  }

  /**
   * The tripcode of a password. Throws Failure `tripcode-password` for one that can't be used, `tripcode-kind`
   * when the classic form is switched off, and `busy`.
   */
  async make(password: string, kind: TripcodeKind = 'secure'): Promise<Tripcode> {
    if (password === '' || password.length > maxPasswordLength) {
      throw new Failure(
        'tripcode-password',
        `A tripcode's password has 1 to ${maxPasswordLength} characters, not ${password.length}.`,
      );
    }
    return kind === 'classic' ? this.#classic(password) : await this.#secure(password);
  }

  async #secure(password: string): Promise<Tripcode> {
    const hash = await this.#semaphore.run(() =>
      slowHash(password.normalize('NFKC'), this.#key, textBytes + colourBytes, scryptOptions),
    );
    return {
      text: hash.toString('base64url', 0, textBytes),
      colours: colourPair(hash.subarray(textBytes)),
      kind: 'secure',
    };
  }

  #classic(password: string): Tripcode {
    if (!this.#allowClassic) {
      throw new Failure('tripcode-kind', 'This site makes secure tripcodes only. Choose that kind.');
    }
    const text = classicTripcode(password);
    if (text === '') {
      throw new Failure(
        'tripcode-password',
        'A classic tripcode is made from letters that Shift JIS has; this password has none. Choose another.',
      );
    }
    return { text, colours: colourPair(createHash('sha256').update(text).digest()), kind: 'classic' };
  }
}
