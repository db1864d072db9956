/** What a reading makes of the files, with parts that ffmpeg recorded, put there by hand. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ChannelFolder, type FolderReading } from '../../app/segments/channel-folder.ts';
import { recordFolder } from '../kit/encoder.ts';
import { until } from '../kit/until.ts';

type Recording = Awaited<ReturnType<typeof recordFolder>>;

describe('A reading of a channel folder', () => {
  let recording: Recording;
  let dir: string;
  let folder: ChannelFolder;

  before(async () => {
    recording = await recordFolder({ durationS: 3 });
  });
  after(() => recording[Symbol.asyncDispose]());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'folder-'));
    folder = new ChannelFolder(dir);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const recorded = (name: string): string => join(recording.dir, name);

  /** Writes a playlist as ffmpeg does: aside, then in one move over the last. */
  async function list(
    numbers: readonly number[],
    options: { durationS?: number; end?: boolean } = {},
  ): Promise<void> {
    const entries = numbers.flatMap(number => [
      `#EXTINF:${options.durationS ?? 0.2},`,
      `stream${number}.m4s`,
    ]);
    const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-MAP:URI="init.mp4"', ...entries];
    await writeFile(
      join(dir, 'stream.m3u8.tmp'),
      `${lines.join('\n')}\n${options.end ? '#EXT-X-ENDLIST\n' : ''}`,
    );
    await rename(join(dir, 'stream.m3u8.tmp'), join(dir, 'stream.m3u8'));
  }

  /** Puts recorded parts there, under the names of `numbers`. */
  async function put(numbers: readonly number[]): Promise<void> {
    for (const number of numbers)
      await copyFile(recorded(`stream${number}.m4s`), join(dir, `stream${number}.m4s`));
  }

  const putInit = (): Promise<void> => copyFile(recorded('init.mp4'), join(dir, 'init.mp4'));

  /** A file's time is that of the last tick of a coarse clock: two writes need not differ in it. */
  async function tick(): Promise<void> {
    const probe = join(dir, 'tick.tmp');
    const mtimeMs = async (): Promise<number> => {
      await writeFile(probe, '');
      return (await stat(probe)).mtimeMs;
    };
    const first = await mtimeMs();
    await until('the clock of the file system goes on', async () => (await mtimeMs()) > first);
  }

  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, index) => from + index);
  const sizes = ({ parts }: FolderReading): number[] => parts.map(part => part.bytes.length);

  /** Sizes that parts of these numbers have when they are served. */
  async function sizesOf(numbers: readonly number[]): Promise<number[]> {
    const files = await Promise.all(numbers.map(number => readFile(recorded(`stream${number}.m4s`))));
    return files.map(file => file.length - file.indexOf('moof', 0, 'latin1') + 4);
  }

  it('finds nothing in a folder that is empty, or not there', async () => {
    for (const reading of [await folder.read(), await new ChannelFolder(join(dir, 'none')).read()]) {
      assert.deepEqual(reading, {
        encoder: 'unknown',
        startedAtMs: undefined,
        playlist: 'absent',
        playlistChangedAtMs: 0,
        init: undefined,
        parts: [],
        problems: [],
      });
    }
  });

  it('says whether the process of pid.txt lives, and takes start.txt as a time', async () => {
    const dead = Number(execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    for (const [pid, encoder] of [
      [`${process.pid}\n`, 'running'],
      [String(dead), 'dead'],
      ['', 'unknown'],
      ['-1', 'unknown'],
      ['0', 'unknown'],
      ['1e400', 'unknown'],
      ['seven', 'unknown'],
    ] as const) {
      await writeFile(join(dir, 'pid.txt'), pid);
      assert.equal((await folder.read()).encoder, encoder, JSON.stringify(pid));
    }
    for (const [start, expected] of [
      ['2026-01-02T03:04:05.000Z\n', Date.UTC(2026, 0, 2, 3, 4, 5)],
      ['yesterday', undefined],
      ['', undefined],
    ] as const) {
      await writeFile(join(dir, 'start.txt'), start);
      assert.equal((await folder.read()).startedAtMs, expected, JSON.stringify(start));
    }
  });

  it('takes a part once the playlist lists it, once', async () => {
    await putInit();
    await put([0, 1, 2]);
    await list([0, 1]);
    const first = await folder.read();
    assert.equal(first.init?.tracks.length, 2);
    assert.deepEqual(sizes(first), await sizesOf([0, 1]));
    assert.deepEqual(sizes(await folder.read()), []);
    await list([0, 1, 2]);
    const second = await folder.read();
    assert.equal(second.init, undefined, 'the run goes on');
    assert.deepEqual(sizes(second), await sizesOf([2]));
  });

  it('does not take parts again after the list was seen empty or cut', async () => {
    await putInit();
    await put(range(0, 6));
    await list(range(0, 5));
    assert.equal((await folder.read()).parts.length, 5);
    const whole = await readFile(join(dir, 'stream.m3u8'), 'utf8');
    for (const length of [0, 8, whole.length - 20, whole.length - 40]) {
      await writeFile(join(dir, 'stream.m3u8'), whole.slice(0, length));
      assert.deepEqual(sizes(await folder.read()), [], `cut to ${length}`);
    }
    await list(range(0, 6));
    assert.deepEqual(sizes(await folder.read()), await sizesOf([5]));
  });

  it('says that the list has ended', async () => {
    await putInit();
    await put([0]);
    await list([0]);
    assert.equal((await folder.read()).playlist, 'open');
    await list([0], { end: true });
    assert.equal((await folder.read()).playlist, 'ended');
  });

  it('of a further run, that counts from zero over the old files, begins with its own playlist', async () => {
    await putInit();
    await put(range(0, 5));
    await list(range(0, 5));
    assert.equal((await folder.read()).parts.length, 5);

    // An encoder empties init.mp4 when it starts, fills it with its first part, and then replaces the playlist.
    await tick();
    await writeFile(join(dir, 'init.mp4'), '');
    assert.deepEqual(sizes(await folder.read()), []);
    await putInit();
    const half = await readFile(recorded('stream7.m4s'));
    await writeFile(join(dir, 'stream0.m4s'), half.subarray(0, 500));
    const between = await folder.read();
    assert.deepEqual(sizes(between), [], 'the old list names a file that is half overwritten');
    assert.equal(between.init, undefined);
    assert.deepEqual(between.problems, []);

    await writeFile(join(dir, 'stream0.m4s'), half);
    await list([0]);
    const begun = await folder.read();
    assert.ok(begun.init, 'a run begins');
    assert.deepEqual(sizes(begun), await sizesOf([7]));
    await copyFile(recorded('stream8.m4s'), join(dir, 'stream1.m4s'));
    await list([0, 1]);
    assert.deepEqual(sizes(await folder.read()), await sizesOf([8]));
  });

  it('of a further run that goes on with the old list takes the new parts alone', async () => {
    await put(range(0, 3));
    await tick();
    await putInit();
    await put(range(3, 5));
    await list(range(0, 5));
    assert.deepEqual(sizes(await folder.read()), await sizesOf([3, 4]));
  });

  it('takes nothing from a playlist older than the init segment', async () => {
    await put(range(0, 3));
    await list(range(0, 3));
    await tick();
    await putInit();
    const reading = await folder.read();
    assert.deepEqual(sizes(reading), []);
    assert.equal(reading.init, undefined);
  });

  it('goes on after the clock was set back behind the time of the init segment', async () => {
    await putInit();
    const future = new Date(Date.now() + 3_600_000);
    await utimes(join(dir, 'init.mp4'), future, future);
    await put([0, 1, 2]);
    await list([0]);
    assert.deepEqual(sizes(await folder.read()), []);
    await list([0, 1]);
    await folder.read();
    await list([0, 1, 2]);
    assert.deepEqual(sizes(await folder.read()), await sizesOf([2]));
  });

  it('takes no more than the last minute of a list that keeps everything', async () => {
    await putInit();
    await put(range(0, 15));
    await list(range(0, 15), { durationS: 10 });
    assert.deepEqual(sizes(await folder.read()), await sizesOf(range(9, 15)));
  });

  it('leaves out a file that is broken, too large or gone, and tells which', async () => {
    await putInit();
    await put(range(0, 5));
    await truncate(join(dir, 'stream1.m4s'), 1000);
    await truncate(join(dir, 'stream2.m4s'), 65 * 1024 * 1024);
    await rm(join(dir, 'stream3.m4s'));
    await list(range(0, 5));
    const reading = await folder.read();
    assert.deepEqual(sizes(reading), await sizesOf([0, 4]));
    assert.deepEqual(
      reading.problems.map(problem => problem.split(':')[0]),
      ['stream1.m4s', 'stream2.m4s'],
    );
  });

  it('tells of a playlist or init segment that is none, and reads on when it is mended', async () => {
    await put([0]);
    await writeFile(join(dir, 'stream.m3u8'), '<html>');
    assert.match((await folder.read()).problems.join(), /#EXTM3U/);
    await writeFile(join(dir, 'init.mp4'), 'nonsense, and more of it');
    await list([0]);
    assert.match((await folder.read()).problems.join(), /MP4/);
    await putInit();
    await list([0]);
    assert.equal((await folder.read()).parts.length, 0, 'left by what was there before the init segment');
    await put([1]);
    await list([0, 1]);
    assert.equal((await folder.read()).parts.length, 1);
  });

  it('names the cure when the files are no fragmented MP4', async () => {
    await writeFile(join(dir, 'stream.m3u8'), '#EXTM3U\n#EXTINF:2,\nstream0.ts\n');
    assert.match((await folder.read()).problems.join(), /-hls_segment_type fmp4/);
  });

  it('does not fall for folders, pipes and giants in place of its files', async () => {
    for (const name of ['pid.txt', 'start.txt', 'stream.m3u8', 'init.mp4']) {
      const path = join(dir, name);
      await mkdir(path);
      const ofFolder = await folder.read();
      assert.equal(ofFolder.playlist, 'absent');
      await rm(path, { recursive: true });
      execFileSync('mkfifo', [path]);
      assert.equal((await folder.read()).playlist, 'absent');
      await rm(path);
    }
    await writeFile(join(dir, 'stream.m3u8'), '#EXTM3U\n');
    await truncate(join(dir, 'stream.m3u8'), 20 * 1024 * 1024 * 1024);
    const giant = await folder.read();
    assert.equal(giant.playlist, 'absent');
    assert.match(giant.problems.join(), /stream\.m3u8 has 21474836480 bytes/);
    await rm(join(dir, 'stream.m3u8'));
  });
});
