/** JPEG files (ITU-T T.81 annex B) as far as they say what must not reach a viewer. */

const [soi, eoi, sos, com] = [0xd8, 0xd9, 0xda, 0xfe];
const isApplicationData = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;
/** Says how colours are coded (Adobe), and nothing else that a decoder needs stands in an application segment. */
const adobe = 0xee;
/** Markers without a length: RST0 to RST7, and TEM. */
const standsAlone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;

/**
 * The picture without comments, thumbnails, positions and programs' names (COM and APPn segments). Undefined for what is
 * no JPEG or not all of one.
 */
export function cleanJpeg(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xff00 + soi) return undefined;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  for (let at = 2; at + 2 <= bytes.length; ) {
    if (bytes.readUInt8(at) !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    // Any number of 0xff may fill up before a marker (B.1.1.2).
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === eoi) return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
    const headerEnd = standsAlone(marker) ? at + 2 : endOfSegment(bytes, at);
    if (headerEnd === undefined) return undefined;
    const end = marker === sos ? endOfScan(bytes, headerEnd) : headerEnd;
    if (marker !== com && (!isApplicationData(marker) || marker === adobe))
      kept.push(bytes.subarray(at, end));
    at = end;
  }
  return undefined;
}

function endOfSegment(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  const end = at + 2 + length;
  return length < 2 || end > bytes.length ? undefined : end;
}

/** Entropy-coded data last until a marker that is neither a stuffed byte nor a restart (B.1.1.5). */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
