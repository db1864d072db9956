/** Mono sound as numbers from -1 to 1, and its way from and to WAV. */
import { Failure } from '../../lib/failure.ts';
import { between, type Random } from './random.ts';

/** Samples at `sampleRate`. */
export type Clip = Float32Array;

/** Hz: enough for s and f to differ, and half of what espeak-ng makes. */
export const sampleRate = 11_025;

const silence = 0.01;

/** What espeak-ng writes (WAV, 16 bits, mono, 22050 Hz), without the silence around it and as loud as can be. */
export function clipOf(wav: Buffer): Clip {
  const isExpected =
    wav.toString('latin1', 0, 4) === 'RIFF' &&
    wav.readUInt16LE(22) === 1 &&
    wav.readUInt32LE(24) === 2 * sampleRate;
  const data = wav.indexOf('data', 12, 'latin1');
  if (!isExpected || data < 0) {
    throw new Failure(
      'sound-format',
      `Expected WAV, mono, ${2 * sampleRate} Hz; got ${wav.length} bytes of something else.`,
      {
        bytes: wav.length,
      },
    );
  }
  const samples = Float32Array.from({ length: Math.floor((wav.length - data - 8) / 4) }, (_, index) => {
    const at = data + 8 + 4 * index;
    return (wav.readInt16LE(at) + wav.readInt16LE(at + 2)) / 2;
  });
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  const loud = samples.map(sample => sample / peak);
  const isHeard = (sample: number) => Math.abs(sample) > silence;
  return loud.slice(Math.max(0, loud.findIndex(isHeard)), loud.findLastIndex(isHeard) + 1);
}

/** The clip faster and higher (above 1) or slower and deeper. */
export function retuned(clip: Clip, factor: number): Clip {
  const tuned = new Float32Array(Math.floor(clip.length / factor));
  for (let i = 0; i < tuned.length; i++) {
    const at = i * factor;
    const before = Math.floor(at);
    const share = at - before;
    tuned[i] = (clip[before] ?? 0) * (1 - share) + (clip[before + 1] ?? 0) * share;
  }
  return tuned;
}

/**
 * The clips in order, each in its own pitch and after its own pause, under a murmur of the same clips backwards: a
 * noise made of speech, which no filter tells from speech.
 */
export function mixed(clips: readonly Clip[], random: Random): Clip {
  const voices = clips.map(clip => retuned(clip, between(random, 0.9, 1.12)));
  const pauses = voices.map(() => Math.round(between(random, 0.5, 0.9) * sampleRate));
  const length = voices.reduce(
    (sum, voice, index) => sum + voice.length + (pauses[index] ?? 0),
    sampleRate / 2,
  );
  const mix = new Float32Array(Math.ceil(length));

  let at = 0;
  voices.forEach((voice, index) => {
    at += pauses[index] ?? 0;
    add(mix, { clip: voice, at, gain: 0.75 });
    at += voice.length;
  });
  for (
    let start = 0;
    start < mix.length && clips.length > 0;
    start += Math.round(between(random, 0.15, 0.4) * sampleRate)
  ) {
    const clip = clips[Math.floor(random() * clips.length)] ?? new Float32Array();
    const murmur = retuned(clip, between(random, 0.8, 1.3)).reverse();
    add(mix, { clip: murmur, at: start, gain: between(random, 0.06, 0.14) });
  }
  return mix;
}

function add(mix: Clip, { clip, at, gain }: { clip: Clip; at: number; gain: number }): void {
  const end = Math.min(clip.length, mix.length - at);
  for (let i = 0; i < end; i++) mix[at + i] = (mix[at + i] ?? 0) + gain * (clip[i] ?? 0);
}

/** WAV of 8 bits a sample, which are enough for speech under a murmur. */
export function encodeWav(clip: Clip): Buffer {
  const headerBytes = 44;
  const wav = Buffer.alloc(headerBytes + clip.length + (clip.length % 2));
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // channels
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate, 28); // bytes a second
  wav.writeUInt16LE(1, 32); // bytes a frame
  wav.writeUInt16LE(8, 34); // bits a sample
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(clip.length, 40);
  for (let i = 0; i < clip.length; i++) {
    wav[headerBytes + i] = Math.min(255, Math.max(0, Math.round(128 + 127 * (clip[i] ?? 0))));
  }
  return wav;
}
