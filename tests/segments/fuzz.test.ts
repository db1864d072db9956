/** Broken files: whatever is wrong with them, they are refused by a Failure or read, soon. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { codeOf, Failure } from '../../app/lib/failure.ts';
import { cleanFragment, cleanInitSegment } from '../../app/segments/clean.ts';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart, shiftPart } from '../../app/segments/part.ts';
import { parsePlaylist } from '../../app/segments/playlist.ts';
import { type EncoderOptions, recordFolder } from '../kit/encoder.ts';
import { below, seeded } from '../kit/seeded.ts';

type Sample = { name: string; init: Buffer; part: Buffer };
type Outcome = 'read' | 'refused';

function readInit(bytes: Buffer): InitSegment {
  cleanInitSegment(bytes);
  return parseInitSegment(bytes);
}

/** All that happens to a part on its way into the window. */
function readPart(bytes: Buffer, init: InitSegment): void {
  const part = parsePart(bytes, init);
  for (const fragment of part.fragments) cleanFragment(part.bytes, fragment, init.tracks);
  shiftPart(part, init, 12_345);
}

function outcomeOf(read: () => void, what: string): Outcome {
  const begun = performance.now();
  try {
    read();
    return 'read';
  } catch (error) {
    assert.ok(error instanceof Failure, `${what}: ${error instanceof Error ? error.stack : error}`);
    assert.match(codeOf(error) ?? '', /^(mp4-malformed|part-unsupported|playlist-invalid)$/, what);
    return 'refused';
  } finally {
    const ms = performance.now() - begun;
    assert.ok(ms < 1000, `${what} took ${ms} ms`);
  }
}

