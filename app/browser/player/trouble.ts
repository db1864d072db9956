/** What the player does when playback fails: another quality, another try, HLS; and what it tells of that. */
import type { Trouble } from './endless-line.ts';
import type { PlayerNotice } from './notice.ts';
import { codecsInWords } from './rendition.ts';

// Decoding errors in a row before HLS is tried instead, and failures of the line before they are told.
const patience = 3;
// The element and the buffer both tell of the same, one after the other.
const sameFailureMs = 200;
// What fails at once would else be tried without a pause.
const loadEveryMs = 1000;

type TroubleOptions = {
  notice: PlayerNotice;
  /** HLS from the start. */
  useHls: boolean;
  isOn(): boolean;
  /** Whether the server has pictures: where it has none, their staying away is not the line's fault. */
  isLive(): boolean;
  /** Takes another quality in place of one whose type can't be played; false where there is none. */
  giveUp(type: string): boolean;
  load(): void;
};

/** The sentence for what this browser can't play, with what to do about it. */
function codecSentence(type: string): string {
  const codecs = codecsInWords(type) || 'this format';
  return (
    `This browser can’t play the stream’s video (${codecs}). Install your system’s video codecs (on Linux the ` +
    'package ffmpeg) and try again, or open the stream in another player: see “Other players” below.'
  );
}

export class PlayerTrouble {
  readonly #options: TroubleOptions;
  #usesHls: boolean;
  #isLineLost = false;
  #decodeFailures = 0;
  #loadsAgain: ReturnType<typeof setTimeout> | undefined;
  #loadedMs = Number.NEGATIVE_INFINITY;

  constructor(options: TroubleOptions) {
    this.#options = options;
    this.#usesHls = options.useHls;
  }

  /** Whether the stream is to be played as HLS. */
  get usesHls(): boolean {
    return this.#usesHls;
  }

  /** Something plays, be it what was buffered before the line was lost. */
  plays(): void {
    this.#decodeFailures = 0;
    if (!this.#isLineLost) this.#options.notice.hide();
  }

  /** Data comes again, or is not to be expected. */
  relieve(): void {
    if (this.#isLineLost) this.#options.notice.hide();
    this.#isLineLost = false;
  }

  /** What failed before does not count any more. */
  forgive(): void {
    this.#isLineLost = false;
    this.#decodeFailures = 0;
    this.#usesHls = this.#options.useHls;
  }

  meet(trouble: Trouble): void {
    const { notice, giveUp } = this.#options;
    if (trouble.kind === 'codec') {
      if (!giveUp(trouble.type)) notice.tell(codecSentence(trouble.type));
    } else if (trouble.kind === 'decode') {
      this.#meetDecode();
    } else if ((trouble.failures >= patience || trouble.isPutOff) && this.#options.isLive()) {
      this.#isLineLost = true;
      const sentence = trouble.sentence || 'The connection to the stream was lost.';
      notice.tell(`${sentence} It is being tried again.`);
    }
  }

  #meetDecode(): void {
    const { notice, isOn, load } = this.#options;
    if (!isOn() || this.#loadsAgain !== undefined) return;
    this.#decodeFailures += 1;
    if (this.#decodeFailures > 2 * patience) {
      notice.tell('The picture could not be decoded. Reload the page, or choose another quality.');
      return;
    }
    this.#usesHls ||= this.#decodeFailures >= patience;
    const waitMs = Math.max(sameFailureMs, loadEveryMs - (performance.now() - this.#loadedMs));
    this.#loadsAgain = setTimeout(() => {
      this.#loadsAgain = undefined;
      this.#loadedMs = performance.now();
      load();
    }, waitMs);
  }
}
