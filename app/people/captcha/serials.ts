/** Which of the last `capacity` serial numbers have been spent, one bit each. */
export class Serials {
  readonly #capacity: number;
  readonly #spent: Uint8Array;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#spent = new Uint8Array(Math.ceil(capacity / 8));
  }

  /** A new number; the one `capacity` before it is forgotten. */
  issue(): number {
    const serial = this.#next++;
    const { byte, bit } = this.#place(serial);
    this.#spent[byte] = (this.#spent[byte] ?? 0) & ~bit;
    return serial;
  }

  /** Neither spent nor forgotten. */
  isOpen(serial: number): boolean {
    const { byte, bit } = this.#place(serial);
    const isKnown = serial < this.#next && serial >= this.#next - this.#capacity;
    return isKnown && ((this.#spent[byte] ?? 0) & bit) === 0;
  }

  /** Returns whether it was open until now. */
  spend(serial: number): boolean {
    if (!this.isOpen(serial)) return false;
    const { byte, bit } = this.#place(serial);
    this.#spent[byte] = (this.#spent[byte] ?? 0) | bit;
    return true;
  }

  #place(serial: number): { byte: number; bit: number } {
    const slot = serial % this.#capacity;
    return { byte: slot >> 3, bit: 1 << (slot & 7) };
  }
}
