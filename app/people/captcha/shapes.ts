import type { Contour } from './glyphs.ts';
import { between, type Random } from './random.ts';

/** The same outline with no edge longer than `length`, so that it can be bent. */
export function subdivided(contour: Contour, length: number): number[] {
  const points: number[] = [];
  let ax = contour.at(-2) ?? 0;
  let ay = contour.at(-1) ?? 0;
  for (let i = 0; i < contour.length; i += 2) {
    const bx = contour[i] ?? 0;
    const by = contour[i + 1] ?? 0;
    const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / length));
    for (let step = 1; step <= steps; step++) {
      points.push(ax + ((bx - ax) * step) / steps, ay + ((by - ay) * step) / steps);
    }
    [ax, ay] = [bx, by];
  }
  return points;
}

/** A wavy band right across. */
export function line(random: Random, width: number, height: number, thickness: number): number[] {
  const y0 = between(random, 0.25, 0.75) * height;
  const y1 = between(random, 0.25, 0.75) * height;
  const bend = between(random, -14, 14);
  const waves = between(random, 1, 2.5);
  const phase = between(random, 0, 6.28);
  const top: number[] = [];
  const bottom: number[] = [];
  for (let i = 0; i <= 40; i++) {
    const t = i / 40;
    const x = -10 + t * (width + 20);
    const y = y0 + (y1 - y0) * t + bend * Math.sin(phase + waves * 6.28 * t);
    const s = (y1 - y0 + bend * waves * 6.28 * Math.cos(phase + waves * 6.28 * t)) / (width + 20);
    const n = thickness / 2 / Math.hypot(1, s);
    top.push(x + s * n, y - n);
    bottom.unshift(x - s * n, y + n);
  }
  return [...top, ...bottom];
}

export function blob(random: Random, cx: number, cy: number, r: number): number[] {
  const waves = [2, 3, 4].map(n => ({ n, a: between(random, 0, 0.35 / n), p: between(random, 0, 6.28) }));
  const points: number[] = [];
  for (let i = 0; i < 48; i++) {
    const t = (i / 48) * 2 * Math.PI;
    const q = r * (1 + waves.reduce((s, w) => s + w.a * Math.sin(w.n * t + w.p), 0));
    points.push(cx + q * Math.cos(t) * 1.3, cy + q * Math.sin(t));
  }
  return points;
}
