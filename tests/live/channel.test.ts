/** A whole server follows a real encoder through all that can happen to it. */
import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { LiveChannel } from '../../app/live/channel.ts';
import type { ChannelState } from '../../app/live/state.ts';
import type { LivePart } from '../../app/live/window.ts';
import { durationTicksOf } from '../../app/segments/part.ts';
import { clearFolder, startEncoder } from '../kit/encoder.ts';
import { RecordedChannel, recordParts } from '../kit/recorded-channel.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

/** Everything a channel publishes, with the time of it. */
function record({ channel }: { channel: LiveChannel }) {
  const states: { state: ChannelState; atMs: number }[] = [{ state: channel.state, atMs: Date.now() }];
  const parts: { part: LivePart; atMs: number }[] = [];
  channel.events.subscribe(event => {
    if (event.type === 'state') states.push({ state: event.state, atMs: Date.now() });
    else parts.push({ part: event.part, atMs: Date.now() });
  });
  return { states, parts };
}

/** Waits until the state is `state`, and for no longer than `withinMs`; says when it became so. */
async function becomes(server: TestServer, state: ChannelState, withinMs: number): Promise<number> {
  return until(
    `the stream is ${state}`,
    () => server.running.channel.state === state && Date.now(),
    withinMs,
  );
}

const mtimeOf = async (server: TestServer, name: string): Promise<number> =>
  (await stat(join(server.channelDir, name))).mtimeMs;

/** Start and end of each track of a part on the channel's timeline, in seconds. */
function timesOf({ fragments, init }: LivePart): { id: number; startS: number; endS: number }[] {
  return init.tracks.flatMap(({ id, timescale }) => {
    const runs = fragments.flatMap(({ runs }) => runs).filter(run => run.trackId === id);
    const [first, last] = [runs[0], runs.at(-1)];
    if (!first || !last) return [];
    return [
      {
        id,
        startS: first.decodeTime / timescale,
        endS: (last.decodeTime + durationTicksOf(last)) / timescale,
      },
    ];
  });
}

/** Asserts that the parts follow each other in number and, track by track, in time. */
function assertOneTimeline(parts: readonly LivePart[]): void {
  const ends = new Map<number, number>();
  for (const [index, part] of parts.entries()) {
    assert.equal(part.number, (parts[0]?.number ?? 0) + index);
    for (const { id, startS, endS } of timesOf(part)) {
      const lastEndS = ends.get(id) ?? startS;
      assert.ok(
        startS >= lastEndS - 0.001,
        `track ${id} of part ${part.number}: ${startS} s after ${lastEndS} s`,
      );
      ends.set(id, endS);
    }
  }
}

