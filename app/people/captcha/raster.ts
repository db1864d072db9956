/** Fills outlines into a bitmap finer than the picture, and brings it down to shades of ink. */
import type { Shades } from '../../lib/png.ts';
import type { Contour } from './contour.ts';

/** Cells a pixel is divided into, each way. */
const cells = 4;

/** Ink laid on ink is paper again: layers exclude each other, so that no shape can be taken off by its own colour. */
export class Canvas {
  readonly #width: number;
  readonly #height: number;
  readonly #bitmap: Uint8Array;

  /** Width and height in pixels. */
  constructor(width: number, height: number) {
    this.#width = width * cells;
    this.#height = height * cells;
    this.#bitmap = new Uint8Array(this.#width * this.#height);
  }

  /** Turns over every cell inside the contours (even-odd). */
  invert(contours: readonly Contour[]): void {
    const rows: number[][] = Array.from({ length: this.#height }, () => []);
    for (const contour of contours) this.#cross(contour, rows);
    rows.forEach((crossings, row) => {
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = row * this.#width + (crossings[i] ?? 0);
        const to = row * this.#width + (crossings[i + 1] ?? 0);
        for (let cell = from; cell < to; cell++) this.#bitmap[cell] = 1 - (this.#bitmap[cell] ?? 0);
      }
    });
  }

  /** For each row of cells, where the contour's edges cross its middle. */
  #cross(contour: Contour, rows: number[][]): void {
    let ax = (contour.at(-2) ?? 0) * cells;
    let ay = (contour.at(-1) ?? 0) * cells;
    for (let i = 0; i < contour.length; i += 2) {
      const bx = (contour[i] ?? 0) * cells;
      const by = (contour[i + 1] ?? 0) * cells;
      const first = Math.max(0, Math.ceil(Math.min(ay, by) - 0.5));
      const last = Math.min(this.#height - 1, Math.ceil(Math.max(ay, by) - 0.5) - 1);
      const slope = (bx - ax) / (by - ay);
      for (let row = first; row <= last; row++) {
        const x = Math.round(ax + (row + 0.5 - ay) * slope);
        rows[row]?.push(Math.min(this.#width, Math.max(0, x)));
      }
      ax = bx;
      ay = by;
    }
  }

  shades(): Shades {
    const width = this.#width / cells;
    const height = this.#height / cells;
    const sums = new Uint8Array(width * height);
    for (let row = 0; row < this.#height; row++) {
      const pixelRow = Math.floor(row / cells) * width;
      for (let column = 0; column < this.#width; column++) {
        const pixel = pixelRow + Math.floor(column / cells);
        sums[pixel] = (sums[pixel] ?? 0) + (this.#bitmap[row * this.#width + column] ?? 0);
      }
    }
    return { width, height, shades: sums.map(sum => Math.min(15, sum)) };
  }
}
