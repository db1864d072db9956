import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ViewersFile } from '../../app/live/viewers-file.ts';

describe('viewers.txt', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'viewers-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('tells the newest number while there is an encoder', async () => {
    const file = new ViewersFile({ channelDir: dir });
    await writeFile(join(dir, 'pid.txt'), '1');
    await Promise.all([3, 12, 7].map(viewers => file.write(viewers)));
    assert.equal(await readFile(join(dir, 'viewers.txt'), 'utf8'), '7\n');
    assert.deepEqual((await readdir(dir)).sort(), ['pid.txt', 'viewers.txt']);
  });

  it('is not written where there is none', async () => {
    await new ViewersFile({ channelDir: dir }).write(1);
    await new ViewersFile({ channelDir: join(dir, 'gone') }).write(1);
    assert.deepEqual(await readdir(dir), []);
  });

  it('that can not be written harms nobody, and is written when it can', async () => {
    const file = new ViewersFile({ channelDir: dir });
    await writeFile(join(dir, 'pid.txt'), '1');
    await mkdir(join(dir, 'viewers.txt.tmp'));
    await file.write(1);
    await rm(join(dir, 'viewers.txt.tmp'), { recursive: true });
    await file.write(2);
    assert.equal(await readFile(join(dir, 'viewers.txt'), 'utf8'), '2\n');
  });
});
