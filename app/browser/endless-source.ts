/**
 * Feeds one endless fMP4 response into a media element through MSE. Reads as fast as the network brings it, keeps a
 * bounded piece of the past, and leaves the place of playback to LiveEdge.
 */
export type EndlessFailure = 'codec' | 'network' | 'ended' | 'decode';

type EndlessOptions = {
  video: HTMLVideoElement;
  url: string;
  /** Sets the element's `src`: video.js wants to do it itself. */
  attach(objectUrl: string): void;
  onData(): void;
  onFailure(failure: EndlessFailure): void;
};

const keptS = 20;
const defaultType = 'video/mp4; codecs="avc1.42c01e, mp4a.40.2"';

export class EndlessSource {
  readonly #options: EndlessOptions;
  readonly #mediaSource = new MediaSource();
  readonly #abort = new AbortController();
  readonly #objectUrl: string;
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  #buffer: SourceBuffer | undefined;
  #receivedBytes = 0;

  constructor(options: EndlessOptions) {
    this.#options = options;
    this.#objectUrl = URL.createObjectURL(this.#mediaSource);
    this.#mediaSource.addEventListener('sourceopen', () => void this.#run(), { once: true });
    options.attach(this.#objectUrl);
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  dispose(): void {
    this.#abort.abort();
    this.#queue.length = 0;
    URL.revokeObjectURL(this.#objectUrl);
  }

  async #run(): Promise<void> {
    try {
      const response = await fetch(this.#options.url, { signal: this.#abort.signal, cache: 'no-store' });
      if (!response.ok || !response.body) return this.#fail('network');
      const type = response.headers.get('Content-Type') ?? '';
      // While the stream is off nobody knows its codecs yet: take what launchers write by default.
      const full = type.includes('codecs=') ? type : defaultType;
      if (!MediaSource.isTypeSupported(full)) return this.#fail('codec');
      this.#mediaSource.duration = Number.POSITIVE_INFINITY;
      this.#buffer = this.#mediaSource.addSourceBuffer(full);
      this.#buffer.addEventListener('updateend', () => this.#feed());
      this.#buffer.addEventListener('error', () => this.#fail('decode'));
      for (const reader = response.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return this.#fail('ended');
        this.#receivedBytes += value.byteLength;
        this.#queue.push(value);
        this.#feed();
      }
    } catch {
      this.#fail('network');
    }
  }

  /** One append at a time; the updateend of each brings the next. */
  #feed(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#mediaSource.readyState !== 'open') return;
    this.#options.onData();
    const { currentTime, error } = this.#options.video;
    const from = buffer.buffered.length > 0 ? buffer.buffered.start(0) : currentTime;
    try {
      if (error) this.#fail('decode');
      else if (currentTime - from > 2 * keptS) buffer.remove(0, currentTime - keptS);
      else {
        const chunk = this.#queue.shift();
        if (chunk) buffer.appendBuffer(chunk);
      }
    } catch {
      this.#fail('decode');
    }
  }

  #fail(failure: EndlessFailure): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#options.onFailure(failure);
  }
}
