/** The shapes of the letters, taken out of svg-captcha's SVG text; the only file that knows the library. */
import { create } from 'svg-captcha';
import { Failure } from '../../lib/failure.ts';
import { alphabet } from './alphabet.ts';
import { boxOf, type Contour, encloses, moved, subdivided } from './contour.ts';

/** Filled by the even-odd rule. */
export type Glyph = readonly Contour[];

// The typeface's own units, so that the library scales nothing and outlines fall on half units.
const emUnits = 1471;
const capitalUnits = 725;
const curveSteps = 4;
const maxEdge = 0.06;

const glyphs: Readonly<Record<string, Glyph>> = Object.fromEntries(
  [...alphabet].map(letter => [letter, faceOf(letter)]),
);

/**
 * The outlines of a letter of the alphabet; a capital is 1 high, 0,0 is the middle of its box. Throws Failure
 * `captcha-letter` for another letter.
 */
export function glyphOf(letter: string): Glyph {
  const glyph = glyphs[letter];
  if (glyph) return glyph;
  throw new Failure(
    'captcha-letter',
    `A captcha has letters of ${alphabet} only, not ${JSON.stringify(letter)}.`,
    {
      letter,
    },
  );
}

/** The typeface is an outlined one with a shadow; its face, inside the outline, has even stems. */
function faceOf(letter: string): Glyph {
  const svg = create({ size: 1, charPreset: letter, noise: 0, fontSize: emUnits, width: 2, height: 0 }).data;
  const contours = contoursOf(svg.match(/ d="([^"]*)"/)?.[1] ?? '');
  const face = contours.filter(contour => {
    const depth = contours.filter(other => other !== contour && encloses(other, contour)).length;
    return depth === 1 || depth === 2;
  });
  const { left, right, top, bottom } = boxOf(face);
  return face.map(contour => {
    const centred = moved(contour, (x, y) => [
      (x - (left + right) / 2) / capitalUnits,
      (y - (top + bottom) / 2) / capitalUnits,
    ]);
    return subdivided(centred, maxEdge);
  });
}

/** SVG path data of absolute M, L, Q and Z, the only ones the library writes. */
function contoursOf(pathData: string): Contour[] {
  const contours: Contour[] = [];
  let contour: number[] = [];
  let [x, y] = [0, 0];
  for (const [, command, numbers] of pathData.matchAll(/([MLQZ])([^MLQZ]*)/g)) {
    // The library shakes every point by a tenth of a unit; half units come out the same at each run.
    const rounded = (numbers?.match(/-?\d+(?:\.\d+)?/g) ?? []).map(text => Math.round(Number(text) * 2) / 2);
    const [a = 0, b = 0, c = 0, d = 0] = rounded;
    if (command === 'M') contour = [a, b];
    else if (command === 'L') contour.push(a, b);
    else if (command === 'Z') contours.push(contour);
    else {
      for (let step = 1; step <= curveSteps; step++) {
        const t = step / curveSteps;
        const u = 1 - t;
        contour.push(u * u * x + 2 * u * t * a + t * t * c, u * u * y + 2 * u * t * b + t * t * d);
      }
    }
    [x = 0, y = 0] = contour.slice(-2);
  }
  return contours;
}
