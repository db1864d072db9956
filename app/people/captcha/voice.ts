/**
 * Captchas for people who don't see: each letter by its name and a word that begins with it, with a murmur under it.
 * Owns the recorded letters and the processes that record them. A letter is recorded once; after that a captcha
 * is only mixed, at a bounded rate.
 */
import { createCipheriv, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sentenceOf } from '../../lib/failure.ts';
import type { Log } from '../../lib/log.ts';
import { Semaphore } from '../semaphore.ts';
import { speakWords } from './espeak.ts';
import type { Random } from './random.ts';
import { type Clip, encodeWav, mixed } from './sound.ts';

const words: Readonly<Record<string, string>> = {
  ...{
    A: 'alfa',
    B: 'bravo',
    C: 'charlie',
    D: 'delta',
    E: 'echo',
    F: 'foxtrot',
    H: 'hotel',
    K: 'kilo',
    L: 'lima',
  },
  ...{ M: 'mike', N: 'november', P: 'papa', R: 'romeo', S: 'sierra', T: 'tango', W: 'whiskey', X: 'x-ray' },
  ...{ Y: 'yankee', Z: 'zulu' },
};

const voices = ['en-us', 'en-us+f3'] as const;
/** At most so often a captcha is mixed, about a twentieth of a core. */
const mixEveryMs = 100;

export class Voice {
  readonly #program: string;
  readonly #log: Log;
  readonly #key = randomBytes(16);
  readonly #clips = new Map<string, Promise<Clip>>();
  readonly #recording = new Semaphore({ atOnce: 1, maxWaiting: 64 });
  readonly #mixing = new Semaphore({ atOnce: 1, maxWaiting: 16 });
  readonly #closing = new AbortController();
  #hasWarned = false;

  /** `program`: where espeak-ng is. */
  constructor(deps: { program: string; log: Log }) {
    this.#program = deps.program;
    this.#log = deps.log;
  }

  /**
   * A WAV of the text, about two seconds a letter; the same each time for the same `number`, so that the murmur
   * can't be averaged away. undefined when it can't be recorded; throws Failure `busy` when too many ask at once.
   */
  async speak(text: string, number: number): Promise<Buffer | undefined> {
    return this.#mixing.run(async () => {
      const random = this.#randomOf(number);
      try {
        await delay(mixEveryMs, undefined, { signal: this.#closing.signal });
        const clips = await Promise.all([...text].map(letter => this.#clip(letter, random)));
        return encodeWav(mixed(clips, random));
      } catch (error) {
        this.#warnOnce(sentenceOf(error));
        return undefined;
      }
    });
  }

  close(): void {
    this.#closing.abort();
  }

  #warnOnce(sentence: string): void {
    if (this.#hasWarned || this.#closing.signal.aborted) return;
    this.#hasWarned = true;
    this.#log.warn(sentence);
  }

  #clip(letter: string, random: Random): Promise<Clip> {
    const voice = voices[Math.floor(random() * voices.length)] ?? voices[0];
    const name = `${voice} ${letter}`;
    const known = this.#clips.get(name);
    if (known) return known;
    const spoken = `${letter}, ${words[letter] ?? ''}`;
    const clip = this.#recording.run(() =>
      speakWords(this.#program, { words: spoken, voice, signal: this.#closing.signal }),
    );
    this.#clips.set(name, clip);
    clip.catch(() => this.#clips.delete(name));
    return clip;
  }

  /** Numbers that nobody outside can foretell, the same each time for the same `number`. */
  #randomOf(number: number): Random {
    const counter = Buffer.alloc(16);
    counter.writeUIntBE(number, 0, 6);
    const stream = createCipheriv('aes-128-ctr', this.#key, counter);
    return () => stream.update(Buffer.alloc(4)).readUInt32LE(0) / 2 ** 32;
  }
}
