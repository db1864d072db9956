/** What an encoder that hides nothing tells of itself, and what is left of it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cleanFragment, cleanInitSegment } from '../../app/segments/clean.ts';
import { parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart } from '../../app/segments/part.ts';
import { decode, probe } from '../kit/decode.ts';
import { type EncoderOptions, recordFolder } from '../kit/encoder.ts';
import { tellingIn } from '../kit/telling.ts';

async function recordRawAndClean(options: EncoderOptions): Promise<{ raw: Buffer; clean: Buffer }> {
  // libavcodec signs its sound again after 5.5 s.
  await using folder = await recordFolder({ ...options, durationS: 7 });
  const files = await Promise.all(
    ['init.mp4', ...folder.names].map(name => readFile(join(folder.dir, name))),
  );
  const raw = Buffer.concat(files);
  const [initBytes = Buffer.alloc(0), ...rest] = files;
  cleanInitSegment(initBytes);
  const init = parseInitSegment(initBytes);
  const parts = rest.map(file => {
    const part = parsePart(file, init);
    for (const fragment of part.fragments) cleanFragment(part.bytes, fragment, init.tracks);
    return part.bytes;
  });
  return { raw, clean: Buffer.concat([init.bytes, ...parts]) };
}

describe('Cleaned media', () => {
  for (const [name, options, told] of [
    ['H.264 and AAC', {}, ['Lavc', 'Lavf', 'x264', 'Secret', 'creation time']],
    ['H.264 and AAC in segments of 2 s', { partS: 2, gopFrames: 50 }, ['Lavc', 'Lavf', 'x264', 'Secret']],
    ['H.265', { video: 'libx265' }, ['Lavc', 'Lavf', 'x265', 'Secret']],
    ['VP9 and Opus', { video: 'libvpx-vp9', audio: 'libopus' }, ['Lavc', 'Lavf', 'libvpx', 'Secret']],
    ['AV1 and Opus', { video: 'libsvtav1', audio: 'libopus' }, ['Lavc', 'Lavf', 'libsvtav1', 'Secret']],
    ['sound alone', { video: 'none' }, ['Lavc', 'Lavf', 'Secret']],
  ] as const) {
    it(`tells nothing of the encoder of ${name}, and decodes as before`, async () => {
      const { raw, clean } = await recordRawAndClean(options);
      const before = tellingIn(raw);
      for (const word of told) assert.ok(before.includes(word), `the raw stream tells ${word}: ${before}`);
      assert.deepEqual(tellingIn(clean), []);

      const [probedRaw, probedClean] = [await probe({ bytes: raw }), await probe({ bytes: clean })];
      assert.deepEqual(Object.keys(probedClean.format.tags ?? {}).sort(), [
        'compatible_brands',
        'major_brand',
        'minor_version',
      ]);
      assert.deepEqual(probedClean.packets, probedRaw.packets);
      const [decodedRaw, decodedClean] = [await decode({ bytes: raw }), await decode({ bytes: clean })];
      assert.equal(decodedClean.complaints, '');
      assert.equal(decodedClean.frames, decodedRaw.frames);
    });
  }

  it('begins near zero where the encoder stamped it by its clock, with the tracks as they lay to each other', async () => {
    const clockS = 1_767_312_000;
    const { raw, clean } = await recordRawAndClean({ extra: ['-output_ts_offset', `${clockS}`] });
    const startsOf = async (bytes: Buffer): Promise<number[]> => {
      const { packets } = await probe({ bytes });
      return ['video', 'audio'].map(type =>
        Number(packets.find(({ codec_type }) => codec_type === type)?.dts_time),
      );
    };
    const [[video = 0, audio = 0], [videoRaw = 0, audioRaw = 0]] = [
      await startsOf(clean),
      await startsOf(raw),
    ];
    assert.ok(
      Math.abs(videoRaw - clockS) < 10 && Math.abs(audioRaw - clockS) < 10,
      `${videoRaw} ${audioRaw}`,
    );
    assert.ok(Math.abs(video) < 1 && Math.abs(audio) < 1, `${video} ${audio}`);
    assert.ok(Math.abs(video - audio - (videoRaw - audioRaw)) < 0.002);
    const { complaints } = await decode({ bytes: clean });
    assert.equal(complaints, '');
  });

  it('is searched for names that really are those of this machine', () => {
    const served = (text: string): string[] => tellingIn(Buffer.from(`\0\0 ${text} \0`));
    assert.deepEqual(served(hostname()), hostname().length >= 4 ? ['the host name'] : []);
    assert.deepEqual(served(userInfo().username), userInfo().username.length >= 4 ? ['the user name'] : []);
    assert.deepEqual(served('nothing of the kind'), []);
  });
});
