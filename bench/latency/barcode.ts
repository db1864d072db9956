/**
 * The wall clock as a picture that survives an encoder, a browser and any scaling: a row of alternating cells by which
 * it is found, and three rows of bits. Pure; knows neither where frames come from nor where they go.
 */

/** One byte a pixel, rows without padding: the luma plane of a frame, or a grey grab of a window. */
export type GreyImage = { width: number; height: number; pixels: Uint8Array };

/** Where a barcode is in an image, in its pixels: the ruler's top left corner, and the length of a cell's side. */
export type Place = { x: number; y: number; cell: number };

const columns = 16;
const dataRows = 3;
// A multiple of the encoder's macroblocks: edges between them cost few bits and stay sharp.
const cellPixels = 32;
const quietPixels = 16;
const place: Place = { x: 64, y: 32, cell: cellPixels };
const [black, white] = [16, 235];
const timeModulo = 2 ** 32;

function checksum(value: number): number {
  return Math.imul(value ^ (value >>> 15), 0x9e3779b1) >>> 16;
}

function bitsOf(ms: number): number[] {
  const value = (ms % timeModulo) >>> 0;
  const sum = checksum(value);
  const bit = (word: number, index: number): number => (word >>> index) & 1;
  return [
    ...Array.from({ length: 32 }, (_, index) => bit(value, 31 - index)),
    ...Array.from({ length: 16 }, (_, index) => bit(sum, 15 - index)),
  ];
}

function fill(image: GreyImage, x: number, y: number, width: number, height: number, luma: number): void {
  for (let row = y; row < y + height; row += 1) {
    image.pixels.fill(luma, row * image.width + x, row * image.width + x + width);
  }
}

/** Draws `ms` (of Date.now()) into a luma plane of at least 640×192 pixels. */
export function drawBarcode(image: GreyImage, ms: number): void {
  const { x, y, cell } = place;
  const [width, height] = [columns * cell, (1 + dataRows) * cell];
  // Black before the first, white cell of the ruler and white after its last, black one: each has two edges.
  fill(image, x - quietPixels, y - quietPixels, width + quietPixels, height + 2 * quietPixels, black);
  fill(image, x + width, y - quietPixels, quietPixels, height + 2 * quietPixels, white);
  for (let column = 0; column < columns; column += 2) fill(image, x + column * cell, y, cell, cell, white);
  for (const [index, bit] of bitsOf(ms).entries()) {
    if (!bit) continue;
    const row = 1 + Math.floor(index / columns);
    fill(image, x + (index % columns) * cell, y + row * cell, cell, cell, white);
  }
}

function meanOfCell(image: GreyImage, at: Place, column: number, row: number): number {
  const quarter = at.cell / 4;
  const left = Math.round(at.x + column * at.cell + quarter);
  const top = Math.round(at.y + row * at.cell + quarter);
  const side = Math.max(1, Math.round(at.cell / 2));
  let sum = 0;
  for (let y = top; y < top + side; y += 1) {
    for (let x = left; x < left + side; x += 1) sum += image.pixels[y * image.width + x] ?? 0;
  }
  return sum / side ** 2;
}

/**
 * The time in the barcode at `at`, the one nearest before `nowMs` of those it may mean; undefined where there is none or
 * where it can't be trusted, as in a window that is just being painted.
 */
export function readBarcode(image: GreyImage, at: Place, nowMs: number): number | undefined {
  let [value, sum] = [0, 0];
  for (let index = 0; index < columns * dataRows; index += 1) {
    const luma = meanOfCell(image, at, index % columns, 1 + Math.floor(index / columns));
    // Between the two it is an edge, a blend of two pictures, or something else altogether.
    if (luma > 80 && luma < 175) return undefined;
    const bit = luma >= 175 ? 1 : 0;
    if (index < 32) value = ((value << 1) | bit) >>> 0;
    else sum = (sum << 1) | bit;
  }
  if (sum !== checksum(value)) return undefined;
  const agoMs = (((nowMs - value) % timeModulo) + timeModulo) % timeModulo;
  return nowMs - agoMs;
}

/** Finds the ruler: the same run of cells in any row that crosses it; undefined when there is none. */
export function findBarcode(image: GreyImage): Place | undefined {
  for (let row = 0; row < image.height; row += 3) {
    const ruler = rulerIn(image, row);
    if (!ruler) continue;
    const cell = ruler.length / columns;
    const inFirstCell = Math.round(ruler.start + cell / 2);
    let top = row;
    while (top > 0 && (image.pixels[(top - 1) * image.width + inFirstCell] ?? 0) >= 128) top -= 1;
    return { x: ruler.start, y: top, cell };
  }
  return undefined;
}

const leastCell = 6;

function rulerIn(image: GreyImage, row: number): { start: number; length: number } | undefined {
  const from = row * image.width;
  const isWhite = (x: number): boolean => (image.pixels[from + x] ?? 0) >= 128;
  // Where the colour changes; a ruler is 17 changes at equal distances, the first of them to white.
  const edges: number[] = [];
  for (let x = 1; x < image.width; x += 1) if (isWhite(x) !== isWhite(x - 1)) edges.push(x);
  for (let first = 0; first + columns < edges.length; first += 1) {
    const start = edges[first] ?? 0;
    if (!isWhite(start)) continue;
    const length = (edges[first + columns] ?? 0) - start;
    const cell = length / columns;
    if (cell < leastCell) continue;
    const slack = Math.max(1.5, cell * 0.08);
    const isEven = edges
      .slice(first, first + columns + 1)
      .every((edge, index) => Math.abs(edge - start - index * cell) <= slack);
    if (isEven) return { start, length };
  }
  return undefined;
}
