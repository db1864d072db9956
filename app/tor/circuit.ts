/**
 * How much of what was written for one circuit still waits before its narrowest place. Tor does not tell that, but what
 * it has sent on, and how long cells take to be acknowledged: what leaves us faster than it arrives makes that longer.
 */

export type Told = {
  /** Of our streams, since it told last. */
  sentBytes: number;
  /** Round trips of the circuit, of the cell that was acknowledged last and the shortest ever; 0 where unknown. */
  rttMs: number;
  minRttMs: number;
};

type Sink = { readonly bytesWritten: number };

// More than this, waiting, is no jitter of the times at which tor reads and tells.
const muchMs = 700;
// Where nothing has ever waited: round trips of a circuit that is not ours alone grow a little by themselves.
const veryMuchMs = 1500;
// A circuit may have become faster: a little more each second is tried, until something waits again.
const growth = 1.03;
const backOff = 0.85;
const leastShare = 0.6;
// A circuit that could carry so many times what it is given is not narrow any more.
const wideEnough = 4;
const smoothing = 0.4;

export class Circuit {
  readonly #now: () => number;
  readonly #sinks = new Set<Sink>();
  #leftBytes = 0;
  #sentBytes = 0;
  /** Bytes a second that tor sends on, smoothed. */
  #rate = 0;
  #toldAtMs: number | undefined;
  #networkMs: readonly number[] = [];
  #capacity: number | undefined;
  #queued = { bytes: 0, atMs: 0, handedBytes: 0 };
  /** When it was last found full: round trips that began before tell nothing of what waits now. */
  #fullAtMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#sinks.size === 0;
  }

  enter(sink: Sink): void {
    this.#sinks.add(sink);
  }

  leave(sink: Sink): void {
    this.#sinks.delete(sink);
    this.#leftBytes += sink.bytesWritten;
  }

  /** How long what waits will take, in ms; 0 where the circuit carries all there is. */
  get queuedMs(): number {
    if (this.#capacity === undefined) return 0;
    this.#advance(this.#capacity);
    return (this.#queued.bytes / this.#capacity) * 1000;
  }

  /** What it carries, in bytes a second, as an estimate; undefined while it carries all there is. */
  get capacity(): number | undefined {
    return this.#capacity;
  }

  tell({ sentBytes, rttMs, minRttMs }: Told): void {
    const nowMs = this.#now();
    const elapsedS = Math.max(0.2, (nowMs - (this.#toldAtMs ?? nowMs - 1000)) / 1000);
    this.#toldAtMs = nowMs;
    this.#sentBytes += sentBytes;
    this.#rate += smoothing * (sentBytes / elapsedS - this.#rate);
    const networkMs = Math.max(0, rttMs - minRttMs);
    this.#networkMs = [...this.#networkMs.slice(-2), networkMs];

    const waitingBytes = this.#waitingBytes();
    const waitsHere = this.#rate > 0 && (waitingBytes / this.#rate) * 1000 > muchMs;
    const isNews = nowMs - rttMs > this.#fullAtMs;
    const waitsThere = isNews && networkMs > (this.#capacity === undefined ? veryMuchMs : muchMs);
    if (waitsHere || waitsThere) {
      if (this.#capacity === undefined)
        this.#queued = { bytes: 0, atMs: nowMs, handedBytes: this.#handedBytes };
      this.#capacity = Math.max(1, waitsHere ? this.#rate : this.#lowered());
      this.#advance(this.#capacity);
      const there = isNews ? (networkMs / 1000) * this.#capacity : 0;
      this.#queued.bytes = Math.max(this.#queued.bytes, waitingBytes + there);
      this.#fullAtMs = nowMs;
    } else if (this.#capacity !== undefined) {
      this.#advance(this.#capacity);
      this.#capacity *= growth;
      if (this.#capacity > wideEnough * this.#rate && networkMs < muchMs) this.#capacity = undefined;
    }
  }

  /** What the circuit carries when it is found that more waits in Tor's network than should. */
  #lowered(): number {
    const [first = 0] = this.#networkMs;
    const seconds = Math.max(1, this.#networkMs.length - 1);
    // A queue that becomes half a second longer each second is given one and a half times what leaves it.
    const growthOfQueue = Math.max(0, ((this.#networkMs.at(-1) ?? first) - first) / 1000 / seconds);
    const leaves = this.#rate / (1 + growthOfQueue);
    if (this.#capacity === undefined) return leaves;
    return Math.max(leastShare * this.#capacity, Math.min(leaves, backOff * this.#capacity));
  }

  /** All that was ever written to its connections, also what still waits in this process. */
  get #handedBytes(): number {
    let bytes = this.#leftBytes;
    for (const sink of this.#sinks) bytes += sink.bytesWritten;
    return bytes;
  }

  /** Written, and not yet sent on by tor. */
  #waitingBytes(): number {
    const waiting = this.#handedBytes - this.#sentBytes;
    if (waiting >= 0) return waiting;
    // Of a connection that closed before all of it was taken, or opened before we counted.
    this.#sentBytes += waiting;
    return 0;
  }

  #advance(capacity: number): void {
    const { bytes, atMs, handedBytes } = this.#queued;
    const [nowMs, handedNow] = [this.#now(), this.#handedBytes];
    const carried = (capacity * (nowMs - atMs)) / 1000;
    const waiting = Math.max(0, bytes + handedNow - handedBytes - carried);
    this.#queued = { bytes: waiting, atMs: nowMs, handedBytes: handedNow };
  }
}
