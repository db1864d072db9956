/** Grey pictures and the simple operations on them that an attacker would try first. */
import { inflateSync } from 'node:zlib';

/** 0 is black, 255 white; row by row. */
export type Image = { width: number; height: number; pixels: Uint8Array };

export function makeImage(width: number, height: number, at: (x: number, y: number) => number): Image {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels[y * width + x] = at(x, y);
  return { width, height, pixels };
}

/** The pixel, or the nearest one of the rim for a place outside. */
export function pixelAt({ width, height, pixels }: Image, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, x));
  const row = Math.min(height - 1, Math.max(0, y));
  return pixels[row * width + column] ?? 0;
}

/** Reads the kind of PNG we write: indexed, four bits, no filter, one IDAT. */
export function decodePng(png: Buffer): Image {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const part = (type: string): Buffer => chunks.get(type) ?? Buffer.alloc(0);
  const [width, height] = [part('IHDR').readUInt32BE(0), part('IHDR').readUInt32BE(4)];
  const rows = inflateSync(part('IDAT'));
  const palette = part('PLTE');
  const rowBytes = 1 + Math.ceil(width / 2);
  return makeImage(width, height, (x, y) => {
    const byte = rows[y * rowBytes + 1 + (x >> 1)] ?? 0;
    const entry = 3 * (x % 2 === 0 ? byte >> 4 : byte & 15);
    return Math.round(((palette[entry] ?? 0) + (palette[entry + 1] ?? 0) + (palette[entry + 2] ?? 0)) / 3);
  });
}

/** Portable grey map, with a white rim as tesseract likes it. */
export function encodePgm(image: Image, rim = 12): Buffer {
  const framed = makeImage(image.width + 2 * rim, image.height + 2 * rim, (x, y) => {
    const inside = x >= rim && y >= rim && x < image.width + rim && y < image.height + rim;
    return inside ? pixelAt(image, x - rim, y - rim) : 255;
  });
  return Buffer.concat([Buffer.from(`P5\n${framed.width} ${framed.height}\n255\n`), framed.pixels]);
}

export function invert(image: Image): Image {
  return { ...image, pixels: image.pixels.map(value => 255 - value) };
}

/** Linear interpolation. */
export function upscale(image: Image, factor: number): Image {
  return makeImage(image.width * factor, image.height * factor, (x, y) =>
    sample(image, (x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5),
  );
}

export function sample(image: Image, x: number, y: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - x0, y - y0];
  const top = pixelAt(image, x0, y0) * (1 - u) + pixelAt(image, x0 + 1, y0) * u;
  const bottom = pixelAt(image, x0, y0 + 1) * (1 - u) + pixelAt(image, x0 + 1, y0 + 1) * u;
  return Math.round(top * (1 - v) + bottom * v);
}

/** Otsu's threshold: the one that parts the histogram best. */
export function threshold(image: Image): Image {
  const counts = new Array<number>(256).fill(0);
  for (const value of image.pixels) counts[value] = (counts[value] ?? 0) + 1;
  const sum = counts.reduce((total, count, value) => total + count * value, 0);
  let [below, sumBelow, best, level] = [0, 0, -1, 128];
  counts.forEach((count, value) => {
    below += count;
    sumBelow += count * value;
    const above = image.pixels.length - below;
    if (below === 0 || above === 0) return;
    const between = below * above * (sumBelow / below - (sum - sumBelow) / above) ** 2;
    if (between > best) [best, level] = [between, value];
  });
  return { ...image, pixels: image.pixels.map(value => (value > level ? 255 : 0)) };
}

/** The median of each pixel's square neighbourhood. */
export function median(image: Image, radius: number): Image {
  return makeImage(image.width, image.height, (x, y) => {
    const values: number[] = [];
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) values.push(pixelAt(image, x + dx, y + dy));
    }
    values.sort((a, b) => a - b);
    return values[values.length >> 1] ?? 0;
  });
}

/** The darkest or lightest value of each pixel's square neighbourhood. */
export function extreme(image: Image, radius: number, of: (...values: number[]) => number): Image {
  const along = (dx: number, dy: number) => (from: Image) =>
    makeImage(from.width, from.height, (x, y) => {
      let value = pixelAt(from, x, y);
      for (let step = -radius; step <= radius; step++)
        value = of(value, pixelAt(from, x + step * dx, y + step * dy));
      return value;
    });
  return along(0, 1)(along(1, 0)(image));
}

/** Drops dark shapes thinner than 2·radius+1. */
export function dropThinInk(image: Image, radius: number): Image {
  return extreme(extreme(image, radius, Math.max), radius, Math.min);
}

/** Drops light shapes thinner than 2·radius+1. */
export function dropThinPaper(image: Image, radius: number): Image {
  return extreme(extreme(image, radius, Math.min), radius, Math.max);
}

/** The mean of each pixel's square neighbourhood. */
export function blur(image: Image, radius: number): Image {
  const { width, height } = image;
  const sums = new Float64Array((width + 1) * (height + 1));
  const sumAt = (x: number, y: number): number => sums[y * (width + 1) + x] ?? 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sums[(y + 1) * (width + 1) + x + 1] =
        pixelAt(image, x, y) + sumAt(x, y + 1) + sumAt(x + 1, y) - sumAt(x, y);
    }
  }
  return makeImage(width, height, (x, y) => {
    const [x0, x1] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
    const [y0, y1] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
    return Math.round(
      (sumAt(x1, y1) - sumAt(x0, y1) - sumAt(x1, y0) + sumAt(x0, y0)) / ((x1 - x0) * (y1 - y0)),
    );
  });
}

/** Dark where the picture differs from `ground`. */
export function difference(image: Image, ground: Image): Image {
  return makeImage(
    image.width,
    image.height,
    (x, y) => 255 - Math.abs(pixelAt(image, x, y) - pixelAt(ground, x, y)),
  );
}

/** Slants the picture: each row moves sideways, each column up or down, in proportion to its distance from the middle. */
export function slant(image: Image, sideways: number, upwards: number): Image {
  return makeImage(image.width, image.height, (x, y) => {
    const dy = (x - image.width / 2) * upwards;
    const dx = (y - image.height / 2) * sideways;
    const outside = y + dy < 0 || y + dy > image.height - 1 || x + dx < 0 || x + dx > image.width - 1;
    return outside ? 255 : sample(image, x + dx, y + dy);
  });
}

export function crop(image: Image, from: number, to: number): Image {
  return makeImage(to - from, image.height, (x, y) => pixelAt(image, x + from, y));
}
