/** The only file that knows svg-captcha: it takes the library's letter shapes out of its SVG text. */
import { create } from 'svg-captcha';

/** A closed outline: x and y by turns, y downwards. */
export type Contour = readonly number[];

// The typeface's own units, so that the library scales nothing and outlines fall on half units.
const emUnits = 1471;
const capitalUnits = 725;
const curveSteps = 4;

/**
 * The outlines of a letter, in units of a capital's height, the middle of their bounding box at 0,0; a point is
 * inside the letter by the even-odd rule. The library's typeface is an outlined one with a shadow; what is
 * taken is the face within the outline, whose stems are clean.
 */
export function glyphOf(letter: string): Contour[] {
  const svg = create({ size: 1, charPreset: letter, noise: 0, fontSize: emUnits, width: 2, height: 0 }).data;
  const contours = contoursOf(svg.match(/ d="([^"]*)"/)?.[1] ?? '');
  const face = contours.filter(contour => {
    const depth = contours.filter(other => other !== contour && encloses(other, contour)).length;
    return depth === 1 || depth === 2;
  });
  return centred(face);
}

function contoursOf(pathData: string): number[][] {
  const contours: number[][] = [];
  let contour: number[] = [];
  let x = 0;
  let y = 0;
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

/** Whether the first point of `inner` lies inside `outer` (even-odd). */
function encloses(outer: Contour, inner: Contour): boolean {
  const [px = 0, py = 0] = inner;
  let inside = false;
  let [ax = 0, ay = 0] = outer.slice(-2);
  for (let i = 0; i < outer.length; i += 2) {
    const bx = outer[i] ?? 0;
    const by = outer[i + 1] ?? 0;
    if (by > py !== ay > py && px < ((ax - bx) * (py - by)) / (ay - by) + bx) inside = !inside;
    [ax, ay] = [bx, by];
  }
  return inside;
}

function centred(contours: Contour[]): Contour[] {
  const box = [0, 1].map(axis => {
    const values = contours.flatMap(contour => contour.filter((_, index) => index % 2 === axis));
    return (Math.min(...values) + Math.max(...values)) / 2;
  });
  return contours.map(contour =>
    contour.map((value, index) => (value - (box[index % 2] ?? 0)) / capitalUnits),
  );
}
