import { readFile } from 'node:fs/promises';
import { isProcessAlive } from '../lib/process-alive.ts';

/** Linux counts process start times in 1/100 s, whatever the kernel's own tick is (proc(5)). */
const ticksPerSecond = 100;
/** btime is whole seconds, and the clock may have been set a little since. */
const toleranceMs = 3_000;

/**
 * Whether the process that a file written at `writtenMs` names still runs. One that began after the file was written
 * only got the same id, a zombie runs no more; where /proc does not tell, being alive is enough.
 */
export async function isStillRunning(pid: number, writtenMs: number): Promise<boolean> {
  if (!isProcessAlive(pid)) return false;
  try {
    const [ofProcess, ofSystem] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/stat', 'utf8'),
    ]);
    // Fields 3 (state) and 22 (start time); field 2, the name, is in parentheses and may hold anything.
    const fields = ofProcess.slice(ofProcess.lastIndexOf(')') + 2).split(' ');
    const bootS = Number(/^btime (\d+)$/m.exec(ofSystem)?.[1]);
    const startedMs = (bootS + Number(fields[19]) / ticksPerSecond) * 1000;
    return fields[0] !== 'Z' && !(startedMs > writtenMs + toleranceMs);
  } catch {
    return isProcessAlive(pid);
  }
}
