import type { CaptchaConfig } from './config.ts';

export type Picture = {
  readonly number: number;
  readonly text: string;
  readonly png: Buffer;
  /** Right answers so far. */
  solves: number;
  /** When an id for it was last given out. */
  issuedAtMs: number;
};

type Drawn = Pick<Picture, 'text' | 'png'>;

type GalleryConfig = Pick<CaptchaConfig, 'poolSize' | 'drawEveryMs' | 'perHolder' | 'solvesPerPicture'>;

/**
 * The pictures: unused ones drawn ahead, those in circulation, and those kept until their last id has expired.
 * Unused ones are drawn one in a slice of time, at a bounded rate, however many are asked for. When there is
 * none, or when one holder has had their share, a picture in circulation is handed out again.
 */
export class Gallery {
  readonly #draw: () => Drawn;
  readonly #now: () => number;
  readonly #config: GalleryConfig;
  readonly #expiryMs: number;
  readonly #maxKept: number;
  /** In order of first use. */
  readonly #used = new Map<number, Picture>();
  readonly #unused: Drawn[] = [];
  #circulating: Picture[] = [];
  /** Unused pictures given to each holder since `#sharesSinceMs`. */
  readonly #shares = new Map<string, number>();
  #sharesSinceMs: number;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  #numbered = 0;

  constructor(deps: { draw: () => Drawn; now: () => number }, config: GalleryConfig & { expiryMs: number }) {
    this.#draw = deps.draw;
    this.#now = deps.now;
    this.#config = config;
    this.#expiryMs = config.expiryMs;
    this.#maxKept = 1 + 2 * config.poolSize + Math.ceil(config.expiryMs / config.drawEveryMs);
    this.#sharesSinceMs = deps.now();
    this.#drawAhead();
  }

  /** Pictures drawn since the beginning. */
  get drawn(): number {
    return this.#drawn;
  }

  get unused(): number {
    return this.#unused.length;
  }

  /** Pictures held in memory. */
  get size(): number {
    return this.#unused.length + this.#used.size;
  }

  find(number: number): Picture | undefined {
    return this.#used.get(number);
  }

  /** A picture for one more id. */
  take(holder: string): Picture {
    this.#drop();
    const unused = this.#isEntitled(holder) ? this.#unused.shift() : undefined;
    const picture = unused === undefined ? this.#again() : this.#circulate(unused);
    picture.issuedAtMs = this.#now();
    this.#drawAhead();
    return picture;
  }

  /** Counts a right answer; false when it has had as many as it is good for. */
  solved(picture: Picture): boolean {
    const { solvesPerPicture } = this.#config;
    if (picture.solves >= solvesPerPicture) return false;
    picture.solves++;
    if (picture.solves === solvesPerPicture)
      this.#circulating = this.#circulating.filter(it => it !== picture);
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Counts the holder's share; all shares begin anew when a whole pool could have been drawn since. */
  #isEntitled(holder: string): boolean {
    const { poolSize, drawEveryMs, perHolder } = this.#config;
    const nowMs = this.#now();
    if (nowMs - this.#sharesSinceMs >= poolSize * drawEveryMs) {
      this.#shares.clear();
      this.#sharesSinceMs = nowMs;
    }
    const share = this.#shares.get(holder) ?? 0;
    if (share >= perHolder || this.#unused.length === 0) return false;
    this.#shares.set(holder, share + 1);
    return true;
  }

  /** By turns, so that no picture is shared by more ids than another. */
  #again(): Picture {
    const picture = this.#circulating.shift();
    if (!picture) return this.#circulate(this.#unused.shift() ?? this.#drawNow());
    this.#circulating.push(picture);
    return picture;
  }

  #circulate(drawn: Drawn): Picture {
    const picture = { ...drawn, number: this.#numbered++, solves: 0, issuedAtMs: this.#now() };
    this.#used.set(picture.number, picture);
    this.#circulating.push(picture);
    if (this.#circulating.length > this.#config.poolSize) this.#circulating.shift();
    return picture;
  }

  /** Forgets what no id can ask for any more. */
  #drop(): void {
    const nowMs = this.#now();
    for (const [number, { issuedAtMs }] of this.#used) {
      if (nowMs - issuedAtMs < this.#expiryMs && this.#used.size <= this.#maxKept) break;
      this.#used.delete(number);
      this.#circulating = this.#circulating.filter(picture => picture.number !== number);
    }
  }

  #drawNow(): Drawn {
    this.#drawn++;
    return this.#draw();
  }

  /** The first pool in one go of small slices, after that one picture at a time. */
  #drawAhead(): void {
    const { poolSize, drawEveryMs } = this.#config;
    if (this.#timer || this.#unused.length >= poolSize) return;
    const waitMs = this.#drawn < poolSize ? 0 : drawEveryMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#unused.push(this.#drawNow());
      this.#drawAhead();
    }, waitMs);
    this.#timer.unref();
  }
}
