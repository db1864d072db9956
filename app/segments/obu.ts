/** Open Bitstream Units of AV1 in samples (AV1 §5.3, AV1-ISOBMFF §2.4): only as far as their types go. */
import type { Sample } from './part.ts';

const sequenceHeaderType = 1;

/** Whether a sample brings its own sequence header, so that it decodes without the one of the init segment. */
export function hasSequenceHeader(bytes: Buffer, { offset, sizeBytes }: Sample): boolean {
  const end = offset + sizeBytes;
  for (let at = offset; at < end; ) {
    const header = bytes.readUInt8(at);
    if (((header >> 3) & 0xf) === sequenceHeaderType) return true;
    const hasExtension = (header & 0x04) !== 0;
    const hasSize = (header & 0x02) !== 0;
    // Only the last one of a sample may be without.
    if (!hasSize) return false;
    const size = readLeb128(bytes, at + (hasExtension ? 2 : 1), end);
    if (!size) return false;
    at = size.end + size.value;
  }
  return false;
}

/** AV1 §4.10.5: seven bits a byte, the lowest first, the top bit says that more follow. */
function readLeb128(bytes: Buffer, from: number, to: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 8 && from + index < to; index += 1) {
    const byte = bytes.readUInt8(from + index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, end: from + index + 1 };
  }
  return undefined;
}