describe('A channel', { concurrency: true }, () => {
  it('goes from offline through starting, live and stalled to ended and to its next start, as its files say', async () => {
    await using server = await startTestServer();
    const { states, parts } = record(server.running);
    // A launcher that has not yet got its first part out of its encoder.
    await writeFile(join(server.channelDir, 'pid.txt'), `${process.pid}\n`);
    await becomes(server, 'starting', 1000);
    await using encoder = await startEncoder(server.channelDir, { announced: true });
    await encoder.listed(1);
    const listedAtMs = Date.now();
    assert.ok((await becomes(server, 'live', 1000)) - listedAtMs < 1000);
    const startMs = Date.parse((await readFile(join(server.channelDir, 'start.txt'), 'utf8')).trim());
    assert.equal(server.running.channel.startedAtMs, startMs);
    await until('ten parts came', () => parts.length >= 10);
    for (const { part, atMs } of parts) {
      assert.ok(
        atMs - part.completedAtMs < 1000,
        `part ${part.number} was seen after ${atMs - part.completedAtMs} ms`,
      );
    }

    encoder.signal('SIGSTOP');
    const lastMs = await mtimeOf(server, 'stream.m3u8');
    const stalledMs = (await becomes(server, 'stalled', 4000)) - lastMs;
    // A part is late after twice its length and a second.
    assert.ok(stalledMs > 1300 && stalledMs < 2400, `stalled after ${stalledMs} ms`);
    assert.equal(server.running.channel.startedAtMs, startMs, 'the time goes on');
    encoder.signal('SIGCONT');
    await becomes(server, 'live', 2000);

    await encoder.stop();
    const endedMs = await mtimeOf(server, 'stream.m3u8');
    assert.ok((await becomes(server, 'ended', 1500)) - endedMs < 1000);
    assert.equal(server.running.channel.startedAtMs, undefined);
    // The launcher clears up, and another one begins.
    await rm(server.channelDir, { recursive: true });
    await clearFolder(server.channelDir);
    await writeFile(join(server.channelDir, 'pid.txt'), `${process.pid}\n`);
    await becomes(server, 'starting', 1000);
    assert.deepEqual(
      states.map(({ state }) => state),
      ['offline', 'starting', 'live', 'stalled', 'live', 'ended', 'starting'],
    );
    assertOneTimeline(parts.map(({ part }) => part));
    assert.deepEqual(server.logged, []);
  });

  it('is stalled within a second of kill -9, and not live for a server that starts on what was left', async () => {
    await using server = await startTestServer();
    await using encoder = await startEncoder(server.channelDir, { announced: true });
    await encoder.listed(6);
    // This one starts while the stream runs.
    {
      await using late = await startTestServer({ streamsDir: server.streamsDir });
      assert.equal(late.running.channel.state, 'live');
      assert.equal(late.running.channel.window.segments[0]?.parts[0]?.independent, true);
    }
    await encoder.close();
    const killedMs = Date.now();
    assert.ok((await becomes(server, 'stalled', 1500)) - killedMs < 1000);

    await using next = await startTestServer({
      streamsDir: server.streamsDir,
      config: { live: { endAfterStallS: 2 } },
    });
    const { states } = record(next.running);
    await becomes(next, 'ended', 4000);
    assert.ok(!states.some(({ state }) => state === 'live'));
    const page = await (await fetch(next.url)).text();
    assert.match(page, /data-state="ended"/);
  });

  it('goes on when an encoder starts anew over the old files, with another size of picture', async () => {
    await using server = await startTestServer();
    const { parts, states } = record(server.running);
    await using first = await startEncoder(server.channelDir, { listSize: 50 });
    await first.listed(12);
    await first.close();
    await using second = await startEncoder(server.channelDir, { size: '480x270', listSize: 50 });
    await second.listed(7);
    await second.close();
    // The same once more as the last, so that the init segments are the same.
    await using third = await startEncoder(server.channelDir, { size: '480x270', listSize: 50 });
    await third.listed(7);
    await third.close();
    const listed = (await readFile(join(server.channelDir, 'stream.m3u8'), 'utf8')).match(/^stream\d+/gm);
    await until(
      'all is read',
      () => parts.at(-1) && Date.now() - (parts.at(-1)?.part.completedAtMs ?? 0) > 700,
    );

    const all = parts.map(({ part }) => part);
    assertOneTimeline(all);
    const runs = Map.groupBy(all, part =>
      all.findLast(each => each.discontinuity && each.number <= part.number),
    );
    const lengths = [...runs.values()].map(run => run.length);
    assert.equal(lengths.length, 3);
    assert.equal(lengths[2], listed?.length, 'every part of a run, and each once');
    assert.equal(new Set(all.map(part => part.completedAtMs)).size, all.length, 'no file is read twice');
    assert.deepEqual(
      [...runs.values()].map(run => run[0]?.init.tracks[0]?.width),
      [320, 480, 480],
    );
    for (const run of runs.values()) assert.equal(run[0]?.independent, true);

    // The timeline keeps to the clock over the pauses.
    const [firstPart, lastPart] = [all[0], all.at(-1)];
    assert.ok(firstPart && lastPart);
    const clockS = (lastPart.completedAtMs - firstPart.completedAtMs) / 1000;
    const timelineS = (timesOf(lastPart)[0]?.startS ?? 0) - (timesOf(firstPart)[0]?.startS ?? 0);
    assert.ok(Math.abs(clockS - timelineS) < 0.3, `${clockS} s by the clock, ${timelineS} s on the timeline`);
    assert.ok(!states.some(({ state }) => state === 'ended'));
  });

  it('knows a bare encoder with segments of 2 s, which says neither pid nor start', async () => {
    await using server = await startTestServer();
    const { states, parts } = record(server.running);
    await using encoder = await startEncoder(server.channelDir, { partS: 2, gopFrames: 50, listSize: 5 });
    await encoder.listed(1);
    const seenMs = (await becomes(server, 'live', 1000)) - (await mtimeOf(server, 'stream.m3u8'));
    assert.ok(seenMs < 1000, `seen after ${seenMs} ms`);
    const startedAtMs = server.running.channel.startedAtMs ?? 0;
    assert.ok(Math.abs((parts[0]?.part.completedAtMs ?? 0) - 2000 - startedAtMs) < 50);
    await encoder.listed(2);
    await until('the second came', () => parts.length === 2, 1000);
    await encoder.stop();
    await becomes(server, 'ended', 1000);
    assert.equal(
      states.filter(({ state }) => state === 'live').length,
      1,
      'it never stalled between two segments',
    );
    assertOneTimeline(parts.map(({ part }) => part));
    assert.deepEqual(server.logged, []);
  });

  it('that is joined in the middle begins with a keyframe', async () => {
    const recorded = await recordParts({ durationS: 3 });
    const source = new RecordedChannel();
    source.beginRun({ ...recorded, parts: recorded.parts.slice(3) });
    await source.feed(2);
    assert.equal(source.channel.state, 'live');
    assert.equal(source.channel.window.newest, undefined);
    await source.feed(3);
    const parts = source.channel.window.segments.flatMap(segment => segment.parts);
    assert.deepEqual(
      parts.map(({ number, independent }) => [number, independent]),
      [
        [0, true],
        [1, false],
        [2, false],
      ],
    );
  });

  it('that had paused until it was forgotten goes on with a keyframe', async () => {
    const recorded = await recordParts({ durationS: 6 });
    const paused = recorded.parts.map((part, index) => ({
      ...part,
      completedAtMs: part.completedAtMs + (index < 12 ? 0 : 120_000),
    }));
    const source = new RecordedChannel();
    source.beginRun({ ...recorded, parts: paused });
    await source.feed(12);
    source.wait(60_100);
    assert.equal(source.channel.state, 'ended');
    assert.equal(source.channel.window.newest?.number, 11, 'who plays it still sees its end');
    source.wait(30_100);
    assert.equal(source.channel.window.newest, undefined);
    await source.feed(3);
    assert.deepEqual([source.channel.state, source.channel.window.newest], ['live', undefined]);
    await source.feed(2);
    const parts = source.channel.window.segments.flatMap(segment => segment.parts);
    assert.deepEqual(
      parts.map(({ number, independent }) => [number, independent]),
      [
        [12, true],
        [13, false],
      ],
    );
    assert.equal(source.channel.window.discontinuitySequence, 1);
  });
});
