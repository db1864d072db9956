import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');

export type Colour = readonly [red: number, green: number, blue: number];

/** The share of ink of every pixel, 0 to 15, row by row. */
export type Shades = { width: number; height: number; shades: Uint8Array };

/**
 * A PNG of 16 colours, four bits a pixel (ISO/IEC 15948: IHDR, PLTE, IDAT, IEND and nothing else, so that no
 * time and no program is named in it). Shade 0 is `paper`, shade 15 is `ink`.
 */
export function encodePng({ width, height, shades }: Shades, paper: Colour, ink: Colour): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([4, 3, 0, 0, 0], 8); // bit depth 4, indexed, deflate, adaptive filters, not interlaced

  const palette = Buffer.from(
    Array.from({ length: 16 }, (_, shade) =>
      paper.map((from, channel) => Math.round(from + (((ink[channel] ?? 0) - from) * shade) / 15)),
    ).flat(),
  );

  const rowBytes = 1 + Math.ceil(width / 2);
  const rows = Buffer.alloc(rowBytes * height);
  shades.forEach((shade, pixel) => {
    const column = pixel % width;
    const at = Math.floor(pixel / width) * rowBytes + 1 + (column >> 1);
    rows[at] = (rows[at] ?? 0) | (column % 2 === 0 ? shade << 4 : shade);
  });

  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}
