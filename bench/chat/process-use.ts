import { readFile } from 'node:fs/promises';

// USER_HZ, which Linux fixes for /proc on all common machines.
const ticksPerSecond = 100;

export type Use = { atMs: number; cpuS: number; rssBytes: number };

/** What a process has used so far (proc(5)); Linux only. */
export async function useOf(pid: number): Promise<Use> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // The second field is the name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return { atMs: performance.now(), cpuS: (user + system) / ticksPerSecond, rssBytes: rssKb * 1024 };
}
