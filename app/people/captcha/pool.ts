/**
 * Captchas: handed out, shown, heard, and answered once. Owns the pictures and which captchas are spent; knows
 * nothing of who has solved one.
 *
 * Handing one out costs neither a drawing nor memory (its id says, sealed, all there is to know; only whether it is
 * spent takes a bit), so that asking for captchas without end drives out nobody's and burns no CPU. Then, though,
 * people see the same pictures: who answers one by hand can use the answer for other ids of that picture, at most
 * `solvesPerPicture` times in all. Otherwise a picture is shown to one person only.
 */
import type { Log } from '../../lib/log.ts';
import { foldAnswer, randomText } from './alphabet.ts';
import type { CaptchaConfig } from './config.ts';
import { draw } from './draw.ts';
import { findEspeak } from './espeak.ts';
import { Gallery, type Picture } from './gallery.ts';
import { createCryptoRandom, type Random } from './random.ts';
import { Serials } from './serials.ts';
import { type Ticket, TicketSeal } from './ticket.ts';
import { Voice } from './voice.ts';

export type Verdict = 'solved' | 'wrong' | 'expired';

type CaptchaDeps = {
  /** Milliseconds of the clock that captchas expire by. */
  now: () => number;
  log: Log;
  random?: Random;
  /** Where espeak-ng is searched: PATH. */
  path?: string;
};

export class CaptchaPool {
  readonly #now: () => number;
  readonly #expiryMs: number;
  readonly #seal = new TicketSeal();
  readonly #serials: Serials;
  readonly #gallery: Gallery;
  readonly #voice: Voice | undefined;

  constructor({ now, log, random = createCryptoRandom(), path }: CaptchaDeps, config: CaptchaConfig) {
    this.#now = now;
    this.#expiryMs = config.expiryMin * 60_000;
    this.#serials = new Serials(config.maxPending);
    const drawNext = () => {
      const text = randomText(config.length, random);
      return { text, png: draw(text, random) };
    };
    this.#gallery = new Gallery({ draw: drawNext, now }, { ...config, expiryMs: this.#expiryMs });
    const program = config.spoken ? findEspeak(path ?? process.env.PATH ?? '') : undefined;
    this.#voice = program === undefined ? undefined : new Voice({ program, log });
  }

  /** Whether captchas can be heard. */
  get speaks(): boolean {
    return this.#voice !== undefined;
  }

  /** Pictures drawn since the beginning, and pictures held in memory. */
  get counts(): { drawn: number; held: number; ahead: number } {
    return { drawn: this.#gallery.drawn, held: this.#gallery.size, ahead: this.#gallery.unused };
  }

  /** A captcha for `holder` (a person or a circuit), whose id is 62 letters of base64url. Never refuses. */
  issue(holder: string): { id: string } {
    const { number } = this.#gallery.take(holder);
    const id = this.#seal.seal({ serial: this.#serials.issue(), picture: number, issuedAtMs: this.#now() });
    return { id };
  }

  /** The PNG; undefined once answered or expired. */
  picture(id: string): Buffer | undefined {
    return this.#open(id)?.picture.png;
  }

  /** A WAV of the letters; undefined once answered or expired, or if none can be made. Throws Failure `busy`. */
  async speech(id: string): Promise<Buffer | undefined> {
    const picture = this.#open(id)?.picture;
    return picture && this.#voice?.speak(picture.text, picture.number);
  }

  /**
   * Any answer spends the captcha. Case, spaces and letters that look alike don't matter. `expired` also stands
   * for unknown, already answered, and for a picture that has had all the right answers it is good for.
   */
  solve(id: string, answer: string): Verdict {
    const opened = this.#open(id);
    if (!opened) return 'expired';
    this.#serials.spend(opened.ticket.serial);
    if (foldAnswer(answer) !== opened.picture.text) return 'wrong';
    return this.#gallery.solved(opened.picture) ? 'solved' : 'expired';
  }

  async close(): Promise<void> {
    this.#gallery.close();
    this.#voice?.close();
  }

  #open(id: string): { ticket: Ticket; picture: Picture } | undefined {
    const ticket = this.#seal.open(id);
    if (!ticket || !this.#serials.isOpen(ticket.serial)) return undefined;
    if (this.#now() - ticket.issuedAtMs >= this.#expiryMs) return undefined;
    const picture = this.#gallery.find(ticket.picture);
    return picture && { ticket, picture };
  }
}
