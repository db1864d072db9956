/**
 * What brings playback its data: one question after another to the server, and again when nothing comes. Owns the source,
 * and what is known of the line; what to ask for, and where to play, others decide.
 */
import { Arrivals } from './arrivals.ts';
import { Backlog } from './backlog.ts';
import { type Ask, type EndlessFailure, EndlessSource } from './endless-source.ts';
import { LineWatch } from './line-watch.ts';

export type Trouble =
  | { kind: 'codec'; type: string }
  /** MSE is of no use any more. */
  | { kind: 'decode' }
  /** It is being tried again, `isPutOff`: when the server said; `sentence`: the server's own, if it had one. */
  | { kind: 'line'; failures: number; isPutOff: boolean; sentence: string };

export type How = Pick<Ask, 'clear' | 'seamless'>;

export type LineOptions = {
  video: HTMLVideoElement;
  attach(objectUrl: string): void;
  /** The address of the stream with these parameters. */
  urlOf(parameters: Readonly<Record<string, string>>): string;
  quality: string;
  isOn(): boolean;
  onTrouble(trouble: Trouble): void;
  /** Data comes again. */
  onRelief(): void;
};

type Listener = {
  onBegin(isClear: boolean): void;
  onBuffered(): void;
  /** To be asked anew. `wasRefused`: by the server, with what was asked for last. */
  askAgain(wasRefused: boolean): void;
};

export class EndlessLine {
  readonly arrivals = new Arrivals(performance.now());
  readonly backlog = new Backlog();
  /** Of what is asked for from now on; what plays may be another. */
  quality: string;
  readonly #options: LineOptions;
  readonly #listener: Listener;
  readonly #source: EndlessSource;
  readonly #watch = new LineWatch();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #playing: string;
  #type = '';
  #reconnects = 0;
  #isUnplayable = false;

  constructor(options: LineOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.quality = this.#playing = options.quality;
    this.#source = new EndlessSource({
      video: options.video,
      attach: options.attach,
      onBytes: bytes => {
        this.#watch.came();
        this.arrivals.add(this.#watch.bytesMs, bytes);
      },
      onBegin: (type, isClear) => this.#onBegin(type, isClear),
      onBuffered: () => listener.onBuffered(),
      onFailure: failure => this.#onFailure(failure),
    });
  }

  /** Codecs of what plays. */
  get type(): string {
    return this.#type;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  /** Whether something is being read or asked for. */
  get isOpen(): boolean {
    return this.#source.isOpen;
  }

  /** Nothing has come for a while, or nothing is asked for. */
  get isSilent(): boolean {
    return this.#watch.isSilent || !this.isOpen;
  }

  /** Whether it will be asked again in a moment. */
  get isWaiting(): boolean {
    return this.#retry !== undefined;
  }

  /** What came can't be played here, and would come again: there is nothing to ask for by itself. */
  get isUnplayable(): boolean {
    return this.#isUnplayable;
  }

  ask(how: How, parameters: Readonly<Record<string, string>> = {}): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#isUnplayable = false;
    this.#watch.asked(!how.seamless);
    const quality: Record<string, string> = this.quality === '' ? {} : { quality: this.quality };
    this.#source.ask({ ...how, url: this.#options.urlOf({ ...quality, ...parameters }) });
  }

  /** What waits in the circuit is about to be left where it is. */
  overtake(): void {
    this.#reconnects += 1;
    this.backlog.reset();
  }

  /** Data of the live edge has been buffered, up to `mediaEndS`. */
  reached(mediaEndS: number): void {
    this.backlog.add(this.#watch.bytesMs, mediaEndS);
  }

  /** What failed before does not count any more. */
  forgive(): void {
    this.backlog.reset();
    this.#watch.forgive();
  }

  /** To be called now and then while it is open. Whether data has come for long enough to judge by. */
  check(): boolean {
    if (this.#watch.isDead) {
      this.#source.stop();
      this.#onFailure({ kind: 'network' });
      return false;
    }
    if (!this.#watch.hasSettled) return false;
    this.#watch.forgive();
    return true;
  }

  /** Reads no more; what is buffered stays. */
  stop(): void {
    this.#source.stop();
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.#source.dispose();
  }

  #onBegin(type: string, isClear: boolean): void {
    this.#type = type;
    this.#playing = this.quality;
    this.#watch.begun();
    this.#options.onRelief();
    this.arrivals.restart(performance.now());
    this.#listener.onBegin(isClear);
  }

  #onFailure(failure: EndlessFailure): void {
    const { onTrouble, isOn } = this.#options;
    if (failure.kind === 'decode') {
      this.#isUnplayable = true;
      onTrouble(failure);
      return;
    }
    if (this.#source.isOpen) {
      // What was to take over did not come: the one before goes on.
      this.quality = this.#playing;
      return;
    }
    if (failure.kind === 'codec') {
      this.#isUnplayable = true;
      onTrouble(failure);
      return;
    }
    if (!isOn()) return;
    const refused = failure.kind === 'refused' ? failure : undefined;
    const putOffMs = refused?.retryAfterMs ?? 0;
    const waitMs = Math.max(putOffMs, this.#watch.failed());
    this.#reconnects += 1;
    this.#retry = setTimeout(() => this.#listener.askAgain(refused !== undefined), waitMs);
    const { failures } = this.#watch;
    onTrouble({ kind: 'line', failures, isPutOff: putOffMs > 0, sentence: refused?.sentence ?? '' });
  }
}
