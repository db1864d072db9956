/**
 * Endless fMP4 responses → a media element, through MSE. One response at a time feeds the one SourceBuffer; another may
 * take over where it begins. Reads as fast as the network brings it and keeps a bounded piece of the past; what to ask
 * for, and where to play, others decide.
 */
export type EndlessFailure =
  /** `sentence`: the server's own, when it had one; `retryAfterMs`: when it wants to be asked again. */
  | { kind: 'refused'; sentence: string; retryAfterMs: number | undefined }
  | { kind: 'codec'; type: string }
  | { kind: 'decode' }
  | { kind: 'network' | 'ended' };

export type Ask = {
  url: string;
  /** What is buffered goes away when the response begins: it may lie anywhere on another timeline. */
  clear: boolean;
  /** The response before it is read until this one begins, so that playback does not wait for a round trip. */
  seamless: boolean;
};

type EndlessOptions = {
  video: HTMLVideoElement;
  /** Sets the element's `src`: video.js wants to do it itself. */
  attach(objectUrl: string): void;
  /** Something has arrived. */
  onBytes(bytes: number): void;
  /** A response's first bytes are about to be buffered, as this type; `isClear`: alone, without what was before. */
  onBegin(type: string, isClear: boolean): void;
  /** Something has been buffered, or time has come to look. */
  onBuffered(): void;
  onFailure(failure: EndlessFailure): void;
};

/** `begins`: the first of a response; `removes`: what is buffered has yet to go. */
type Begin = { type: string; isClear: boolean; removes: boolean };
type Chunk = { bytes: Uint8Array<ArrayBuffer>; begins?: Begin };

const keptS = 30;
const defaultType = 'video/mp4; codecs="avc1.42c01e, mp4a.40.2"';
const longestSentence = 300;

export class EndlessSource {
  readonly #options: EndlessOptions;
  readonly #mediaSource = new MediaSource();
  readonly #objectUrl: string;
  readonly #opened: Promise<void>;
  #queue: Chunk[] = [];
  #buffer: SourceBuffer | undefined;
  #type = '';
  /** The response that feeds the buffer, and the one that is to take over. */
  #reading: AbortController | undefined;
  #asking: AbortController | undefined;
  #isDisposed = false;

  constructor(options: EndlessOptions) {
    this.#options = options;
    this.#objectUrl = URL.createObjectURL(this.#mediaSource);
    this.#opened = new Promise(resolve => {
      this.#mediaSource.addEventListener('sourceopen', () => resolve(), { once: true });
    });
    options.attach(this.#objectUrl);
  }

  /** Whether a response is being read or asked for. */
  get isOpen(): boolean {
    return this.#reading !== undefined || this.#asking !== undefined;
  }

  /** Asks for another response in place of what there is. */
  ask(ask: Ask): void {
    this.#asking?.abort();
    if (!ask.seamless) this.#drop();
    const abort = new AbortController();
    this.#asking = abort;
    void this.#read(ask, abort);
  }

  /** Reads no more; what is buffered stays. */
  stop(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#drop();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.stop();
    URL.revokeObjectURL(this.#objectUrl);
  }

  #drop(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#queue = [];
  }

  async #read({ url, clear }: Ask, abort: AbortController): Promise<void> {
    try {
      const response = await fetch(url, { signal: abort.signal, cache: 'no-store' });
      if (!response.ok || !response.body) {
        this.#fail(abort, await refusal(response));
        return;
      }
      const told = response.headers.get('Content-Type') ?? '';
      // While the stream is off nobody knows its codecs yet: take what launchers write by default.
      const type = told.includes('codecs=') ? told : defaultType;
      if (!MediaSource.isTypeSupported(type)) {
        this.#fail(abort, { kind: 'codec', type });
        return;
      }
      await this.#opened;
      for (const reader = response.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (abort.signal.aborted) return;
        if (done) {
          this.#fail(abort, { kind: 'ended' });
          return;
        }
        const begins = this.#asking === abort;
        if (begins) this.#takeOver(abort, clear);
        this.#options.onBytes(value.byteLength);
        this.#queue.push(
          begins ? { bytes: value, begins: { type, isClear: clear, removes: clear } } : { bytes: value },
        );
        this.#feed();
      }
    } catch {
      this.#fail(abort, { kind: 'network' });
    }
  }

  #takeOver(abort: AbortController, clear: boolean): void {
    this.#reading?.abort();
    if (clear) this.#queue = [];
    this.#reading = abort;
    this.#asking = undefined;
  }

  #feed(): void {
    const { video } = this.#options;
    // An element with an error tells of it by itself, and takes nothing any more.
    if (this.#isDisposed || video.error || this.#buffer?.updating) return;
    if (this.#mediaSource.readyState !== 'open') return;
    this.#options.onBuffered();
    try {
      if (this.#forget()) return;
      const chunk = this.#queue[0];
      if (!chunk || (chunk.begins && this.#begin(chunk.begins))) return;
      delete chunk.begins;
      this.#buffer?.appendBuffer(chunk.bytes);
      this.#queue.shift();
    } catch (error) {
      if (isFull(error) && this.#forget(true)) return;
      this.#fail(this.#reading, { kind: 'decode' });
    }
  }

  /** Makes the buffer ready for another response; true when that takes time. */
  #begin(begins: Begin): boolean {
    const { type, isClear } = begins;
    if (this.#buffer) {
      // The response before may have been cut off in the middle of a box.
      this.#buffer.abort();
      if (begins.removes && this.#buffer.buffered.length > 0) {
        begins.removes = false;
        this.#buffer.remove(0, Number.POSITIVE_INFINITY);
        return true;
      }
      if (type !== this.#type) this.#buffer.changeType(type);
    } else {
      this.#mediaSource.duration = Number.POSITIVE_INFINITY;
      this.#buffer = this.#mediaSource.addSourceBuffer(type);
      this.#buffer.addEventListener('updateend', () => this.#feed());
      this.#buffer.addEventListener('error', () => this.#fail(this.#reading, { kind: 'decode' }));
    }
    this.#type = type;
    this.#options.onBegin(type, isClear);
    return false;
  }

  /** Lets go of what is long past; of more when the buffer is full. True when it does. */
  #forget(isFull = false): boolean {
    const buffer = this.#buffer;
    if (!buffer || buffer.buffered.length === 0) return false;
    const start = buffer.buffered.start(0);
    const end = buffer.buffered.end(buffer.buffered.length - 1);
    // One who has paused long ago goes on elsewhere.
    const playedS = Math.max(this.#options.video.currentTime, end - 10 * keptS);
    const untilS = isFull ? playedS - 5 : playedS - keptS;
    if (untilS <= start || (!isFull && playedS - start < 2 * keptS)) return false;
    buffer.remove(0, untilS);
    return true;
  }

  #fail(abort: AbortController | undefined, failure: EndlessFailure): void {
    if (!abort || abort.signal.aborted || this.#isDisposed) return;
    abort.abort();
    if (this.#asking === abort) this.#asking = undefined;
    if (this.#reading === abort) this.#reading = undefined;
    this.#options.onFailure(failure);
  }
}

async function refusal(response: Response): Promise<EndlessFailure> {
  const isText = response.headers.get('Content-Type')?.startsWith('text/plain') ?? false;
  const sentence = isText ? (await response.text()).trim().slice(0, longestSentence) : '';
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return { kind: 'refused', sentence, retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}
