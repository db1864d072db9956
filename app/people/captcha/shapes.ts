import { type Contour, moved } from './contour.ts';
import type { Glyph } from './glyphs.ts';
import { between, type Random } from './random.ts';

/** A closed round shape of about `radius` whose rim wavers; wider than high. */
export function blob(random: Random, x: number, y: number, radius: number): Contour {
  const corners = 48;
  const waves = [2, 3, 4].map(count => ({
    count,
    height: between(random, 0, 0.35 / count),
    phase: between(random, 0, 2 * Math.PI),
  }));
  return Array.from({ length: corners }, (_, corner) => {
    const angle = (corner / corners) * 2 * Math.PI;
    const wavering = waves.reduce(
      (sum, { count, height, phase }) => sum + height * Math.sin(count * angle + phase),
      1,
    );
    return [x + 1.3 * radius * wavering * Math.cos(angle), y + radius * wavering * Math.sin(angle)];
  }).flat();
}

/** The glyph scaled, slanted and turned at random, within what people still read at a glance. */
export function tilted(glyph: Glyph, random: Random): Glyph {
  const angle = between(random, -0.35, 0.35);
  const size = between(random, 0.75, 1.15);
  const slant = between(random, -0.25, 0.25);
  const [cos, sin] = [Math.cos(angle) * size, Math.sin(angle) * size];
  return glyph.map(contour =>
    moved(contour, (x, y) => [cos * (x + slant * y) - sin * y, sin * (x + slant * y) + cos * y]),
  );
}

/** Shifts points by slow waves, so that no straight line stays one. Lengths are in heights of a capital. */
export function createWarp(random: Random): (x: number, y: number) => readonly [x: number, y: number] {
  const wave = () => {
    const [alongX, alongY] = [between(random, 1, 2.8), between(random, 0.6, 2.5)];
    const [phase, height] = [between(random, 0, 2 * Math.PI), between(random, 0.04, 0.07)];
    return (x: number, y: number) => height * Math.sin(alongX * x + alongY * y + phase);
  };
  const [across1, across2, down1, down2] = [wave(), wave(), wave(), wave()];
  return (x, y) => [x + across1(x, y) + across2(x, y), y + down1(x, y) + down2(x, y)];
}
