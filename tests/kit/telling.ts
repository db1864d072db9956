/** What served bytes must not tell. */
import { hostname, userInfo } from 'node:os';

const words = [
  ...[
    'Lavf',
    'Lavc',
    'FFmpeg',
    'ffmpeg',
    'GPAC',
    'obs-',
    'x264',
    'x265',
    'libvpx',
    'libsvtav1',
    'SVT-AV1',
    'aomenc',
  ],
  ...['VideoHandler', 'SoundHandler', 'Secret', 'creation_time'],
];

// Version and flags, then creation and modification time, 4 bytes each in version 0, 8 in version 1.
const timed = /(?:mvhd|tkhd|mdhd)(?:\0[\s\S]{3}([\s\S]{8})|\x01[\s\S]{3}([\s\S]{16}))/g;

/** The words found in the bytes, `creation time` for one that is not zero, and names of this machine. */
export function tellingIn(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const found = words.filter(word => text.includes(word));
  const times = [...text.matchAll(timed)].map(match => match[1] ?? match[2] ?? '');
  if (times.some(time => /[^\0]/.test(time))) found.push('creation time');
  // Shorter names turn up in compressed pictures by chance.
  const names = { 'the host name': hostname(), 'the user name': userInfo().username };
  for (const [what, name] of Object.entries(names))
    if (name.length >= 4 && text.includes(name)) found.push(what);
  return found;
}
