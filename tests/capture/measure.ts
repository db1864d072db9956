/** What is in a recording, as ffmpeg measures it: how loud it is, how much the picture moves and how bright it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

async function ffmpeg(bytes: Uint8Array, args: readonly string[]): Promise<string> {
  const command = [
    '--pdeathsig',
    'KILL',
    'ffmpeg',
    '-hide_banner',
    '-loglevel',
    'info',
    '-i',
    'pipe:0',
    ...args,
  ];
  const child = spawn('setpriv', [...command, '-f', 'null', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return stdout + stderr;
}

/** Mean volume in dB below full scale; about -91 for silence. */
export async function loudnessDb(bytes: Uint8Array): Promise<number> {
  const told = await ffmpeg(bytes, ['-vn', '-af', 'volumedetect']);
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(told)?.[1]);
}

/** Mean difference of each picture to the one before, of 255 steps of brightness; `area` is a crop filter's value. */
export async function movement(bytes: Uint8Array, area = 'iw:ih:0:0'): Promise<number[]> {
  return await statistics(bytes, area, 'YDIF');
}

/** Mean brightness of each picture, 16 for black and 235 for white. */
export async function brightness(bytes: Uint8Array, area = 'iw:ih:0:0'): Promise<number[]> {
  return await statistics(bytes, area, 'YAVG');
}

async function statistics(bytes: Uint8Array, area: string, name: string): Promise<number[]> {
  const filter = `crop=${area},signalstats,metadata=print:key=lavfi.signalstats.${name}:file=-`;
  const told = await ffmpeg(bytes, ['-an', '-vf', filter]);
  return [...told.matchAll(new RegExp(`${name}=([\\d.]+)`, 'g'))].map(match => Number(match[1]));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
