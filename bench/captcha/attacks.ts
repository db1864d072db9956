/** What an attacker with an OCR program tries in the first afternoon. Each attack turns a picture into what tesseract reads. */
import {
  blur,
  crop,
  difference,
  dropThinInk,
  dropThinPaper,
  extreme,
  type Image,
  invert,
  makeImage,
  pixelAt,
  median,
  slant,
  threshold,
  upscale,
} from './image.ts';

export type Attack = {
  name: string;
  /** tesseract's page segmentation mode: 6 block, 7 line, 8 word, 10 one character, 13 raw line. */
  mode: 6 | 7 | 8 | 10 | 13;
  /** Only the letters we use are offered to tesseract. */
  whitelist: boolean;
  /** The pictures whose readings, one after the other, are the answer. */
  prepare: (image: Image) => Image[];
};

const big = (image: Image): Image => upscale(image, 3);
/** Takes the larger shapes for the ground and keeps what differs from it: undoes inverted regions. */
const uninverted = (image: Image): Image => threshold(difference(threshold(image), threshold(blur(threshold(image), 6))));
const locally = (image: Image): Image => {
  const ground = blur(image, 10);
  return makeImage(image.width, image.height, (x, y) => (pixelAt(image, x, y) > pixelAt(ground, x, y) ? 255 : 0));
};
const edges = (image: Image): Image => threshold(difference(extreme(image, 1, Math.min), extreme(image, 1, Math.max)));
/** Undoes inverted regions: closes the letters' gaps in them, drops the letters, and keeps what differs from the rest. */
const flattened = (image: Image, gap = 4, stem = 5): Image => {
  const binary = threshold(image);
  return threshold(difference(binary, dropThinInk(dropThinPaper(binary, gap), stem)));
};
/** The same with the ground found by vote of the neighbourhood, again and again. */
const outvoted = (image: Image): Image => {
  const binary = threshold(image);
  let ground = binary;
  for (let round = 0; round < 4; round++) ground = threshold(blur(ground, 8));
  return threshold(difference(binary, ground));
};

/** Tries slants and keeps the one whose rows differ most: text stands upright then. */
function deskewed(image: Image): Image {
  let best = image;
  let bestScore = -1;
  for (let upwards = -0.3; upwards <= 0.31; upwards += 0.1) {
    for (let sideways = -0.4; sideways <= 0.41; sideways += 0.2) {
      const candidate = slant(image, sideways, upwards);
      const score = spread(candidate, false) + spread(candidate, true);
      if (score > bestScore) [best, bestScore] = [candidate, score];
    }
  }
  return best;
}

/** The variance of the sums of the rows or columns. */
function spread(image: Image, ofColumns: boolean): number {
  const sums = new Float64Array(ofColumns ? image.width : image.height);
  image.pixels.forEach((value, index) => {
    const line = ofColumns ? index % image.width : Math.floor(index / image.width);
    sums[line] = (sums[line] ?? 0) + value / (ofColumns ? image.height : image.width);
  });
  const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
  return sums.reduce((a, b) => a + (b - mean) ** 2, 0) / sums.length;
}

/** As many equal slices as there are letters, with a little of the neighbours. */
const slices = (letters: number) => (image: Image): Image[] =>
  Array.from({ length: letters }, (_, index) => {
    const step = (image.width * 0.94) / letters;
    const from = Math.round(image.width * 0.03 + index * step - 2);
    return big(crop(image, Math.max(0, from), Math.min(image.width, Math.round(from + step + 4))));
  });

