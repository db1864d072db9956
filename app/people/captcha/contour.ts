/** A closed outline: x and y by turns, y downwards. */
export type Contour = readonly number[];

export type Box = { left: number; right: number; top: number; bottom: number };

/** The same outline with each point where `to` puts it. */
export function moved(
  contour: Contour,
  to: (x: number, y: number) => readonly [x: number, y: number],
): Contour {
  const points: number[] = [];
  for (let i = 0; i < contour.length; i += 2) points.push(...to(contour[i] ?? 0, contour[i + 1] ?? 0));
  return points;
}

/** The same outline with no edge longer than `length`, so that it can be bent. */
export function subdivided(contour: Contour, length: number): Contour {
  const points: number[] = [];
  let [ax = 0, ay = 0] = contour.slice(-2);
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

export function boxOf(contours: readonly Contour[]): Box {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const contour of contours) {
    for (let i = 0; i < contour.length; i += 2) {
      const x = contour[i] ?? 0;
      const y = contour[i + 1] ?? 0;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

/** Whether the first point of `inner` lies inside `outer` (even-odd). */
export function encloses(outer: Contour, inner: Contour): boolean {
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
