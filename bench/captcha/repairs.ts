/** Ways back from a drawn picture towards plain letters. */
import {
  blur,
  crop,
  difference,
  dropThinInk,
  dropThinPaper,
  extreme,
  type Image,
  makeImage,
  pixelAt,
  slant,
  threshold,
  upscale,
} from './image.ts';

export const big = (image: Image): Image => upscale(image, 3);

/** Dark where the picture is darker than its neighbourhood. */
export function locally(image: Image): Image {
  const ground = blur(image, 10);
  return makeImage(image.width, image.height, (x, y) =>
    pixelAt(image, x, y) > pixelAt(ground, x, y) ? 255 : 0,
  );
}

/** Only the edges, which don't care what is inside out. */
export function edges(image: Image): Image {
  return threshold(difference(extreme(image, 1, Math.min), extreme(image, 1, Math.max)));
}

/** Undoes inverted regions: what the neighbourhood votes for is the ground, what differs from it is ink. */
export function outvoted(image: Image, { radius, rounds }: { radius: number; rounds: number }): Image {
  const binary = threshold(image);
  let ground = binary;
  for (let round = 0; round < rounds; round++) ground = threshold(blur(ground, radius));
  return threshold(difference(binary, ground));
}

/** Undoes inverted regions: closes the letters' gaps in them, drops the letters, keeps what differs from the rest. */
export function flattened(image: Image, { gap, stem }: { gap: number; stem: number }): Image {
  const binary = threshold(image);
  return threshold(difference(binary, dropThinInk(dropThinPaper(binary, gap), stem)));
}

/** Tries slants and keeps the one whose rows and columns differ most: text stands upright then. */
export function deskewed(image: Image): Image {
  let best = image;
  let bestScore = -1;
  for (const upwards of [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]) {
    for (const sideways of [-0.4, -0.2, 0, 0.2, 0.4]) {
      const candidate = slant(image, sideways, upwards);
      const score = spread(candidate, 'rows') + spread(candidate, 'columns');
      if (score > bestScore) [best, bestScore] = [candidate, score];
    }
  }
  return best;
}

/** The variance of the means of the rows or columns. */
function spread({ width, height, pixels }: Image, of: 'rows' | 'columns'): number {
  const means = new Float64Array(of === 'columns' ? width : height);
  pixels.forEach((value, index) => {
    const at = of === 'columns' ? index % width : Math.floor(index / width);
    means[at] = (means[at] ?? 0) + value / (of === 'columns' ? height : width);
  });
  const mean = means.reduce((a, b) => a + b, 0) / means.length;
  return means.reduce((a, b) => a + (b - mean) ** 2, 0) / means.length;
}

/** As many equal slices as there are letters, with a little of the neighbours. */
export function slices(image: Image, letters: number): Image[] {
  const step = (image.width * 0.94) / letters;
  return Array.from({ length: letters }, (_, index) => {
    const from = image.width * 0.03 + index * step;
    return big(
      crop(image, Math.max(0, Math.round(from - 2)), Math.min(image.width, Math.round(from + step + 2))),
    );
  });
}

const minArea = 60;
const maxShapes = 12;

/** Each connected dark shape that could be a letter, by itself, from left to right. */
export function shapes(image: Image): Image[] {
  const binary = threshold(image);
  const { width, height, pixels } = binary;
  const labels = new Int32Array(pixels.length);
  const found: { label: number; left: number; right: number; area: number }[] = [];
  pixels.forEach((value, start) => {
    if (value !== 0 || labels[start] !== 0) return;
    const shape = { label: found.length + 1, left: width, right: 0, area: 0 };
    const stack = [start];
    labels[start] = shape.label;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      shape.area++;
      shape.left = Math.min(shape.left, x);
      shape.right = Math.max(shape.right, x + 1);
      for (const next of [at - width, at + width, x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1]) {
        if (pixels[next] !== 0 || labels[next] !== 0) continue;
        labels[next] = shape.label;
        stack.push(next);
      }
    }
    found.push(shape);
  });
  return found
    .filter(({ area }) => area >= minArea)
    .sort((a, b) => a.left - b.left)
    .slice(0, maxShapes)
    .map(({ label, left, right }) => {
      const alone = makeImage(width, height, (x, y) => (labels[y * width + x] === label ? 0 : 255));
      return big(crop(alone, left, right));
    });
}
