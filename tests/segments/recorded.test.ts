/** Init segments and parts against what ffprobe says of the same files. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { durationTicksOf, type ParsedPart, parsePart, shiftPart } from '../../app/segments/part.ts';
import { decode, type Probed, probe } from '../kit/decode.ts';
import { type EncoderOptions, recordFolder } from '../kit/encoder.ts';

type Recorded = { init: InitSegment; parts: ParsedPart[]; probed: Probed; files: Buffer[] };

async function record(options: EncoderOptions, durationS = 3): Promise<Recorded> {
  await using folder = await recordFolder({ ...options, durationS });
  const files = await Promise.all(
    ['init.mp4', ...folder.names].map(name => readFile(join(folder.dir, name))),
  );
  const init = parseInitSegment(files[0] ?? Buffer.alloc(0));
  const parts = files.slice(1).map(file => parsePart(file, init));
  return { init, parts, probed: await probe({ bytes: Buffer.concat(files) }), files };
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Decode time, duration and size of every sample of a track, in seconds and bytes, as we read them. */
function samplesOf({ init, parts }: Recorded, kind: 'video' | 'audio') {
  const track = init.tracks.find(candidate => candidate.kind === kind);
  assert.ok(track, `there is a ${kind} track`);
  const runs = parts.flatMap(part => part.fragments.flatMap(({ runs }) => runs));
  return runs
    .filter(run => run.trackId === track.id)
    .flatMap(run => {
      let ticks = run.decodeTime;
      return run.samples.map(sample => {
        const atS = ticks / track.timescale;
        ticks += sample.durationTicks;
        return { atS, sizeBytes: sample.sizeBytes, sync: sample.sync };
      });
    });
}

function assertSamplesAsProbed(recorded: Recorded, kind: 'video' | 'audio'): void {
  const packets = recorded.probed.packets.filter(packet => packet.codec_type === kind);
  const samples = samplesOf(recorded, kind);
  assert.ok(samples.length > 20);
  assert.deepEqual(
    samples.map(({ sizeBytes, sync }) => [sizeBytes, sync]),
    packets.map(({ size, flags }) => [size, flags.startsWith('K')]),
  );
  // ffprobe subtracts the encoder's delay, which an edit list tells it of.
  const shiftS = (samples[0]?.atS ?? 0) - (packets[0]?.dts_time ?? 0);
  for (const [index, packet] of packets.entries()) {
    assert.ok(Math.abs((samples[index]?.atS ?? 0) - shiftS - packet.dts_time) < 0.0001, `sample ${index}`);
  }
}