/** A copy with up to eight bits turned over or bytes replaced, most of them where the boxes are. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const end = random() < 0.8 ? Math.min(copy.length, 1400) : copy.length;
  for (let times = 1 + below(random, 8); times > 0; times -= 1) {
    const at = below(random, end);
    const extreme = random() < 0.3 ? 0xff : (copy[at] ?? 0) ^ (1 << below(random, 8));
    copy.writeUInt8(extreme, at);
  }
  return copy;
}

async function recorded(name: string, options: EncoderOptions): Promise<Sample> {
  await using folder = await recordFolder({ ...options, durationS: 1 });
  const [init = Buffer.alloc(0), part = Buffer.alloc(0)] = await Promise.all(
    ['init.mp4', folder.names[0] ?? ''].map(file => readFile(join(folder.dir, file))),
  );
  return { name, init, part };
}

describe('Broken files', () => {
  let samples: Sample[] = [];

  before(async () => {
    samples = [
      await recorded('H.264', {}),
      await recorded('H.265', { video: 'libx265' }),
      await recorded('AV1', { video: 'libsvtav1', audio: 'libopus' }),
    ];
  });

  it('cut anywhere are read as far as that makes sense, or refused', () => {
    for (const { name, init, part } of samples) {
      const whole = readInit(Buffer.from(init));
      let refused = 0;
      for (let length = 0; length < init.length; length += 1) {
        const cut = Buffer.from(init.subarray(0, length));
        if (outcomeOf(() => readInit(cut), `${name} init cut to ${length}`) === 'refused') refused += 1;
      }
      // Without its last box, user data, it is whole.
      assert.ok(
        refused > init.length * 0.8,
        `${name}: ${refused} of ${init.length} cut init segments are refused`,
      );
      for (let length = 0; length < part.length; length += 1 + Math.floor(length / 300)) {
        const cut = Buffer.from(part.subarray(0, length));
        assert.equal(
          outcomeOf(() => readPart(cut, whole), `${name} part cut to ${length}`),
          'refused',
        );
      }
    }
  });

  it('with damaged bytes are read or refused, never anything else', () => {
    const random = seeded(20_240_506);
    const seen = new Map<Outcome, number>();
    for (const { name, init, part } of samples) {
      const whole = readInit(Buffer.from(init));
      for (let round = 0; round < 3000; round += 1) {
        const badInit = damaged(init, random);
        const badPart = damaged(part, random);
        for (const outcome of [
          outcomeOf(() => readInit(badInit), `${name} init, round ${round}`),
          outcomeOf(() => readPart(badPart, whole), `${name} part, round ${round}`),
        ]) {
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        }
      }
    }
    assert.ok((seen.get('read') ?? 0) > 500, 'damage to the picture alone is not noticed');
    assert.ok((seen.get('refused') ?? 0) > 500, 'damage to boxes is');
  });

  it('of pure noise are refused', () => {
    const random = seeded(7);
    const whole = readInit(Buffer.from(samples[0]?.init ?? []));
    for (let round = 0; round < 300; round += 1) {
      const noise = Buffer.from(Array.from({ length: below(random, 3000) }, () => below(random, 256)));
      assert.equal(
        outcomeOf(() => readInit(Buffer.from(noise)), `noise ${round}`),
        'refused',
      );
      assert.equal(
        outcomeOf(() => readPart(noise, whole), `noise ${round}`),
        'refused',
      );
    }
  });

  it('with boxes that claim to be shorter than their own headers are refused soon', () => {
    const init = readInit(Buffer.from(samples[0]?.init ?? []));
    for (const [size, largeSize] of [
      [1, 0],
      [1, 15],
      [2, 0],
      [7, 0],
    ] as const) {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32BE(size);
      bytes.write('moof', 4, 'latin1');
      bytes.writeBigUInt64BE(BigInt(largeSize), 8);
      assert.equal(
        outcomeOf(() => readPart(bytes, init), `${size} ${largeSize}`),
        'refused',
      );
      assert.equal(
        outcomeOf(() => readInit(bytes), `${size} ${largeSize}`),
        'refused',
      );
    }
  });

  it('that claim millions of samples in a few bytes are refused soon', () => {
    const init = readInit(Buffer.from(samples[0]?.init ?? []));
    const box = (type: string, ...payloads: Buffer[]): Buffer => {
      const payload = Buffer.concat(payloads);
      const header = Buffer.alloc(8);
      header.writeUInt32BE(payload.length + 8);
      header.write(type, 4, 'latin1');
      return Buffer.concat([header, payload]);
    };
    const u32 = (...values: number[]): Buffer =>
      Buffer.concat(
        values.map(value =>
          Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]),
        ),
      );
    // Default duration and size (both 0), then truns of 19 999 samples that take no byte each.
    const tfhd = box('tfhd', u32(0x000018, 1, 0, 0));
    const truns = Array.from({ length: 20_000 }, () => box('trun', u32(0, 19_999)));
    const traf = box('traf', tfhd, box('tfdt', u32(0, 0)), ...truns);
    const oneRun = Buffer.concat([box('moof', traf), box('mdat')]);
    assert.equal(
      outcomeOf(() => readPart(oneRun, init), 'one run'),
      'refused',
    );
    const small = box('traf', tfhd, box('tfdt', u32(0, 0)), box('trun', u32(0, 19_999)));
    const manyRuns = Buffer.concat([box('moof', ...truns.map(() => small)), box('mdat')]);
    assert.equal(
      outcomeOf(() => readPart(manyRuns, init), 'many runs'),
      'refused',
    );
  });

  it('of a time that no stream reaches are refused', () => {
    const [sample] = samples;
    assert.ok(sample);
    const init = readInit(Buffer.from(sample.init));
    const part = Buffer.from(sample.part);
    part.fill(0xff, part.indexOf('tfdt') + 8, part.indexOf('tfdt') + 16);
    assert.equal(
      outcomeOf(() => readPart(part, init), 'the end of time'),
      'refused',
    );
  });

  it('leave the playlist parser with a playlist or a refusal', () => {
    const random = seeded(99);
    const good = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:0.2,\nstream0.m4s\n#EXT-X-ENDLIST\n';
    for (let round = 0; round < 3000; round += 1) {
      const text = damaged(Buffer.from(good), random).toString('utf8');
      outcomeOf(() => parsePlaylist(text), JSON.stringify(text));
    }
  });
});
