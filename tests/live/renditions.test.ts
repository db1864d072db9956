/** Which renditions a channel has, by the folders in its own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { silentLog } from '../../app/lib/log.ts';
import { liveConfig } from '../../app/live/config.ts';
import { Renditions } from '../../app/live/renditions.ts';

describe('The renditions of a channel', () => {
  it('may have other names in each stream, however many there were before', async () => {
    const channelDir = await mkdtemp(join(tmpdir(), 'renditions-'));
    try {
      const slide = join(channelDir, 'slide.jpg');
      execFileSync('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x36'],
        ...['-frames:v', '1', slide],
      ]);
      let nowMs = Date.now();
      const deps = { name: 'live', channelDir, log: silentLog, now: () => nowMs };
      const renditions = new Renditions(deps, liveConfig.parse({}));
      const write = async (name: string): Promise<void> => {
        await mkdir(join(channelDir, name));
        await cp(slide, join(channelDir, name, 'slide.jpg'));
        await renditions.refresh();
      };
      const first = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
      for (const name of first) await write(name);
      await write('nine');
      assert.equal(renditions.find('nine'), undefined, 'there are no more at once');
      for (const name of first) await rm(join(channelDir, name), { recursive: true });
      await renditions.refresh();
      assert.ok(renditions.find('one'), 'they may be back in a moment');
      nowMs += 60_000;
      await renditions.refresh();
      await renditions.refresh();
      assert.ok(renditions.find('nine'));
    } finally {
      await rm(channelDir, { recursive: true, force: true });
    }
  });
});
