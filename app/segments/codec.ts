import { type Box, FieldReader, findBox } from './boxes.ts';

const hex = (value: number): string => value.toString(16).padStart(2, '0');
const two = (value: number): string => String(value).padStart(2, '0');

// A visual sample entry has 78 bytes before its first child box, an audio one 28 (ISO/IEC 14496-12 §12.1.3, §12.2.3).
const visualFieldsBytes = 78;
const audioFieldsBytes = 28;

function childOf(bytes: Buffer, entry: Box, fieldsBytes: number, type: string): FieldReader | undefined {
  const child = findBox(bytes, type, { ...entry, body: entry.body + fieldsBytes });
  return child && new FieldReader(bytes, child);
}

/** The length of an MPEG-4 descriptor: 7 bits a byte, the top bit says that more follow (ISO/IEC 14496-1 §8.3.3). */
function skipDescriptorHeader(fields: FieldReader): void {
  fields.u8();
  while (fields.u8() & 0x80);
}

function aacCodec(esds: FieldReader | undefined): string {
  if (!esds) return 'mp4a.40.2';
  esds.skip(4);
  skipDescriptorHeader(esds); // ES_Descriptor
  esds.skip(3);
  skipDescriptorHeader(esds); // DecoderConfigDescriptor
  const objectType = esds.u8();
  esds.skip(12);
  skipDescriptorHeader(esds); // DecoderSpecificInfo
  return `mp4a.${hex(objectType)}.${esds.u8() >> 3}`;
}

/** The RFC 6381 name of a sample entry, or its four characters where we know no more of it. */
export function codecOf(bytes: Buffer, entry: Box): string {
  switch (entry.type) {
    case 'avc1':
    case 'avc3': {
      const avcC = childOf(bytes, entry, visualFieldsBytes, 'avcC')?.skip(1);
      return avcC ? `${entry.type}.${hex(avcC.u8())}${hex(avcC.u8())}${hex(avcC.u8())}` : entry.type;
    }
    case 'vp09': {
      const vpcC = childOf(bytes, entry, visualFieldsBytes, 'vpcC')?.skip(4);
      return vpcC ? `vp09.${two(vpcC.u8())}.${two(vpcC.u8())}.${two(vpcC.u8() >> 4)}` : entry.type;
    }
    case 'av01': {
      const av1C = childOf(bytes, entry, visualFieldsBytes, 'av1C')?.skip(1);
      if (!av1C) return entry.type;
      const profileAndLevel = av1C.u8();
      const flags = av1C.u8();
      const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
      const tier = flags & 0x80 ? 'H' : 'M';
      return `av01.${profileAndLevel >> 5}.${two(profileAndLevel & 0x1f)}${tier}.${two(depth)}`;
    }
    case 'mp4a':
      return aacCodec(childOf(bytes, entry, audioFieldsBytes, 'esds'));
    case 'Opus':
      return 'opus';
    default:
      return entry.type;
  }
}