describe('H.264 and AAC in parts of 0.2 s', async () => {
  const recorded = await record({});
  const { init, parts, files } = recorded;

  it('has two tracks with the codecs, clocks and sizes that ffprobe sees', () => {
    const [video, audio] = init.tracks;
    const level = recorded.probed.streams[0]?.level ?? 0;
    assert.equal(video?.codec, `avc1.42c0${level.toString(16).padStart(2, '0')}`);
    assert.equal(audio?.codec, 'mp4a.40.2');
    assert.deepEqual(
      init.tracks.map(({ kind, timescale, width, height }) => [kind, `1/${timescale}`, width, height]),
      recorded.probed.streams.map(({ codec_type, time_base, width = 0, height = 0 }) => [
        codec_type,
        time_base,
        width,
        height,
      ]),
    );
  });

  it('finds every sample with its time, size and sync flag', () => {
    assertSamplesAsProbed(recorded, 'video');
    assertSamplesAsProbed(recorded, 'audio');
  });

  it('is independent, and brings its parameter sets, exactly where a keyframe begins the part', () => {
    assert.equal(parts.length, 15);
    for (const [index, part] of parts.entries()) {
      assert.ok(Math.abs(part.durationMs - 200) < 0.01, `part ${index} lasts ${part.durationMs} ms`);
      assert.equal(part.independent, index % 5 === 0, `part ${index}`);
      assert.equal(part.selfContained, part.independent, `part ${index}`);
    }
  });

  it('keeps moof and mdat, and nothing before them', async () => {
    for (const part of parts) assert.equal(part.bytes.toString('latin1', 4, 8), 'moof');
    const served = Buffer.concat([init.bytes, ...parts.map(part => part.bytes)]);
    const wasted = total(files.map(file => file.length)) - served.length;
    assert.ok(wasted > 0, 'styp and sidx are gone');
    assert.deepEqual(await probe({ bytes: served }), recorded.probed);
  });

  it('joins: each part begins where the part before ends, in both tracks', () => {
    for (const track of init.tracks) {
      let expected: number | undefined;
      for (const part of parts) {
        for (const run of part.fragments.flatMap(({ runs }) => runs)) {
          if (run.trackId !== track.id) continue;
          if (expected !== undefined) assert.equal(run.decodeTime, expected);
          expected = run.decodeTime + durationTicksOf(run);
        }
      }
    }
  });

  it('without its pictures is as long as its sound', () => {
    const [file = Buffer.alloc(0), whole] = [files[4], parts[3]];
    const blind = Buffer.from(file);
    // The first track is the video's.
    blind.write('free', blind.indexOf('traf'), 'latin1');
    const part = parsePart(blind, init);
    assert.deepEqual([part.fragments[0]?.runs.length, part.independent], [1, false]);
    assert.ok(Math.abs(part.durationMs - (whole?.durationMs ?? 0)) < 25, `${part.durationMs} ms`);
  });

  it('moves both tracks by the same time when it is shifted, and still decodes', async () => {
    const moved = files.slice(1).map(file => parsePart(file, init));
    const shiftMs = 123_456.789;
    for (const part of moved) shiftPart(part, init, shiftMs);
    const bytes = Buffer.concat([init.bytes, ...moved.map(part => part.bytes)]);
    const probed = await probe({ bytes });
    for (const [index, packet] of probed.packets.entries()) {
      const before = recorded.probed.packets[index]?.dts_time ?? 0;
      assert.ok(Math.abs(packet.dts_time - before - shiftMs / 1000) < 0.0002, `packet ${index}`);
    }
    assert.deepEqual(
      moved.map(part => part.fragments.map(({ runs }) => runs.map(run => run.decodeTime))),
      moved.map(part =>
        parsePart(part.bytes, init).fragments.map(({ runs }) => runs.map(run => run.decodeTime)),
      ),
    );
    assert.equal((await decode({ bytes })).complaints, '');
  });
});

describe('Other streams', () => {
  it('reads segments of 2 s with four times the samples', async () => {
    const recorded = await record({ partS: 2, gopFrames: 50 }, 6);
    assert.deepEqual(
      recorded.parts.map(part => [Math.round(part.durationMs), part.independent, part.selfContained]),
      [1, 2, 3].map(() => [2000, true, true]),
    );
    assertSamplesAsProbed(recorded, 'video');
    assertSamplesAsProbed(recorded, 'audio');
  });

  it('takes every part of a stream without picture as independent, and measures its sound', async () => {
    const recorded = await record({ video: 'none' });
    assert.deepEqual(
      recorded.init.tracks.map(({ kind, codec }) => [kind, codec]),
      [['audio', 'mp4a.40.2']],
    );
    assert.ok(recorded.parts.every(part => part.independent && !part.selfContained));
    const durationMs = total(recorded.parts.map(part => part.durationMs));
    // The encoder's delay comes on top of what was asked for.
    assert.ok(durationMs >= 3000 && durationMs < 3060, `${durationMs} ms`);
  });

  it('reads a stream without sound', async () => {
    const recorded = await record({ audio: 'none' });
    assert.deepEqual(
      recorded.init.tracks.map(({ kind }) => kind),
      ['video'],
    );
    assertSamplesAsProbed(recorded, 'video');
  });

  for (const [video, codec] of [
    ['libvpx-vp9', /^vp09\.00\.\d\d\.08$/],
    ['libsvtav1', /^av01\.0\.\d\dM\.08$/],
  ] as const) {
    it(`reads what ${video} and libopus make`, async () => {
      const recorded = await record({ video, audio: 'libopus' });
      assert.match(recorded.init.tracks[0]?.codec ?? '', codec);
      assert.equal(recorded.init.tracks[1]?.codec, 'opus');
      assertSamplesAsProbed(recorded, 'video');
      assertSamplesAsProbed(recorded, 'audio');
      assert.deepEqual(
        recorded.parts.map(part => part.independent),
        recorded.parts.map((_part, index) => index % 5 === 0),
      );
      // Their keyframes bring what decodes them, whatever the init segment.
      for (const part of recorded.parts) assert.equal(part.selfContained, part.independent);
    });
  }
});
