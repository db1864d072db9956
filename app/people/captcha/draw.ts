/**
 * The captcha's picture. Owns how the letters are drawn; knows nothing of who has to read them.
 *
 * Against OCR: everything has one ink, and ink laid on ink is paper again. Letters overlap a little and lean, and
 * round shapes behind turn parts of letters inside out, so that there is no colour to split by, no thin stroke to
 * drop, no gap to cut at and no threshold that leaves letters. People read across such edges easily.
 */
import { type Colour, encodePng } from '../../lib/png.ts';
import { boxOf, type Contour, moved } from './contour.ts';
import { glyphOf } from './glyphs.ts';
import { between, type Random } from './random.ts';
import { Canvas } from './raster.ts';
import { blob, createWarp, tilted } from './shapes.ts';

/** Pixels. */
export const pictureSize = { width: 220, height: 80 } as const;

const paper: Colour = [226, 230, 238];
const ink: Colour = [38, 44, 62];

const margin = 6;
/** The share of a letter's width that the next one begins after. */
const advance = 0.95;
const blobs = 4;
const { width, height } = pictureSize;

/**
 * A PNG of the letters in `text`, the same for the same numbers out of `random`. Throws Failure
 * `captcha-letter` when one is not of the alphabet.
 */
export function draw(text: string, random: Random): Buffer {
  const canvas = new Canvas(width, height);
  for (const letter of fitted(line(text, random))) canvas.invert(letter);
  const firstIsHigh = random() < 0.5;
  for (let i = 0; i < blobs; i++) {
    const x = ((i + between(random, 0.2, 0.8)) / blobs) * width;
    const fromEdge = between(random, 0.05, 0.35) * height;
    const y = (i % 2 === 0) === firstIsHigh ? fromEdge : height - fromEdge;
    canvas.invert([blob(random, x, y, between(random, 18, 27))]);
  }
  return encodePng(canvas.shades(), paper, ink);
}

type Letter = readonly Contour[];

/** The letters side by side on an uneven baseline, bent as one. */
function line(text: string, random: Random): Letter[] {
  const warp = createWarp(random);
  let right = 0;
  return [...text].map(letter => {
    const glyph = tilted(glyphOf(letter), random);
    const box = boxOf(glyph);
    const [dx, dy] = [right - box.left, between(random, -0.2, 0.2)];
    right += (box.right - box.left) * advance;
    return glyph.map(contour => moved(contour, (x, y) => warp(x + dx, y + dy)));
  });
}

/** The letters stretched to fill the picture, though not to be much higher than wide. */
function fitted(letters: readonly Letter[]): Letter[] {
  const { left, right, top, bottom } = boxOf(letters.flat());
  const scaleX = (width - 2 * margin) / (right - left);
  const scaleY = Math.min((height - 2 * margin) / (bottom - top), 1.5 * scaleX);
  return letters.map(letter =>
    letter.map(contour =>
      moved(contour, (x, y) => [
        margin + (x - left) * scaleX,
        height / 2 + (y - (top + bottom) / 2) * scaleY,
      ]),
    ),
  );
}
