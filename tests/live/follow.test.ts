import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from '../../app/lib/log.ts';
import { LiveChannel } from '../../app/live/channel.ts';
import { liveConfig } from '../../app/live/config.ts';
import { Follower } from '../../app/live/follow.ts';
import { ChannelFolder, type FolderReading } from '../../app/segments/channel-folder.ts';

/** A folder whose readings are made by the test, one at a time. */
class SlowFolder extends ChannelFolder {
  readonly waiting: PromiseWithResolvers<FolderReading>[] = [];
  override read(): Promise<FolderReading> {
    const reading = Promise.withResolvers<FolderReading>();
    this.waiting.push(reading);
    return reading.promise;
  }
}

const nothing: FolderReading = {
  encoder: 'unknown',
  startedAtMs: undefined,
  playlist: 'absent',
  playlistChangedAtMs: 0,
  init: undefined,
  parts: [],
  problems: [],
};

function follow() {
  const logged: string[] = [];
  const folder = new SlowFolder('none');
  const channel = new LiveChannel('live', liveConfig.parse({}));
  const log = createLog('test', { write: line => logged.push(line) });
  return { follower: new Follower({ folder, channel, log, now: Date.now }), folder, channel, logged };
}

const turn = (): Promise<void> => new Promise(setImmediate);

describe('A follower', () => {
  it('reads once at a time, and once more for all hints that came meanwhile', async () => {
    const { follower, folder } = follow();
    const first = follower.refresh();
    const hints = [follower.refresh(), follower.refresh(), follower.refresh()];
    assert.equal(folder.waiting.length, 1);
    folder.waiting[0]?.resolve(nothing);
    await turn();
    assert.equal(folder.waiting.length, 2);
    folder.waiting[1]?.resolve(nothing);
    await Promise.all([first, ...hints]);
    assert.equal(folder.waiting.length, 2);
    void follower.refresh();
    assert.equal(folder.waiting.length, 3);
  });

  it('complains once of what stays wrong, and goes on when a reading fails', async () => {
    const { follower, folder, channel, logged } = follow();
    const readings: (FolderReading | Error)[] = [
      { ...nothing, problems: ['stream1.m4s: broken'] },
      { ...nothing, problems: ['stream1.m4s: broken'] },
      new Error('no disk'),
      { ...nothing, encoder: 'running' },
    ];
    for (const reading of readings) {
      const refreshed = follower.refresh();
      const waiting = folder.waiting.at(-1);
      if (reading instanceof Error) waiting?.reject(reading);
      else waiting?.resolve(reading);
      await refreshed;
    }
    assert.deepEqual(
      logged.map(line => line.replace(/^\S+ warn test: /, '').trim()),
      ['Channel live: stream1.m4s: broken', "Channel live: its folder can't be read: no disk"],
    );
    assert.equal(channel.state, 'starting');
  });
});
