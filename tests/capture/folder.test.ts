import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ClaimedFolder, channelFolder } from '../../app/capture/folder.ts';
import { readViewers, recentKbps } from '../../app/capture/folder-stats.ts';
import { isStillRunning } from '../../app/capture/process-identity.ts';
import { codeOf } from '../../app/lib/failure.ts';
import { startEncoder } from '../kit/encoder.ts';

describe('A channel folder', () => {
  let home: string;
  let dir: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'claim-'));
    dir = join(home, 'streams', 'live');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const put = async (name: string, content = '', ageS = 0): Promise<void> => {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, name), content);
    const time = new Date(Date.now() - ageS * 1000);
    await utimes(join(dir, name), time, time);
  };
  const names = async () => (await readdir(dir)).sort();
  const isBusy = (error: unknown) => codeOf(error) === 'channel-busy';

  it('is only ever one folder of the streams folder', () => {
    assert.equal(channelFolder('/s', 'live'), join('/s', 'live'));
    for (const name of ['', '..', '.', 'a/b', 'Live', 'a b', 'ü', 'a'.repeat(65), 'a\n']) {
      assert.throws(
        () => channelFolder('/s', name),
        error => codeOf(error) === 'channel-invalid',
        name,
      );
    }
  });

  it('is made for its owner alone', async () => {
    const folder = await ClaimedFolder.claim(dir);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    await folder.release(0);
  });

  it('keeps the renditions that another encoder writes into it, and loses its own and old ones', async () => {
    for (const [name, ageS] of [
      ['old', 60],
      ['others', 0],
    ] as const) {
      await mkdir(join(dir, name), { recursive: true });
      for (const file of ['stream.m3u8', 'init.mp4', 'stream7.m4s']) await put(join(name, file), '', ageS);
    }
    const folder = await ClaimedFolder.claim(dir);
    assert.deepEqual(await names(), ['launcher.lock', 'launcher.pid', 'others']);
    await folder.makeFolders(['', '240p/']);
    for (const file of ['stream.m3u8', 'slide.jpg']) await put(join('240p', file));
    await folder.removePartsBefore(8);
    await folder.release(0);
    assert.deepEqual(await names(), ['launcher.lock', 'others']);
    assert.deepEqual((await readdir(join(dir, 'others'))).sort(), ['init.mp4', 'stream.m3u8', 'stream7.m4s']);
  });

  it('loses what an earlier run left and nothing else', async () => {
    const old = [
      'pid.txt',
      'pid.txt.tmp',
      'start.txt',
      'init.mp4',
      'stream.m3u8',
      'stream.m3u8.tmp',
      'stream7.m4s',
    ];
    for (const name of old) await put(name, name === 'pid.txt' ? '999999999' : '', 60);
    const others = ['notes.txt', 'stream.txt', 'stream7.m4s.bak', 'streamA.m4s', 'viewers.txt'];
    for (const name of others) await put(name);
    const folder = await ClaimedFolder.claim(dir);
    assert.deepEqual(await names(), [...others, 'launcher.lock', 'launcher.pid'].sort());
    await folder.release(0);
    assert.deepEqual(await names(), [...others, 'launcher.lock'].sort());
  });

  it('is one launcher’s at a time and free again after it', async () => {
    const first = await ClaimedFolder.claim(dir);
    await assert.rejects(
      ClaimedFolder.claim(dir),
      error => isBusy(error) && new RegExp(`\\b${process.pid}\\b`).test(String(error)),
    );
    assert.equal((await readFile(join(dir, 'launcher.pid'), 'utf8')).trim(), String(process.pid));
    await first.release(0);
    await (await ClaimedFolder.claim(dir)).release(0);
  });

  it('is left to a bare ffmpeg that announced itself, and taken once that is gone', async () => {
    await using encoder = await startEncoder(dir, { announced: true });
    await encoder.listed(2);
    await assert.rejects(
      ClaimedFolder.claim(dir),
      error => isBusy(error) && String(error).includes(`process id ${encoder.pid}`),
    );
    assert.ok((await names()).includes('stream.m3u8'), 'nothing of it is touched');
    await encoder.close();
    await (await ClaimedFolder.claim(dir)).release(0);
  });

  it('is left to an encoder without pid.txt while its playlist is fresh and not ended', async () => {
    await put('stream.m3u8', '#EXTM3U\n');
    await assert.rejects(ClaimedFolder.claim(dir), isBusy);
    await put('stream.m3u8', '#EXTM3U\n#EXT-X-ENDLIST\n');
    await (await ClaimedFolder.claim(dir)).release(0);
    await put('stream.m3u8', '#EXTM3U\n', 60);
    await (await ClaimedFolder.claim(dir)).release(0);
  });

  it('tells the number after the newest part and drops the parts before a number', async () => {
    const folder = await ClaimedFolder.claim(dir);
    assert.equal(await folder.nextPartNumber(), 0);
    for (const number of [8, 9, 10, 11]) await put(`stream${number}.m4s`);
    assert.equal(await folder.nextPartNumber(), 12);
    await folder.removePartsBefore(10);
    assert.deepEqual(
      (await names()).filter(name => name.endsWith('.m4s')),
      ['stream10.m4s', 'stream11.m4s'],
    );
    await folder.release(0);
  });

  it('tells the bitrate of the parts listed last', async () => {
    assert.equal(await recentKbps(dir), undefined);
    await put(
      'stream.m3u8',
      '#EXTM3U\n#EXTINF:0.2,\n#EXT-X-PROGRAM-DATE-TIME:x\nstream1.m4s\n#EXTINF:0.2,\nstream2.m4s\n',
    );
    for (const number of [1, 2]) await put(`stream${number}.m4s`, 'x'.repeat(12_500));
    assert.equal(Math.round((await recentKbps(dir)) ?? 0), 500);
  });

  it('tells the viewers only while the server keeps writing their number', async () => {
    assert.equal(await readViewers(dir), undefined);
    await put('viewers.txt', '12\n');
    assert.equal(await readViewers(dir), 12);
    await put('viewers.txt', '12\n', 11);
    assert.equal(await readViewers(dir), undefined);
    await put('viewers.txt', 'many');
    assert.equal(await readViewers(dir), undefined);
  });
});

describe('A process id in a file', () => {
  it('means a process only if that was there when the file was written', async () => {
    assert.equal(await isStillRunning(process.pid, Date.now()), true);
    assert.equal(await isStillRunning(process.pid, Date.now() - 3_600_000), false);
    assert.equal(await isStillRunning(999_999_999, Date.now()), false);
  });
});