/** Each connected dark shape of a letter's size by itself, from left to right. */
function shapes(image: Image): Image[] {
  const binary = threshold(image);
  const label = new Int32Array(binary.pixels.length);
  const found: { label: number; left: number; right: number; area: number }[] = [];
  binary.pixels.forEach((value, start) => {
    if (value !== 0 || label[start] !== 0) return;
    const shape = { label: found.length + 1, left: binary.width, right: 0, area: 0 };
    const stack = [start];
    label[start] = shape.label;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % binary.width;
      shape.area++;
      shape.left = Math.min(shape.left, x);
      shape.right = Math.max(shape.right, x + 1);
      for (const next of [at - binary.width, at + binary.width, x > 0 ? at - 1 : -1, x + 1 < binary.width ? at + 1 : -1]) {
        if (binary.pixels[next] === 0 && label[next] === 0) {
          label[next] = shape.label;
          stack.push(next);
        }
      }
    }
    found.push(shape);
  });
  const letters = found.filter(({ area }) => area > 60).sort((a, b) => a.left - b.left).slice(0, 12);
  return letters.map(shape => {
    const only = makeImage(binary.width, binary.height, (x, y) => (label[y * binary.width + x] === shape.label ? 0 : 255));
    return big(crop(only, shape.left, shape.right));
  });
}

export function attacks(letters: number): Attack[] {
  const whole = (name: string, prepare: (image: Image) => Image, mode: Attack['mode'] = 8): Attack => ({
    name,
    mode,
    whitelist: true,
    prepare: image => [prepare(image)],
  });
  const parts = (name: string, prepare: (image: Image) => Image[]): Attack => ({ name, mode: 10, whitelist: true, prepare });
  return [
    whole('letters whitelisted, as a word', image => image),
    whole('letters whitelisted, as a line', image => image, 7),
    whole('letters whitelisted, as a raw line', image => image, 13),
    whole('upscaled ×3', big),
    whole('upscaled, thresholded', image => threshold(big(image))),
    whole('upscaled, thresholded, as a block', image => threshold(big(image)), 6),
    whole('median filter, upscaled', image => big(median(image, 1))),
    whole('wide median filter, upscaled', image => big(median(image, 2))),
    whole('split by colour: the light one', image => big(invert(threshold(image)))),
    whole('thin strokes dropped', image => big(dropThinInk(threshold(image), 1))),
    whole('thin strokes and gaps dropped', image => big(dropThinPaper(dropThinInk(threshold(image), 1), 1))),
    whole('thicker strokes dropped', image => big(dropThinInk(threshold(image), 2))),
    whole('local threshold', image => big(locally(image))),
    whole('local threshold, median filter', image => big(median(locally(image), 1))),
    whole('inverted regions undone', image => big(uninverted(image))),
    whole('inverted regions undone, thin strokes dropped', image => big(dropThinInk(uninverted(image), 1))),
    whole('large shapes taken out', image => big(flattened(image))),
    whole('large shapes taken out, median filter', image => big(median(flattened(image), 1))),
    whole('large shapes taken out, narrower', image => big(flattened(image, 3, 4))),
    whole('large shapes taken out, wider', image => big(flattened(image, 5, 6))),
    whole('large shapes taken out, closed', image => big(dropThinPaper(flattened(image), 1))),
    whole('large shapes taken out, as a line', image => big(flattened(image)), 7),
    whole('large shapes taken out, deskewed', image => big(deskewed(flattened(image)))),
    whole('large shapes outvoted', image => big(outvoted(image))),
    whole('large shapes outvoted, median filter', image => big(median(outvoted(image), 1))),
    whole('edges, median filter', image => big(median(edges(image), 1))),
    whole('edges only', image => big(edges(image))),
    whole('deskewed', image => big(deskewed(image))),
    whole('inverted regions undone, deskewed', image => big(deskewed(uninverted(image)))),
    parts('one glyph at a time: equal slices', slices(letters)),
    parts('equal slices, local threshold', image => slices(letters)(median(locally(image), 1))),
    parts('equal slices, inverted regions undone', image => slices(letters)(uninverted(image))),
    parts('equal slices, large shapes taken out', image => slices(letters)(flattened(image))),
    parts('one glyph at a time: connected shapes', shapes),
    parts('connected shapes, large ones taken out', image => shapes(flattened(image))),
    parts('connected shapes, inverted regions undone', image => shapes(uninverted(image))),
  ];
}

/** tesseract with nothing done to the picture, in each of its modes for a line or a word. */
export const untouched: Attack[] = ([7, 8, 6, 13] as const).map(mode => ({
  name: `as it is, --psm ${mode}`,
  mode,
  whitelist: false,
  prepare: image => [image],
}));
