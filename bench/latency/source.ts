/**
 * The scene that is broadcast, as a process of its own: a moving picture with the wall clock in it, and a tone, as
 * Matroska on stdout. Sends its own delay (drawing and the pipe) to its parent when that disconnects it.
 */
import { drawBarcode } from './barcode.ts';
import { blockHeader, matroskaCluster, matroskaHeader } from './matroska.ts';

export const [width, height, frameRate, sampleRate, toneHz] = [640, 360, 20, 48_000, 440];

const clusterMs = 1000;
// More unread than this, and the next picture is not drawn.
const mostUnreadBytes = 2 * width * height * 1.5;

/** A texture twice the picture's size, of which each frame shows another piece: motion for the encoder. */
function texture(): Uint8Array {
  const pixels = new Uint8Array(2 * width * 2 * height);
  for (let y = 0; y < 2 * height; y += 1) {
    for (let x = 0; x < 2 * width; x += 1) {
      const wave = Math.sin(x / 37) + Math.sin(y / 23) + Math.sin((x + y) / 61);
      pixels[y * 2 * width + x] = Math.round(110 + 25 * wave);
    }
  }
  return pixels;
}

function tone(frame: number): Buffer {
  const samples = sampleRate / frameRate;
  const bytes = Buffer.alloc(samples * 2);
  for (let index = 0; index < samples; index += 1) {
    const turn = (2 * Math.PI * toneHz * (frame * samples + index)) / sampleRate;
    bytes.writeInt16LE(Math.round(8000 * Math.sin(turn)), index * 2);
  }
  return bytes;
}

function run(): void {
  const scene = texture();
  const beganMs = performance.now();
  const delaysMs: number[] = [];
  let [skipped, clusterAtMs, next] = [0, Number.NEGATIVE_INFINITY, 0];
  process.stdout.write(matroskaHeader({ width, height, frameRate, sampleRate }));

  const write = (frame: number, isNewest: boolean): void => {
    const nominalMs = (frame * 1000) / frameRate;
    if (nominalMs - clusterAtMs >= clusterMs) {
      clusterAtMs = nominalMs;
      process.stdout.write(matroskaCluster(Math.round(nominalMs)));
    }
    const sinceClusterMs = nominalMs - Math.round(clusterAtMs);
    const sound = tone(frame);
    process.stdout.write(Buffer.concat([blockHeader('audio', sinceClusterMs, sound.length), sound]));
    if (!isNewest || process.stdout.writableLength > mostUnreadBytes) {
      skipped += 1;
      return;
    }
    const drawnMs = Date.now();
    const picture = Buffer.alloc(width * height * 1.5, 128);
    const [left, top] = [(frame * 2) % width, frame % height];
    for (let row = 0; row < height; row += 1) {
      const from = (row + top) * 2 * width + left;
      picture.set(scene.subarray(from, from + width), row * width);
    }
    drawBarcode({ width, height, pixels: picture }, drawnMs);
    process.stdout.write(blockHeader('video', sinceClusterMs, picture.length));
    process.stdout.write(picture, () => delaysMs.push(Date.now() - drawnMs));
  };

  const tick = (): void => {
    const due = Math.floor(((performance.now() - beganMs) * frameRate) / 1000);
    // Late: the sound is made up for, of the pictures only the newest.
    for (; next <= due; next += 1) write(next, next === due);
    setTimeout(tick, (next * 1000) / frameRate - (performance.now() - beganMs));
  };

  process.stdout.on('error', () => process.exit());
  process.once('disconnect', () => process.exit());
  process.on('message', () => {
    const sorted = delaysMs.toSorted((a, b) => a - b);
    process.send?.({ medianMs: sorted[sorted.length >> 1] ?? 0, worstMs: sorted.at(-1) ?? 0, skipped });
  });
  tick();
}

if (import.meta.main) run();
