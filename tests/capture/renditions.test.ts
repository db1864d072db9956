/** Several renditions out of one ffmpeg: what is configured, what is written, and that it falls together. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { captureConfig } from '../../app/capture/config.ts';
import { mainProgress } from '../../app/capture/main-progress.ts';
import { parseConfig } from '../../app/config.ts';
import { Failure } from '../../app/lib/failure.ts';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart } from '../../app/segments/part.ts';
import { decode } from '../kit/decode.ts';
import { type Launcher, StreamsDir } from '../kit/launcher.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';

const problemOf = (rendition: object, ...others: object[]): string => {
  try {
    parseConfig({ capture: { renditions: [rendition, ...others] } });
    return '';
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.message;
  }
};

describe('The settings of renditions', () => {
  it('are sound and slides when nothing is set, which cost next to nothing', () => {
    assert.deepEqual(captureConfig.parse({}).renditions, [
      { kind: 'sound', name: 'audio', audioBitrateKbps: 32, codec: 'opus' },
      { kind: 'slides', name: 'slides', everyS: 4, height: 240 },
    ]);
    assert.deepEqual(captureConfig.parse({ renditions: [] }).renditions, []);
  });

  it('take H.264 for pictures unless another codec is named', () => {
    const [first, second] = captureConfig.parse({
      renditions: [
        { name: '240p', height: 240, videoBitrateKbps: 150 },
        { name: 'vp9', height: 360, videoBitrateKbps: 300, codec: 'vp9' },
      ],
    }).renditions;
    assert.ok(first?.kind === 'pictures' && second?.kind === 'pictures');
    assert.deepEqual([first.codec, first.audioBitrateKbps, second.codec], ['h264', 32, 'vp9']);
  });

  it('say what is wrong and where', () => {
    const pictures = { name: '240p', height: 240, videoBitrateKbps: 150 };
    assert.match(
      problemOf({ ...pictures, name: 'Two Forty' }),
      /capture\.renditions\.0\.name: must be 1 to 32/,
    );
    assert.match(
      problemOf({ ...pictures, name: 'hls' }),
      /renditions\.0\.name: is taken by the main rendition/,
    );
    assert.match(problemOf(pictures, pictures), /renditions\.1\.name: is there twice.*"240p"/);
    assert.match(
      problemOf({ ...pictures, height: 480 }),
      /renditions\.0\.height: must be at most .*\(360\).*480/,
    );
    assert.match(problemOf({ name: '240p', videoBitrateKbps: 150 }), /renditions\.0: needs height/);
    assert.match(
      problemOf({ name: 'a', video: false, height: 240 }),
      /height means nothing with "video": false/,
    );
    assert.match(problemOf({ name: 'a', video: false, codec: 'vp9' }), /needs codec opus or aac/);
    assert.match(problemOf({ ...pictures, codec: 'opus' }), /needs codec h264, vp9, av1/);
    assert.match(
      problemOf({ name: 's', everyS: 4, height: 240, codec: 'vp9' }),
      /codec means nothing with everyS/,
    );
    const many = Array.from({ length: 8 }, (_, index) => ({ ...pictures, name: `r${index}` }));
    assert.match(problemOf(pictures, ...many), /capture\.renditions: /);
    assert.equal(problemOf(pictures), '');
  });
});

describe('The progress of a stream with slides', () => {
  const config = captureConfig.parse({
    frameRate: 30,
    renditions: [
      { name: '240p', height: 240, videoBitrateKbps: 150 },
      { name: 'slides', everyS: 4, height: 240 },
    ],
  });
  const progress = { frames: 900, fps: 30, duplicatedFrames: 0, speed: 1.07, outTimeMs: 32_000 };

  it('is that of the main rendition, whether ffmpeg counts what all outputs leave out or the first alone', () => {
    for (const droppedFrames of [0, 892, 893]) {
      const told = mainProgress({ ...progress, droppedFrames }, config);
      assert.deepEqual([told.droppedFrames, told.speed, told.outTimeMs], [0, 1, 30_000]);
    }
  });

  it('still tells what the machine could not keep up with', () => {
    // 60 of 960 are lost to both renditions; slides leave out all but 8.
    assert.equal(mainProgress({ ...progress, droppedFrames: 60 + 60 + 952 }, config).droppedFrames, 59);
    assert.equal(mainProgress({ ...progress, droppedFrames: 60 }, config).droppedFrames, 60);
  });
});

type Timed = { number: number; startMs: number; durationMs: number; independent: boolean };

/** The listed parts of one rendition as they are, in their order. */
async function partsOf(dir: string): Promise<{ init: InitSegment; parts: Timed[]; bytes: Buffer }> {
  const playlist = await readFile(join(dir, 'stream.m3u8'), 'utf8');
  const numbers = [...playlist.matchAll(/^stream(\d+)\.m4s$/gm)].map(match => Number(match[1]));
  const file = await readFile(join(dir, 'init.mp4'));
  const init = parseInitSegment(file);
  const lead = init.tracks.find(({ kind }) => kind === 'video') ?? init.tracks[0];
  assert.ok(lead);
  const files = await Promise.all(numbers.map(number => readFile(join(dir, `stream${number}.m4s`))));
  const parts = files.map((bytes, index) => {
    const { fragments, durationMs, independent } = parsePart(bytes, init);
    const run = fragments[0]?.runs.find(({ trackId }) => trackId === lead.id);
    const startMs = ((run?.decodeTime ?? Number.NaN) / lead.timescale) * 1000;
    return { number: numbers[index] ?? -1, startMs, durationMs, independent };
  });
  return { init, parts, bytes: Buffer.concat([file, ...files]) };
}

