/** What an attacker with an OCR program tries in the first afternoon. */
import { dropThinInk, dropThinPaper, type Image, invert, median, threshold } from './image.ts';
import { big, deskewed, edges, flattened, locally, outvoted, shapes, slices } from './repairs.ts';

export type Attack = {
  name: string;
  /** tesseract's page segmentation mode: 6 block, 7 line, 8 word, 10 one character, 13 raw line. */
  mode: 6 | 7 | 8 | 10 | 13;
  /** Whether tesseract is told which letters there are. */
  whitelist: boolean;
  /** How many of a hundred it may solve. */
  targetPercent: number;
  /** The pictures whose readings, one after the other, are the answer. */
  prepare: (image: Image) => Image[];
};

/** tesseract with nothing done to the picture. */
const untouched: readonly Attack[] = ([7, 8, 6, 13] as const).map(mode => ({
  name: `as it is, --psm ${mode}`,
  mode,
  whitelist: false,
  targetPercent: 2,
  prepare: image => [image],
}));

function whole(name: string, prepare: (image: Image) => Image, mode: Attack['mode'] = 8): Attack {
  return { name, mode, whitelist: true, targetPercent: 5, prepare: image => [prepare(image)] };
}

function apart(name: string, prepare: (image: Image) => Image[]): Attack {
  return { name, mode: 10, whitelist: true, targetPercent: 5, prepare };
}

/** Works each picture out once, however many attacks begin with it. */
function remembered(prepare: (image: Image) => Image): (image: Image) => Image {
  const done = new WeakMap<Image, Image>();
  return image => {
    const prepared = done.get(image) ?? prepare(image);
    done.set(image, prepared);
    return prepared;
  };
}

const near = { radius: 6, rounds: 1 };
const far = { radius: 8, rounds: 4 };
const usual = { gap: 4, stem: 5 };

/** `letters`: how many there are in a picture, which an attacker knows. */
export function attacksOn(letters: number): Attack[] {
  const local = remembered(locally);
  const edge = remembered(edges);
  const voted = remembered(image => outvoted(image, near));
  const votedWide = remembered(image => outvoted(image, far));
  const flat = remembered(image => flattened(image, usual));
  return [
    ...untouched,
    whole('whitelist, as a word', image => image),
    whole('whitelist, as a line', image => image, 7),
    whole('whitelist, as a raw line', image => image, 13),
    whole('upscaled', big),
    whole('upscaled, threshold', image => threshold(big(image))),
    whole('upscaled, threshold, as a block', image => threshold(big(image)), 6),
    whole('median filter', image => big(median(image, 1))),
    whole('wide median filter', image => big(median(image, 2))),
    whole('split by colour: the dark', image => big(threshold(image))),
    whole('split by colour: the light', image => big(invert(threshold(image)))),
    whole('thin strokes dropped', image => big(dropThinInk(threshold(image), 1))),
    whole('thin strokes and gaps dropped', image => big(dropThinPaper(dropThinInk(threshold(image), 1), 1))),
    whole('thicker strokes dropped', image => big(dropThinInk(threshold(image), 2))),
    whole('local threshold', image => big(local(image))),
    whole('local threshold, median filter', image => big(median(local(image), 1))),
    whole('edges', image => big(edge(image))),
    whole('edges, median filter', image => big(median(edge(image), 1))),
    whole('regions outvoted', image => big(voted(image))),
    whole('regions outvoted, thin strokes dropped', image => big(dropThinInk(voted(image), 1))),
    whole('regions outvoted, wider', image => big(votedWide(image))),
    whole('regions outvoted, wider, median filter', image => big(median(votedWide(image), 1))),
    whole('regions flattened', image => big(flat(image))),
    whole('regions flattened, as a line', image => big(flat(image)), 7),
    whole('regions flattened, narrower', image => big(flattened(image, { gap: 3, stem: 4 }))),
    whole('regions flattened, wider', image => big(flattened(image, { gap: 5, stem: 6 }))),
    whole('regions flattened, median filter', image => big(median(flat(image), 1))),
    whole('regions flattened, gaps closed', image => big(dropThinPaper(flat(image), 1))),
    whole('deskewed', image => big(deskewed(image))),
    whole('regions outvoted, deskewed', image => big(deskewed(votedWide(image)))),
    whole('regions flattened, deskewed', image => big(deskewed(flat(image)))),
    apart('one glyph at a time: equal slices', image => slices(image, letters)),
    apart('equal slices, local threshold', image => slices(median(local(image), 1), letters)),
    apart('equal slices, regions outvoted', image => slices(votedWide(image), letters)),
    apart('equal slices, regions flattened', image => slices(flat(image), letters)),
    apart('one glyph at a time: connected shapes', shapes),
    apart('connected shapes, regions outvoted', image => shapes(votedWide(image))),
    apart('connected shapes, regions flattened', image => shapes(flat(image))),
  ];
}
