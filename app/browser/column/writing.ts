/** From the input to the answer: what was typed is not lost until the server has it, and never sent twice. */

import type { Answer, ClientFrame } from '../wire.ts';
import type { Composer } from './composer.ts';
import { keep, type Letter, whatWasKept } from './kept.ts';
import type { Log } from './log.ts';
import { pendingNode, type Reader, shownName } from './message.ts';
import { Outbox } from './outbox.ts';

type Options = {
  log: Log;
  composer: Composer;
  send(frame: ClientFrame): boolean;
  restart(): void;
};

function newNonce(): string {
  // randomUUID is not there on http: pages of every browser.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), byte =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

export class Writing {
  readonly #options: Options;
  readonly #outbox: Outbox;
  #reader: Reader | undefined;
  /** Refused or uncertain: sent again as it is, it is the same message. */
  #refused: Letter | undefined;
  /** Enter was pressed while a message was on its way. */
  #isNextReady = false;

  constructor(options: Options) {
    this.#options = options;
    this.#outbox = new Outbox({
      send: options.send,
      restart: options.restart,
      onAnswer: (letter, answer) => this.#answered(letter, answer),
    });
  }

  /** Brings back what a reload of the page interrupted, and `typed`, which stood in the page's frame. */
  restore(reader: Reader, typed: string): void {
    const { composer, log } = this.#options;
    const { text, replyTo, letter } = whatWasKept();
    composer.text = typed || text;
    if (replyTo !== undefined) this.reply(replyTo);
    if (!letter) return;
    log.showPending(pendingNode(letter.text, reader));
    this.#outbox.restore(letter, reader.you.id);
  }

  setReader(reader: Reader): void {
    this.#reader = reader;
  }

  /** There is a connection again, and all that was missed is here. */
  connected(): void {
    this.#options.composer.captcha.connected();
    if (this.#reader) this.#outbox.resend(this.#reader.you.id);
  }

  lost(): void {
    this.#outbox.pause();
  }

  /** Keeps everything that is not acknowledged. */
  keep(): void {
    const { text, reply } = this.#options.composer;
    const replyTo = reply.number;
    const { letter } = this.#outbox;
    keep({ text, ...(replyTo === undefined ? {} : { replyTo }), ...(letter ? { letter } : {}) });
  }

  reply(number: number): void {
    const message = this.#options.log.message(number);
    const defaultName = this.#reader?.settings.defaultName ?? '';
    this.#options.composer.reply.show(number, message ? shownName(message.author, defaultName) : '');
  }

  post(): void {
    const { composer, log } = this.#options;
    const reader = this.#reader;
    const { text, excess, captcha } = composer;
    const replyTo = composer.reply.number;
    if (!reader || composer.send.isWaiting || text.trim() === '') return;
    if (excess !== undefined) {
      composer.tell(excess);
      return;
    }
    if (captcha.answer?.answer.trim() === '') {
      captcha.focus();
      return;
    }
    this.#isNextReady = this.#outbox.letter !== undefined;
    if (this.#isNextReady) return;
    const isSame = this.#refused?.text === text && this.#refused.replyTo === replyTo;
    const nonce = isSame && this.#refused ? this.#refused.nonce : newNonce();
    const letter = { nonce, text, by: reader.you.id, ...(replyTo === undefined ? {} : { replyTo }) };
    composer.tell(undefined);
    composer.text = '';
    composer.reply.clear();
    log.showPending(pendingNode(text, reader));
    this.#outbox.post(letter, captcha.answer);
    this.keep();
  }

  /** One of the reader's own messages has come. */
  seen(text: string): void {
    if (this.#outbox.letter?.text.trim() === text) this.#options.log.showPending(undefined);
  }

  take(answer: Answer): void {
    this.#outbox.take(answer);
  }

  #answered(letter: Letter, { ok, sentence, captchaId, retryInMs }: Omit<Answer, 'type' | 'nonce'>): void {
    const { composer, log } = this.#options;
    const hadFocus = composer.hasFocus || document.activeElement === document.body;
    log.showPending(undefined);
    this.#refused = ok ? undefined : letter;
    if (ok) {
      composer.captcha.close();
      composer.tell(sentence);
    } else this.#refuse(letter, sentence, captchaId);
    if (retryInMs !== undefined) composer.send.wait(retryInMs);
    this.keep();
    if (hadFocus && composer.captcha.isOpen) composer.captcha.focus();
    else if (hadFocus) composer.focus();
    if (ok && this.#isNextReady) this.post();
    this.#isNextReady = false;
  }

  #refuse(letter: Letter, sentence: string | undefined, captchaId: string | undefined): void {
    const { composer } = this.#options;
    const since = composer.text;
    composer.text = since === '' ? letter.text : `${letter.text}\n${since}`;
    if (letter.replyTo !== undefined && composer.reply.number === undefined) this.reply(letter.replyTo);
    if (captchaId === undefined) {
      composer.captcha.close();
      composer.tell(sentence);
      return;
    }
    composer.tell(undefined);
    const spoken = this.#reader?.settings.spokenCaptchas ?? false;
    composer.captcha.show(captchaId, { sentence, spoken });
  }
}
