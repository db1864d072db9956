/** When a browser has nothing to do. Linux only: it reads /proc. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

// Clock ticks a second in /proc/PID/stat (proc_pid_stat(5)): 100 on every Linux that Node runs on.
const ticksPerSecond = 100;
const lookMs = 400;
const idleShare = 0.25;

/** Processor seconds that the processes of a group have used. */
async function usedSeconds(group: number): Promise<number> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')));
  return stats.reduce((sum, stat) => {
    // After the program's name, which may hold anything: state, ppid, pgrp, …, utime and stime as fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[2]) === group
      ? sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
      : sum;
  }, 0);
}

/** Resolves once the process group takes less than a quarter of a processor, at the latest after `deadlineMs`. */
export async function untilIdle(group: number, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (let before = await usedSeconds(group); performance.now() < deadline; ) {
    await delay(lookMs);
    const now = await usedSeconds(group);
    if (now - before < (idleShare * lookMs) / 1000) return;
    before = now;
  }
}
