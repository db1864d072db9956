/**
 * How much of what was written for one circuit still waits before its narrowest place. Tor does not tell that, but what
 * it has sent on, and how long cells take to be acknowledged: what leaves us faster than it arrives makes that longer.
 */

export type Told = {
  /** Of our streams, since it told last. */
  sentBytes: number;
  /** Of the whole circuit, also what acknowledges what was sent. */
  readBytes: number;
  /** Round trips of the circuit, of the cell that was acknowledged last and the shortest ever; 0 where unknown. */
  rttMs: number;
  minRttMs: number;
};

type Sink = { readonly bytesWritten: number };

// More than this, waiting, is no jitter of the times at which tor reads and tells.
const muchMs = 700;
// Where nothing has ever waited: round trips of a circuit that is not ours alone grow a little by themselves.
const veryMuchMs = 1500;
// Tor tells every second of a circuit on which anything moves.
const standsStillMs = 2200;
// A SENDME acknowledges 31 cells of 498 bytes (tor's cc_sendme_inc), or 100 of them on an old circuit.
const twoSendmesBytes = 2 * 31 * 498;
// So often in a row, before a circuit is believed to be narrow: a new one is slow in its first seconds.
const oftenEnough = 3;
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
  /** When anything came from the other end last. */
  #answeredAtMs: number | undefined;
  #isAnswered = true;
  #networkMs: readonly number[] = [];
  #emptyAtMs = 0;
  #timesFull = 0;
  #capacity: number | undefined;
  #queued = { bytes: 0, atMs: 0, handedBytes: 0 };
  /** When it was last found full, or moving again: round trips that began before tell nothing of what waits now. */
  #newsFromMs = 0;

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
    // How much of it was thrown away with the connection nobody tells: counted as waiting, it would wait for ever.
    this.#sentBytes = this.#handedBytes;
  }

  /** How long what waits will take, in ms; 0 where the circuit carries all there is. While nothing moves, since when. */
  get queuedMs(): number {
    if (this.#standsStill()) return this.#now() - (this.#answeredAtMs ?? this.#toldAtMs ?? 0);
    if (this.#capacity === undefined) return 0;
    this.#advance(this.#capacity);
    return (this.#queued.bytes / this.#capacity) * 1000;
  }

  /** What it carries, in bytes a second, as an estimate; undefined while it carries all there is. */
  get capacity(): number | undefined {
    return this.#capacity;
  }

  tell({ sentBytes, readBytes, rttMs, minRttMs }: Told): void {
    const nowMs = this.#now();
    const stood = !this.#isAnswered;
    // What is sent after a pause, or to one who joins, can't be acknowledged yet.
    if (readBytes > 0) this.#isAnswered = true;
    else if (sentBytes > twoSendmesBytes && sentBytes < 2 * this.#rate) this.#isAnswered = false;
    if (readBytes > 0) this.#answeredAtMs = nowMs;
    const hasStood = stood || this.#standsStill() || (sentBytes === 0 && this.#waitingBytes() > 0);
    const elapsedS = Math.max(0.2, (nowMs - (this.#toldAtMs ?? nowMs - 1000)) / 1000);
    this.#toldAtMs = nowMs;
    this.#sentBytes += sentBytes;
    if (hasStood) {
      // A time in which nothing moved says nothing of how much does when it does.
      this.#newsFromMs = nowMs;
      this.#networkMs = [];
      this.#timesFull = 0;
      this.#capacity = undefined;
      return;
    }
    this.#rate += smoothing * (sentBytes / elapsedS - this.#rate);
    const networkMs = Math.max(0, rttMs - minRttMs);
    this.#networkMs = [...this.#networkMs.slice(-2), networkMs];

    const waitingBytes = this.#waitingBytes();
    const waitsHere = this.#rate > 0 && (waitingBytes / this.#rate) * 1000 > muchMs;
    const isNews = nowMs - rttMs > this.#newsFromMs;
    const waitsThere = isNews && networkMs > (this.#capacity === undefined ? veryMuchMs : muchMs);
    const isFull = waitsHere || waitsThere;
    this.#timesFull = isFull ? this.#timesFull + 1 : 0;
    if (isFull && this.#capacity === undefined && this.#timesFull < oftenEnough) return;
    if (isFull) {
      if (this.#capacity === undefined)
        this.#queued = { bytes: 0, atMs: nowMs, handedBytes: this.#handedBytes };
      this.#capacity = Math.max(1, waitsHere ? backOff * this.#rate : this.#lowered());
      this.#advance(this.#capacity);
      const there = isNews ? (networkMs / 1000) * this.#capacity : 0;
      this.#queued.bytes = Math.max(this.#queued.bytes, waitingBytes + there);
      this.#newsFromMs = nowMs;
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
    if (this.#capacity === undefined) return backOff * leaves;
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

  #standsStill(): boolean {
    if (this.#toldAtMs === undefined) return false;
    if (!this.#isAnswered) return true;
    const nowMs = this.#now();
    if (this.#waitingBytes() === 0) this.#emptyAtMs = nowMs;
    return nowMs - Math.max(this.#toldAtMs, this.#emptyAtMs) > standsStillMs;
  }

  #advance(capacity: number): void {
    const { bytes, atMs, handedBytes } = this.#queued;
    const [nowMs, handedNow] = [this.#now(), this.#handedBytes];
    const carried = (capacity * (nowMs - atMs)) / 1000;
    const waiting = Math.max(0, bytes + handedNow - handedBytes - carried);
    this.#queued = { bytes: waiting, atMs: nowMs, handedBytes: handedNow };
  }
}
