import type { InitSegment } from '../../segments/init-segment.ts';
import type { RunToWrite } from './fragment.ts';

// Samples in an AAC-LC frame (ISO/IEC 14496-3 §4.5.1.1).
const frameTicks = 1024;

/** Bits, most significant first, padded to whole bytes. */
function pack(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  return Buffer.from((padded.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)));
}

/**
 * One AAC-LC frame of silence as a raw_data_block (ISO/IEC 14496-3 §4.4.2.1): no scale factor band is used
 * (max_sfb = 0), so nothing follows the headers. `channels` is 1 or 2.
 */
export function silentAacFrame(channels: 1 | 2): Buffer {
  const icsInfo = '0' + '00' + '0' + '000000' + '0'; // reserved, ONLY_LONG_SEQUENCE, window_shape, max_sfb, prediction
  const globalGain = '00000000';
  const tools = '0' + '0' + '0'; // no pulse data, TNS, gain control
  const end = '111';
  if (channels === 1) return pack(`000${'0000'}${globalGain}${icsInfo}${tools}${end}`); // single_channel_element
  // channel_pair_element with common_window and no mid/side stereo
  return pack(`001${'0000'}1${icsInfo}00${globalGain}${tools}${globalGain}${tools}${end}`);
}

/** `lengthMs` of silence for the channel's sound, or undefined where it is no AAC of one or two channels. */
export function silence(init: InitSegment, startMs: number, lengthMs: number): RunToWrite | undefined {
  const track = init.tracks.find(({ kind }) => kind === 'audio');
  if (!track?.codec.startsWith('mp4a.40') || (track.channels !== 1 && track.channels !== 2)) return undefined;
  const data = silentAacFrame(track.channels);
  const frames = Math.ceil(((lengthMs / 1000) * track.timescale) / frameTicks);
  return {
    trackId: track.id,
    decodeTime: Math.round((startMs / 1000) * track.timescale),
    samples: Array.from({ length: frames }, () => ({ data, durationTicks: frameTicks })),
  };
}
