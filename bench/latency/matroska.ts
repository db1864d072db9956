/**
 * Raw pictures and sound as Matroska (RFC 9559) that is written while it happens: what a recorder would pipe into the
 * launcher. No packet waits for another one.
 */

/** An element's id, as the bytes of its hexadecimal name, and its content. */
function element(id: string, ...content: Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const size = Buffer.alloc(8);
  // Eight octets of size, whatever it is (RFC 8794 §4).
  size.writeBigUInt64BE((1n << 56n) | BigInt(length));
  return Buffer.concat([Buffer.from(id, 'hex'), size, ...content]);
}

function ofUnknownSize(id: string, ...content: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(`${id}01ffffffffffffff`, 'hex'), ...content]);
}

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.round(value)));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export type RawTracks = { width: number; height: number; frameRate: number; sampleRate: number };

const [videoTrack, audioTrack] = [1, 2];

/** The beginning of the file: I420 pictures, and mono samples of 16 bits, little endian. */
export function matroskaHeader({ width, height, frameRate, sampleRate }: RawTracks): Buffer {
  const text = (value: string): Buffer => Buffer.from(value, 'latin1');
  return Buffer.concat([
    element('1a45dfa3', element('4282', text('matroska')), element('4287', unsigned(4))),
    ofUnknownSize(
      '18538067',
      // Timestamps in milliseconds.
      element('1549a966', element('2ad7b1', unsigned(1_000_000))),
      element(
        '1654ae6b',
        element(
          'ae',
          element('d7', unsigned(videoTrack)),
          element('73c5', unsigned(videoTrack)),
          element('83', unsigned(1)),
          element('86', text('V_UNCOMPRESSED')),
          element('23e383', unsigned(1e9 / frameRate)),
          element(
            'e0',
            element('b0', unsigned(width)),
            element('ba', unsigned(height)),
            element('2eb524', text('I420')),
          ),
        ),
        element(
          'ae',
          element('d7', unsigned(audioTrack)),
          element('73c5', unsigned(audioTrack)),
          element('83', unsigned(2)),
          element('86', text('A_PCM/INT/LIT')),
          element(
            'e1',
            element('b5', float(sampleRate)),
            element('9f', unsigned(1)),
            element('6264', unsigned(16)),
          ),
        ),
      ),
    ),
  ]);
}

/** A cluster to which blocks may be added until the next one begins. */
export function matroskaCluster(atMs: number): Buffer {
  return ofUnknownSize('1f43b675', element('e7', unsigned(atMs)));
}

/** `sinceClusterMs` below 32768. The payload is written after it as it is. */
export function blockHeader(track: 'video' | 'audio', sinceClusterMs: number, payloadBytes: number): Buffer {
  const head = Buffer.alloc(4);
  head[0] = 0x80 | (track === 'video' ? videoTrack : audioTrack);
  head.writeInt16BE(Math.round(sinceClusterMs), 1);
  // A keyframe, as every raw picture is.
  head[3] = 0x80;
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE((1n << 56n) | BigInt(payloadBytes + head.length));
  return Buffer.concat([Buffer.from('a3', 'hex'), size, head]);
}
