/** What is kept for rewinding, on a real disk, of recorded parts. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLog, silentLog } from '../../app/lib/log.ts';
import { liveConfig } from '../../app/live/config.ts';
import { Dvr, endMsOf } from '../../app/live/dvr.ts';
import type { KeptPart } from '../../app/live/dvr-file.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';
import { until } from '../kit/until.ts';

describe('The DVR', () => {
  let home: string;
  let recorded: Recorded;
  let count = 0;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'dvr-'));
    recorded = await recordParts({ durationS: 60 });
  });
  after(() => rm(home, { recursive: true, force: true }));

  function keep(config: { dvrS: number; dvrMaxMB?: number }, log = silentLog) {
    const source = new RecordedChannel();
    const dir = join(home, String(count++), 'kept');
    const dvr = new Dvr({ channel: source.channel, dir, log }, liveConfig.parse(config));
    source.beginRun(recorded);
    return { source, dir, dvr };
  }

  const newest = (dvr: Dvr): number => dvr.from(0, Number.MAX_SAFE_INTEGER).at(-1)?.number ?? -1;
  /** Feeds, and waits for the disk: all that there is, file after file. */
  async function feed({ source, dvr }: ReturnType<typeof keep>, parts: number): Promise<KeptPart[]> {
    await source.feed(parts);
    const number = source.channel.window.newest?.number ?? 0;
    await until('all is written', () => dvr.from(number, 1).length === 1);
    return all(dvr);
  }
  function all(dvr: Dvr): KeptPart[] {
    const parts: KeptPart[] = [];
    for (let more = dvr.from(0, 100_000); more.length > 0; ) {
      parts.push(...more);
      more = dvr.from((more.at(-1)?.number ?? 0) + 1, 100_000);
    }
    return parts;
  }

  it('gives back every byte of what has been shown', async () => {
    const kept = keep({ dvrS: 240 });
    const parts = await feed(kept, 200);
    assert.equal(parts.length, 200);
    for (const [index, part] of parts.entries()) {
      const [bytes] = (await kept.dvr.read([part])) ?? [];
      assert.deepEqual(bytes, recorded.parts[index]?.bytes, `part ${index}`);
    }
    const together = await kept.dvr.read(parts.slice(3, 9));
    assert.deepEqual(
      together,
      recorded.parts.slice(3, 9).map(({ bytes }) => bytes),
    );
    await kept.dvr.close();
  });

  it('finds the keyframe that was shown so long ago, and the oldest one for who wants more', async () => {
    const kept = keep({ dvrS: 240 });
    const parts = await feed(kept, 150);
    const end = parts.at(-1);
    assert.ok(end);
    for (const agoMs of [0, 100, 1500, 7300, 29_000]) {
      const keyframe = kept.dvr.keyframe(agoMs);
      assert.equal(keyframe?.independent, true);
      const behindMs = endMsOf(end) - (keyframe?.startMs ?? 0);
      assert.ok(behindMs >= agoMs && behindMs < agoMs + 1100, `${agoMs}: ${behindMs}`);
    }
    assert.equal(kept.dvr.keyframe(500_000)?.number, 0);
    await kept.dvr.close();
  });

  it('keeps what was configured, in files, and no more', async () => {
    const kept = keep({ dvrS: 20 });
    const parts = await feed(kept, 300);
    const first = parts[0];
    assert.ok(first?.independent);
    const end = parts.at(-1);
    const spanMs = (end ? endMsOf(end) : 0) - first.startMs;
    assert.ok(spanMs >= 20_000 && spanMs <= 31_000, `${spanMs} ms are kept`);
    assert.equal(kept.dvr.spanMs, 20_000);
    await until('the files are as many', async () => (await readdir(kept.dir)).length <= 4);
    const before = newest(kept.dvr);
    assert.ok(before > 0);
    assert.equal(kept.dvr.keyframe(60_000)?.startMs !== undefined, true);
    const furthest = kept.dvr.keyframe(60_000);
    assert.ok((end ? endMsOf(end) : 0) - (furthest?.startMs ?? 0) < 21_100, 'never more than configured');
    await kept.dvr.close();
  });

  it('keeps to its bytes', async () => {
    const kept = keep({ dvrS: 240, dvrMaxMB: 1 });
    await feed(kept, 300);
    const total = recorded.parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(total > 1.2 * 1024 * 1024, `the recording is too small for this test: ${total}`);
    assert.ok(kept.dvr.sizeBytes <= 1.1 * 1024 * 1024, `${kept.dvr.sizeBytes} bytes`);
    assert.ok(kept.dvr.sizeBytes > 0.5 * 1024 * 1024);
    await kept.dvr.close();
  });

  it('keeps to its bytes also where no keyframe comes, and goes on with the next one', async () => {
    const logged: string[] = [];
    const kept = keep({ dvrS: 240, dvrMaxMB: 1 }, createLog('test', { write: line => logged.push(line) }));
    const rare = await recordParts({ durationS: 60, gopFrames: 100_000 });
    const total = rare.parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(total > 1.2 * 1024 * 1024, `the recording is too small for this test: ${total}`);
    kept.source.beginRun(rare);
    let mostBytes = 0;
    for (let left = rare.parts.length; left > 0 && logged.length === 0; left -= 1) {
      await kept.source.feed(1);
      const number = kept.source.channel.window.newest?.number ?? 0;
      await until('it is written', () => kept.dvr.from(number, 1).length === 1 || logged.length > 0);
      mostBytes = Math.max(mostBytes, kept.dvr.sizeBytes);
    }
    assert.ok(mostBytes > 1024 * 1024 && mostBytes < 1.1 * 1024 * 1024, `${mostBytes} bytes`);
    assert.match(logged[0] ?? '', /no keyframe in 1 MB/);
    assert.equal(kept.dvr.keyframe(0), undefined);
    await until('the disk is empty', async () => (await readdir(kept.dir)).length === 0);
    await kept.source.feed(5);
    kept.source.beginRun(recorded);
    const parts = await feed(kept, 10);
    assert.deepEqual([parts.length, parts[0]?.independent, logged.length], [10, true, 1]);
    await kept.dvr.close();
  });

  it('is for nobody else on the machine, and leaves nothing behind', async () => {
    const kept = keep({ dvrS: 240 });
    await feed(kept, 10);
    assert.equal((await stat(kept.dir)).mode & 0o777, 0o700);
    for (const name of await readdir(kept.dir)) {
      assert.equal((await stat(join(kept.dir, name))).mode & 0o777, 0o600);
    }
    await kept.dvr.close();
    await assert.rejects(stat(kept.dir), { code: 'ENOENT' });
  });

  it('that is turned off writes nothing', async () => {
    const kept = keep({ dvrS: 0 });
    await kept.source.feed(20);
    assert.equal(kept.dvr.keyframe(0), undefined);
    assert.equal(kept.dvr.spanMs, 0);
    await assert.rejects(stat(kept.dir), { code: 'ENOENT' });
    await kept.dvr.close();
  });

  it('goes on over a restart of the encoder with another picture', async () => {
    const kept = keep({ dvrS: 240 });
    await feed(kept, 20);
    kept.source.beginRun(await recordParts({ durationS: 5, size: '480x270' }), 3000);
    const parts = await feed(kept, 20);
    assert.equal(parts.length, 40);
    assert.equal(new Set(parts.map(({ init }) => init.id)).size, 2);
    const gapMs = (parts[20]?.startMs ?? 0) - (parts[19] ? endMsOf(parts[19]) : 0);
    assert.ok(Math.abs(gapMs - 3000) < 100, `the pause is on the timeline: ${gapMs}`);
    await kept.dvr.close();
  });

  it('that can not be written says so once, harms nobody, and goes on when it can', async () => {
    const logged: string[] = [];
    const kept = keep({ dvrS: 240 }, createLog('test', { write: line => logged.push(line) }));
    const blocked = join(kept.dir, '..');
    await writeFile(blocked, 'a file where the folder should be');
    await kept.source.feed(20);
    await until('it is told', () => logged.length > 0);
    assert.equal(logged.length, 1);
    assert.equal(kept.dvr.keyframe(0), undefined);
    assert.equal(kept.source.channel.window.newest?.number, 19);
    await rm(blocked);
    const parts = await feed(kept, 10);
    assert.equal(parts[0]?.independent, true);
    assert.equal(parts.at(-1)?.number, 29);
    await kept.dvr.close();
  });

  it('lets go of a stream that is over', async () => {
    const kept = keep({ dvrS: 20 });
    await feed(kept, 20);
    kept.dvr.sweep(kept.source.now() + 25_000);
    assert.notEqual(kept.dvr.keyframe(0), undefined);
    kept.dvr.sweep(kept.source.now() + 31_000);
    assert.equal(kept.dvr.keyframe(0), undefined);
    await until('the disk is empty', async () => (await readdir(kept.dir)).length === 0);
    await kept.dvr.close();
  });
});