describe('The launcher with renditions', () => {
  const renditions = [
    { name: '240p', height: 240, videoBitrateKbps: 150 },
    { name: 'vp9', height: 360, videoBitrateKbps: 250, codec: 'vp9' },
    { name: 'av1', height: 180, videoBitrateKbps: 100, codec: 'av1' },
    { name: 'audio', video: false },
    { name: 'slides', everyS: 1, height: 240 },
  ];
  const media = ['240p', 'vp9', 'av1', 'audio'];

  async function launch(streams: StreamsDir, env: NodeJS.ProcessEnv = {}): Promise<Launcher> {
    const config = join(streams.dir, 'config.json');
    await writeFile(config, JSON.stringify({ capture: { renditions } }));
    return streams.launch(['--source', 'test', '--config', config], env);
  }

  it('writes each into a folder of its own, all of them in step, also when ffmpeg has been started again', async () => {
    await using streams = await StreamsDir.make();
    const launcher = await launch(streams);
    const at = (name: string): string => join(streams.channelDir, name);
    await streams.untilPart(launcher, 8, 40_000);
    const pid = Number(await streams.read('pid.txt'));
    process.kill(pid, 'SIGKILL');
    const before = Math.max(...(await streams.listed()));
    await streams.untilPart(launcher, before + 22, 40_000);

    // As it is at one moment: nothing is written any more, and nothing cleared up.
    process.kill(Number(await streams.read('pid.txt')), 'SIGSTOP');
    const main = await partsOf(streams.channelDir);
    const slide = await readFile(at('slides/slide.jpg'));
    for (const name of media) {
      const { init, parts, bytes } = await partsOf(at(name));
      assert.ok(parts.length >= 18, `${parts.length} parts of ${name}`);
      for (const part of parts) {
        const same = main.parts.find(({ number }) => number === part.number);
        if (!same) continue;
        // Codecs of sound begin some ms before the picture, each for itself, and sound is cut at its own frames.
        const toleranceMs = name === 'audio' ? 45 : 22;
        const apartMs = Math.abs(part.startMs - same.startMs);
        assert.ok(apartMs < toleranceMs, `${name} ${part.number} begins ${apartMs} ms apart`);
        if (name !== 'audio') assert.equal(part.independent, same.independent, `${name} ${part.number}`);
      }
      const video = init.tracks.find(({ kind }) => kind === 'video');
      const sizes: Record<string, string> = { '240p': '426x240', vp9: '640x360', av1: '320x180' };
      assert.equal(video && `${video.width}x${video.height}`, sizes[name]);
      assert.ok(init.tracks.some(({ kind }) => kind === 'audio'));
      const { frames, complaints } = await decode({ bytes });
      assert.equal(complaints, '', name);
      if (name !== 'audio') assert.equal(frames, parts.length * 4);
    }
    assert.equal((await decode({ bytes: slide })).complaints, '');
    assert.deepEqual(tellingIn(slide), []);
    assert.equal(slide.includes(Buffer.from([0xff, 0xfe])), false, 'no comment');

    await streams.untilPart(launcher, before + 22);
    launcher.kill('SIGINT');
    const { exitCode, stderr } = await launcher.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.deepEqual((await readdir(streams.channelDir)).sort(), ['launcher.lock']);
  });

  it('streams without a quality that this ffmpeg can’t encode, and says which and what to do', async () => {
    await using streams = await StreamsDir.make();
    const fake = join(streams.dir, 'ffmpeg');
    const script = `#!/bin/sh
case "$*" in *libvpx*) echo "[error] Unknown encoder 'libvpx-vp9'" >&2; exit 8;; *) exec ffmpeg "$@";; esac
`;
    await writeFile(fake, script, { mode: 0o755 });
    const launcher = await launch(streams, { ONIONCAST_FFMPEG: fake });
    await streams.untilPart(launcher, 3, 40_000);
    assert.match(
      launcher.output().stdout,
      /The quality vp9 is left out: this ffmpeg \(.*\) has no encoder libvpx-vp9; install a full build, or take vp9 out of capture\.renditions/,
    );
    const names = await readdir(streams.channelDir);
    assert.deepEqual(
      ['240p', 'audio', 'av1', 'slides', 'vp9'].filter(name => names.includes(name)),
      ['240p', 'audio', 'av1', 'slides'],
    );
    launcher.kill('SIGINT');
    assert.equal((await launcher.ended).exitCode, 0);
  });

  for (const [encoder, codec] of [
    ['libvpx-vp9', /^vp09\.00\.\d\d\.08$/],
    ['libsvtav1', /^av01\.0\.\d\d[MH]\.08$/],
  ] as const) {
    it(`makes the main rendition with ${encoder} and Opus when told to, in parts of 0.2 s`, async () => {
      await using streams = await StreamsDir.make();
      const config = join(streams.dir, 'config.json');
      await writeFile(config, JSON.stringify({ capture: { encoder, renditions: [] } }));
      const launcher = streams.launch(['--source', 'test', '--config', config]);
      await streams.untilPart(launcher, 11, 40_000);
      const { init, parts, bytes } = await partsOf(streams.channelDir);
      assert.match(init.tracks[0]?.codec ?? '', codec);
      assert.equal(init.tracks[1]?.codec, 'opus');
      for (const { number, durationMs, independent } of parts) {
        assert.ok(Math.abs(durationMs - 200) < 1, `${durationMs} ms`);
        assert.equal(independent, number % 5 === 0);
      }
      const { complaints, frames } = await decode({ bytes });
      assert.deepEqual([complaints, frames], ['', parts.length * 4]);
      launcher.kill('SIGINT');
      assert.equal((await launcher.ended).exitCode, 0);
    });
  }

  it('leaves what others have put into such folders', async () => {
    await using streams = await StreamsDir.make();
    const launcher = await launch(streams);
    await streams.untilPart(launcher, 1, 40_000);
    await writeFile(join(streams.channelDir, '240p', 'notes.txt'), 'mine');
    launcher.kill('SIGINT');
    await launcher.ended;
    await until('the end', async () => !(await streams.names()).includes('stream.m3u8'));
    assert.deepEqual(await readdir(join(streams.channelDir, '240p')), ['notes.txt']);
  });
});
