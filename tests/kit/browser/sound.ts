/** What is heard at a PulseAudio source, in numbers: so a test can say that a browser plays the stream's sound. */
import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';

/** Mono samples from -1 to 1. */
export type Sound = { samples: Float32Array; ratePerSecond: number };

const ratePerSecond = 16_000;

/**
 * Records `seconds` from the source (the private speaker's monitor by default); `env` is that of the PulseAudio
 * daemon. Throws with ffmpeg's words when nothing can be recorded.
 */
export async function listen(
  env: Readonly<Record<string, string>>,
  { seconds = 1, source = 'speaker.monitor' }: { seconds?: number; source?: string } = {},
): Promise<Sound> {
  const input = ['-f', 'pulse', '-i', source, '-t', `${seconds}`];
  const output = ['-ac', '1', '-ar', `${ratePerSecond}`, '-f', 's16le', '-'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (seconds + 10) * 1000,
  });
  const [bytes, problem] = await Promise.all([buffer(ffmpeg.stdout), text(ffmpeg.stderr)]);
  const samples = Float32Array.from(
    { length: bytes.length >> 1 },
    (_, i) => bytes.readInt16LE(i * 2) / 32768,
  );
  if (samples.length < (ratePerSecond * seconds) / 2) throw new Error(`ffmpeg recorded no sound: ${problem}`);
  return { samples, ratePerSecond };
}

/** The root mean square of the samples: 0 is silence, 0.7 a full sine. */
export function loudness({ samples }: Sound): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

/**
 * The share (0 to 1) of the sound's energy that lies within some 20 Hz of `hz`: one term of the Fourier transform of
 * each 50 ms, so that a gap on a busy machine spoils only its own.
 */
export function toneShare({ samples, ratePerSecond }: Sound, hz: number): number {
  const turn = (2 * Math.PI * hz) / ratePerSecond;
  const blockLength = ratePerSecond / 20;
  let [tone, energy] = [0, 0];
  for (let start = 0; start + blockLength <= samples.length; start += blockLength) {
    let [cosine, sine] = [0, 0];
    samples.subarray(start, start + blockLength).forEach((sample, i) => {
      cosine += sample * Math.cos(turn * i);
      sine += sample * Math.sin(turn * i);
      energy += sample * sample;
    });
    tone += (2 * (cosine ** 2 + sine ** 2)) / blockLength;
  }
  return energy === 0 ? 0 : tone / energy;
}
