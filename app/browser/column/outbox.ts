import type { Answer, CaptchaAnswer, ClientFrame } from '../wire.ts';
import type { Letter } from './kept.ts';

type Options = {
  send(frame: ClientFrame): boolean;
  /** The connection seems dead. */
  restart(): void;
  onAnswer(letter: Letter, answer: Omit<Answer, 'type' | 'nonce'>): void;
};

const patienceMs = 20_000;
const maxTries = 4;

/** Sends one message at a time, again after every loss of the connection, until there is an answer. */
export class Outbox {
  readonly #options: Options;
  #letter: Letter | undefined;
  #captcha: CaptchaAnswer | undefined;
  #tries = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** What is on its way. */
  get letter(): Letter | undefined {
    return this.#letter;
  }

  /** Waits for the connection when there is none. */
  post(letter: Letter, captcha: CaptchaAnswer | undefined): void {
    this.#letter = letter;
    this.#captcha = captcha;
    this.#tries = 0;
    this.#send();
  }

  /** A letter of before a reload, which may have arrived. */
  restore(letter: Letter, by: string): void {
    this.#letter = letter;
    this.resend(by);
  }

  /** There is a connection again, as `by`. */
  resend(by: string): void {
    const letter = this.#letter;
    if (!letter) return;
    // The nonce of another person would not be recognised, and the message might come twice.
    if (letter.by !== by || this.#tries >= maxTries) {
      this.#done({
        ok: false,
        sentence: 'It is not certain that this message arrived. Look before you send it again.',
      });
    } else this.#send();
  }

  take({ nonce, ok, sentence, captchaId, retryInMs }: Answer): void {
    if (nonce !== this.#letter?.nonce) return;
    this.#done({
      ok,
      ...(sentence === undefined ? {} : { sentence }),
      ...(captchaId === undefined ? {} : { captchaId }),
      ...(retryInMs === undefined ? {} : { retryInMs }),
    });
  }

  /** The connection is lost: what counts is the next one. */
  pause(): void {
    clearTimeout(this.#patience);
  }

  #send(): void {
    const letter = this.#letter;
    const captcha = this.#captcha;
    if (!letter) return;
    const { nonce, text, replyTo } = letter;
    const sent = this.#options.send({
      type: 'say',
      nonce,
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(captcha ? { captcha } : {}),
    });
    if (!sent) return;
    this.#tries += 1;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#options.restart(), patienceMs);
  }

  #done(answer: Omit<Answer, 'type' | 'nonce'>): void {
    const letter = this.#letter;
    clearTimeout(this.#patience);
    this.#letter = this.#captcha = undefined;
    if (letter) this.#options.onAnswer(letter, answer);
  }
}
