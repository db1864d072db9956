import { type Colour, encodePng } from '../../lib/png.ts';

/** Pixels. */
export const chartSize = { width: 640, height: 96 } as const;

const paper: Colour = [24, 24, 27];
const ink: Colour = [191, 148, 255];
const areaShade = 5;
const lineShade = 15;
const gridShade = 2;
const lineHeight = 2;

/** The top of a scale that shows `most`: 1, 2, 5, 10, 20, 50, … */
export function scaleTop(most: number): number {
  let top = 1;
  while (top < most) {
    const lead = Number(String(top)[0]);
    top = lead === 2 ? top * 2.5 : top * 2;
  }
  return top;
}

/** A PNG of the series as an area, oldest left; nothing is drawn where there is no sample. */
export function drawChart(series: readonly (number | undefined)[]): Buffer {
  const { width, height } = chartSize;
  const shades = new Uint8Array(width * height);
  for (const share of [0, 0.25, 0.5, 0.75]) {
    const row = Math.round(share * (height - 1));
    shades.fill(gridShade, row * width, (row + 1) * width);
  }
  shades.fill(gridShade, (height - 1) * width);
  const top = scaleTop(Math.max(1, ...series.map(value => value ?? 0)));
  for (let x = 0; x < width; x++) {
    const value = series[Math.floor((x / width) * series.length)];
    if (value === undefined) continue;
    const high = Math.max(lineHeight, Math.round((value / top) * height));
    for (let y = height - high; y < height; y++) {
      shades[y * width + x] = y < height - high + lineHeight ? lineShade : areaShade;
    }
  }
  return encodePng({ width, height, shades }, paper, ink);
}
