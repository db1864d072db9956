/** One viewer who has gone back in time, against a sink that a test opens and shuts, on recorded parts. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { deliveryConfig } from '../../app/delivery/config.ts';
import { RewoundViews } from '../../app/delivery/rewound-views.ts';
import { silentLog } from '../../app/lib/log.ts';
import { liveConfig } from '../../app/live/config.ts';
import { Dvr } from '../../app/live/dvr.ts';
import { boxesIn } from '../../app/segments/boxes.ts';
import { parsePart } from '../../app/segments/part.ts';
import { decode } from '../kit/decode.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';
import { until } from '../kit/until.ts';

class Viewer extends Writable {
  readonly taken: Buffer[] = [];
  isShut = false;
  #waiting: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.taken.push(chunk);
      done();
    };
    if (this.isShut) this.#waiting = take;
    else take();
  }

  open(): void {
    this.isShut = false;
    this.#waiting?.();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }
}

describe('A view of the past', () => {
  let home: string;
  let recorded: Recorded;
  let count = 0;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'rewind-'));
    recorded = await recordParts({ durationS: 60 });
  });
  after(() => rm(home, { recursive: true, force: true }));

  async function keep(dvrS = 240) {
    const source = new RecordedChannel();
    const dir = join(home, String(count++));
    const dvr = new Dvr({ channel: source.channel, dir, log: silentLog }, liveConfig.parse({ dvrS }));
    const views = new RewoundViews({ now: source.now }, deliveryConfig.parse({ maxRewound: 2 }));
    source.beginRun(recorded);
    const feed = async (parts: number): Promise<void> => {
      await source.feed(parts);
      const number = source.channel.window.newest?.number ?? 0;
      await until('all is written', () => dvr.from(number, 1).length === 1);
    };
    const open = (agoMs: number, keepsTimeline = true): Viewer => {
      const viewer = new Viewer();
      views.open(dvr, views.place(dvr, agoMs), viewer, keepsTimeline, () => {});
      return viewer;
    };
    /** The parts that came, by where they begin on the timeline, in ms. */
    const startsIn = (viewer: Viewer): number[] => {
      const timescale = recorded.init.tracks[0]?.timescale ?? 1;
      const bytes = viewer.bytes;
      const body = bytes.subarray([...boxesIn(bytes)].find(box => box.type === 'moof')?.start ?? 0);
      return parsePart(body, recorded.init).fragments.map(({ runs }) =>
        Math.round(((runs[0]?.decodeTime ?? 0) / timescale) * 1000),
      );
    };
    /** Lets the reads that are under way end: until no more comes. */
    const settle = async (viewer: Viewer): Promise<number> => {
      let quiet = 0;
      let before = -1;
      await until('no more comes', () => {
        quiet = viewer.taken.length === before ? quiet + 1 : 0;
        before = viewer.taken.length;
        return quiet > 5;
      });
      return viewer.taken.length;
    };
    return { source, dvr, views, feed, open, startsIn, settle };
  }

  it('begins with a keyframe of that time, and goes on at the pace of the stream', async () => {
    const kept = await keep();
    await kept.feed(200);
    const viewer = kept.open(30_000);
    await kept.settle(viewer);
    const starts = kept.startsIn(viewer);
    assert.equal(starts[0], 10_000, '40 s have been, 30 s of them ago');
    const aheadMs = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
    assert.ok(aheadMs >= 4500 && aheadMs <= 5500, `${aheadMs} ms come at once`);
    await kept.feed(50);
    kept.views.tick();
    await kept.settle(viewer);
    const later = kept.startsIn(viewer);
    const paceMs = (later.at(-1) ?? 0) - (starts.at(-1) ?? 0);
    assert.ok(Math.abs(paceMs - 10_000) <= 400, `${paceMs} ms came in 10 s`);
    assert.deepEqual(
      later,
      later.toSorted((one, other) => one - other),
    );
    const { frames, complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
    assert.equal(frames, later.length * 5);
    kept.views.closeAll();
    await kept.dvr.close();
  });

  it('of who asks for more than there is begins with the oldest', async () => {
    const kept = await keep();
    await kept.feed(50);
    const viewer = kept.open(3_600_000);
    await kept.settle(viewer);
    assert.equal(kept.startsIn(viewer)[0], 0);
    kept.views.closeAll();
    await kept.dvr.close();
  });

  it('reaches the live edge, and goes on with it', async () => {
    const kept = await keep();
    await kept.feed(50);
    const viewer = kept.open(3000);
    for (let round = 0; round < 20; round += 1) {
      await kept.feed(5);
      kept.views.tick();
      await kept.settle(viewer);
    }
    const starts = kept.startsIn(viewer);
    assert.equal(starts.at(-1), 29_800);
    assert.equal(starts.length, (29_800 - (starts[0] ?? 0)) / 200 + 1, 'nothing is left out');
    kept.views.closeAll();
    await kept.dvr.close();
  });

  it('passes over a pause of the stream: on the timeline for a script, without a gap for an element', async () => {
    for (const keepsTimeline of [true, false]) {
      const kept = await keep();
      await kept.feed(50);
      kept.source.beginRun(await recordParts({ durationS: 10 }), 8000);
      await kept.feed(45);
      const viewer = kept.open(30_000, keepsTimeline);
      for (let round = 0; round < 30; round += 1) {
        kept.source.wait(500);
        kept.views.tick();
        await kept.settle(viewer);
      }
      const starts = kept.startsIn(viewer);
      assert.equal(starts.length, 95, 'all of it has come, in less time than it took');
      const gaps = starts.map((start, index) => start - (starts[index - 1] ?? start));
      const longest = Math.max(...gaps);
      assert.ok(keepsTimeline ? Math.abs(longest - 8200) < 50 : longest < 260, `${keepsTimeline} ${longest}`);
      assert.equal((await decode({ bytes: viewer.bytes })).complaints, '');
      kept.views.closeAll();
      await kept.dvr.close();
    }
  });

  it('goes on over a restart with another picture, and ends where that can not be decoded', async () => {
    const kept = await keep();
    await kept.feed(10);
    kept.source.beginRun(await recordParts({ durationS: 2, size: '480x270' }), 500);
    await kept.feed(10);
    kept.source.beginRun(await recordParts({ durationS: 2, audio: 'none' }), 500);
    await kept.feed(10);
    const viewer = kept.open(60_000, false);
    for (let round = 0; round < 10; round += 1) {
      kept.source.wait(500);
      kept.views.tick();
      await kept.settle(viewer);
    }
    assert.equal(viewer.writableEnded, true);
    const { frames, complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
    assert.equal(frames, 20 * 5);
    await kept.dvr.close();
  });

  it('of one who takes nothing holds one read, and is destroyed after a while', async () => {
    const kept = await keep();
    await kept.feed(250);
    const viewer = kept.open(50_000);
    viewer.isShut = true;
    await until('something waits', () => viewer.writableLength > 0);
    for (let round = 0; round < 19; round += 1) {
      kept.source.wait(500);
      kept.views.tick();
      assert.ok(viewer.writableLength < 400_000, `${viewer.writableLength} bytes are held`);
    }
    assert.equal(viewer.destroyed, false);
    kept.source.wait(1000);
    kept.views.tick();
    assert.equal(viewer.destroyed, true);
    await kept.dvr.close();
  });

  it('of one who is slower than the window moves on to a keyframe that is still there', async () => {
    const kept = await keep(15);
    await kept.feed(75);
    const viewer = kept.open(15_000);
    await kept.settle(viewer);
    viewer.isShut = true;
    const before = kept.startsIn(viewer);
    kept.source.wait(3000);
    kept.views.tick();
    await until('something waits', () => viewer.writableLength > 0);
    await kept.feed(200);
    viewer.open();
    await kept.settle(viewer);
    kept.source.wait(500);
    kept.views.tick();
    await kept.settle(viewer);
    const starts = kept.startsIn(viewer);
    const jump = starts.findIndex((start, index) => start - (starts[index - 1] ?? start) > 1000);
    assert.ok(jump >= before.length, `he is moved on: ${starts}`);
    assert.equal((starts[jump] ?? 1) % 1000, 0, 'to a keyframe');
    assert.equal((await decode({ bytes: viewer.bytes })).complaints, '');
    kept.views.closeAll();
    await kept.dvr.close();
  });

  it('has no place for one more than the limit, nor where nothing is kept', async () => {
    const kept = await keep();
    assert.throws(() => kept.open(1000), { code: 'rewind-off' });
    await kept.feed(20);
    const first = kept.open(1000);
    kept.open(1000);
    assert.throws(() => kept.open(1000), { code: 'rewind-full' });
    first.destroy();
    await new Promise(resolve => first.once('close', resolve));
    kept.open(1000);
    kept.views.closeAll();
    await kept.dvr.close();
  });

  it('ends when the stream has been over for a while', async () => {
    const kept = await keep();
    await kept.feed(20);
    const viewer = kept.open(2000);
    await kept.settle(viewer);
    kept.source.wait(29_000);
    kept.views.tick();
    assert.equal(viewer.writableEnded, false);
    kept.source.wait(2000);
    kept.views.tick();
    assert.equal(viewer.writableEnded, true);
    await kept.dvr.close();
  });
});
