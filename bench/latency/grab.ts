/** The viewer's screen, again and again, as grey images with the time each was taken. Owns one ffmpeg. */
import type { GreyImage } from './barcode.ts';
import { startChild } from './child.ts';

export type Grabbed = GreyImage & {
  /** Date.now() when the screen was read. */
  atMs: number;
};

export type Grab = {
  /** Rejects, with ffmpeg's words, when it ends by itself. */
  failed: Promise<never>;
  close(): Promise<void>;
};

/** Calls `onImage` about `perSecond` times a second with what `display` (`:N`) shows. */
export function startGrab(
  display: string,
  { width, height, perSecond }: { width: number; height: number; perSecond: number },
  onImage: (image: Grabbed) => void,
): Grab {
  const input = ['-probesize', '32', '-f', 'x11grab', '-draw_mouse', '0', '-framerate', `${perSecond}`];
  const size = ['-video_size', `${width}x${height}`, '-i', display];
  // x11grab stamps each picture with the wall clock: so no delay of the pipe to us is measured.
  const output = ['-copyts', '-fps_mode', 'passthrough', '-vf', 'showinfo=checksum=0,format=gray'];
  const child = startChild(
    'ffmpeg',
    ['-nostdin', '-hide_banner', '-nostats', ...input, ...size, ...output, '-f', 'rawvideo', '-'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const timesMs: number[] = [];
  const images: Uint8Array[] = [];
  const pair = (): void => {
    while (timesMs.length > 0 && images.length > 0) {
      const [atMs, pixels] = [timesMs.shift(), images.shift()];
      if (atMs !== undefined && pixels) onImage({ width, height, pixels, atMs });
    }
  };
  let line = '';
  child.process.stderr?.on('data', (text: string) => {
    line += text;
    const lines = line.split('\n');
    line = lines.pop() ?? '';
    for (const each of lines) {
      const pts = /showinfo.* n: *\d+ pts: *(\d+) /.exec(each)?.[1];
      if (pts !== undefined) timesMs.push(Number(pts) / 1000);
    }
    pair();
  });
  let image = Buffer.alloc(width * height);
  let filled = 0;
  child.process.stdout?.on('data', (chunk: Buffer) => {
    for (let from = 0; from < chunk.length; ) {
      const taken = chunk.copy(image, filled, from);
      from += taken;
      filled += taken;
      if (filled < image.length) continue;
      images.push(image);
      image = Buffer.alloc(width * height);
      filled = 0;
    }
    pair();
  });
  let isClosing = false;
  const failed = child.ended.then(() => {
    if (isClosing) return new Promise<never>(() => {});
    throw new Error(`The screen can't be grabbed any more: ${child.lastWords().slice(-600)}`);
  });
  failed.catch(() => {});
  return {
    failed,
    async close() {
      isClosing = true;
      await child.stop();
    },
  };
}
