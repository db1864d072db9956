/** What ffmpeg says of itself every half second (`-progress`): numbers since its start. */
export type Progress = {
  frames: number;
  fps: number;
  droppedFrames: number;
  duplicatedFrames: number;
  /** 1 is as fast as the clock; undefined before it is known. */
  speed: number | undefined;
  outTimeMs: number;
};

/**
 * Collects `key=value` lines into one Progress per block; a block ends with `progress=continue` or `progress=end`.
 * Values that ffmpeg does not know yet are `N/A`.
 */
export function createProgressParser(onProgress: (progress: Progress) => void): (line: string) => void {
  let values: Record<string, string> = {};
  const number = (key: string) => Number.parseFloat(values[key] ?? '');
  return line => {
    const [key = '', value = ''] = line.split('=', 2);
    values[key.trim()] = value.trim();
    if (key.trim() !== 'progress') return;
    const speed = number('speed');
    onProgress({
      frames: number('frame') || 0,
      fps: number('fps') || 0,
      droppedFrames: number('drop_frames') || 0,
      duplicatedFrames: number('dup_frames') || 0,
      speed: Number.isFinite(speed) ? speed : undefined,
      outTimeMs: Math.max(0, number('out_time_us') / 1000 || 0),
    });
    values = {};
  };
}
