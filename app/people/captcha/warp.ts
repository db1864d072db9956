import type { Contour } from './glyphs.ts';
import { between, type Random } from './random.ts';

/** Shifts every point by slow waves, each way of the plane by its own, so that no straight line stays one. */
export function createWarp(random: Random, width: number, amplitude: number): (contour: Contour) => number[] {
  const waves = [0, 1].map(() =>
    [0, 1].map(() => ({
      fx: (between(random, 0.8, 2.2) * 2 * Math.PI) / width,
      fy: (between(random, 0.5, 2) * 2 * Math.PI) / width,
      phase: between(random, 0, 2 * Math.PI),
      amplitude: between(random, 0.6, 1) * amplitude,
    })),
  );
  const shift = (axis: number, x: number, y: number): number =>
    (waves[axis] ?? []).reduce((sum, w) => sum + w.amplitude * Math.sin(w.fx * x + w.fy * y + w.phase), 0);
  return contour => {
    const moved: number[] = [];
    for (let i = 0; i < contour.length; i += 2) {
      const x = contour[i] ?? 0;
      const y = contour[i + 1] ?? 0;
      moved.push(x + shift(0, x, y), y + shift(1, x, y));
    }
    return moved;
  };
}
