/**
 * The captcha's picture. Owns how the letters are drawn; knows nothing of who has to read them.
 */
import { type Contour, glyphOf } from './glyphs.ts';
import { encodePng } from './png.ts';
import { between, type Random } from './random.ts';
import { Canvas } from './raster.ts';
import { blob, line, subdivided } from './shapes.ts';
import { createWarp } from './warp.ts';

export const pictureWidth = 220;
export const pictureHeight = 80;

export const P = {
  blobs: 3,
  strokes: 0,
  overlap: 0.88,
  rot: 0.35,
  warpA: 0.07,
  sw: 3,
  shear: 0.25,
  mx: 7,
  my: 6,
  rMin: 26,
  rMax: 36,
  dy: 0.12,
  s0: 0.9,
  s1: 1.1,
};

export function draw(text: string, random: Random): Buffer {
  const canvas = new Canvas(pictureWidth, pictureHeight);
  const warp = createWarp(random, 5, P.warpA);
  let right = 0;
  const letters = [...text].map(l => {
    const contours = letter(l, random);
    const b = box(contours);
    const dx = right - b.left;
    right += (b.right - b.left) * P.overlap;
    const dy = between(random, -P.dy, P.dy);
    return contours.map(c => warp(c.map((v, k) => (k % 2 === 0 ? v + dx : v + dy))));
  });
  const b = box(letters.flat());
  const sx = (pictureWidth - 2 * P.mx) / (b.right - b.left);
  const sy = Math.min((pictureHeight - 2 * P.my) / (b.bottom - b.top), sx * 1.5);
  const x0 = P.mx;
  const y0 = (pictureHeight - sy * (b.bottom - b.top)) / 2;
  for (const contours of letters)
    canvas.invert(
      contours.map(c => c.map((v, k) => (k % 2 === 0 ? x0 + (v - b.left) * sx : y0 + (v - b.top) * sy))),
    );
  for (let i = 0; i < P.strokes; i++) canvas.invert([line(random, pictureWidth, pictureHeight, P.sw)]);
  const up = random() < 0.5 ? 0 : 1;
  for (let i = 0; i < P.blobs; i++) {
    const cx = ((i + between(random, 0.2, 0.8)) / P.blobs) * pictureWidth;
    const cy =
      ((i + up) % 2 === 0 ? between(random, 0.05, 0.35) : between(random, 0.65, 0.95)) * pictureHeight;
    canvas.invert([blob(random, cx, cy, between(random, P.rMin, P.rMax))]);
  }
  return encodePng(canvas.shades(), [226, 230, 238], [38, 44, 62]);
}

function box(contours: Contour[]): { left: number; right: number; top: number; bottom: number } {
  const xs = contours.flatMap(c => c.filter((_, k) => k % 2 === 0));
  const ys = contours.flatMap(c => c.filter((_, k) => k % 2 === 1));
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function letter(l: string, random: Random): Contour[] {
  const a = between(random, -P.rot, P.rot);
  const size = between(random, P.s0, P.s1);
  const shear = between(random, -P.shear, P.shear);
  const cos = Math.cos(a) * size;
  const sin = Math.sin(a) * size;
  return glyphOf(l).map(c => {
    const out: number[] = [];
    const s = subdivided(c, 0.06);
    for (let k = 0; k < s.length; k += 2) {
      const px = (s[k] ?? 0) + shear * (s[k + 1] ?? 0);
      const py = s[k + 1] ?? 0;
      out.push(cos * px - sin * py, sin * px + cos * py);
    }
    return out;
  });
}
