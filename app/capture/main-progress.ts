import type { CaptureConfig } from './config.ts';
import type { Progress } from './progress.ts';

/**
 * ffmpeg's numbers for the main rendition alone. Slides leave nearly every picture out, and the newest of them may be
 * ahead in time: neither is news to the broadcaster.
 */
export function mainProgress(
  progress: Progress,
  { frameRate, renditions }: Pick<CaptureConfig, 'frameRate' | 'renditions'>,
): Progress {
  const { frames, fps, droppedFrames, duplicatedFrames } = progress;
  const slides = renditions.filter(each => each.kind === 'slides');
  if (slides.length === 0) return progress;
  const pictures = 1 + renditions.filter(each => each.kind === 'pictures').length;
  const came = frames - duplicatedFrames / pictures;
  const leftOut = slides.reduce((sum, { everyS }) => sum + came - frames / (frameRate * everyS), 0);
  // ffmpeg up to 6 counts all outputs together, later ones the first alone, where it can't be as many. A slide more or
  // less is nothing.
  const countsAll = droppedFrames > leftOut / 2;
  const dropped = countsAll
    ? (droppedFrames - leftOut - 2 * slides.length) / (pictures + slides.length)
    : droppedFrames;
  return {
    ...progress,
    droppedFrames: Math.max(0, Math.round(dropped)),
    speed: fps > 0 ? fps / frameRate : progress.speed,
    outTimeMs: (frames / frameRate) * 1000,
  };
}
