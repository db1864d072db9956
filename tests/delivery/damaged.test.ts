/** Damaged files that are read all the same: whatever they say, no viewer's packaging fails over them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { deliveryConfig } from '../../app/delivery/config.ts';
import { Views } from '../../app/delivery/views.ts';
import { codeOf, sentenceOf } from '../../app/lib/failure.ts';
import { LiveChannel } from '../../app/live/channel.ts';
import { liveConfig } from '../../app/live/config.ts';
import type { CompletePart } from '../../app/segments/channel-folder.ts';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart } from '../../app/segments/part.ts';
import { recordFolder } from '../kit/encoder.ts';
import { below, seeded } from '../kit/seeded.ts';

/** A copy with up to three bytes changed, where the boxes are. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = 1 + below(random, 3); times > 0; times -= 1) {
    const at = below(random, Math.min(copy.length, 900));
    copy.writeUInt8(random() < 0.4 ? 0xff : (copy[at] ?? 0) ^ (1 << below(random, 8)), at);
  }
  return copy;
}

/** Undefined where it is refused. */
function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    assert.notEqual(codeOf(error), undefined, sentenceOf(error));
    return undefined;
  }
}

function openAll(channel: LiveChannel, now: () => number): Views {
  const views = new Views({ now }, deliveryConfig.parse({}));
  for (const demuxer of ['plain', 'muted-gecko', 'audible-gecko'] as const)
    for (const saves of [false, true]) {
      const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
      views.open(channel, sink, { reader: { demuxer, way: 'direct', saves } }, () => {});
    }
  return views;
}

/** Lets the parts come, each in its time, to viewers of every kind who join before, or at the fifth. */
function show(init: InitSegment, parts: readonly CompletePart[]): void {
  const channel = new LiveChannel('live', liveConfig.parse({}));
  let nowMs = parts[0]?.completedAtMs ?? 0;
  const early = openAll(channel, () => nowMs);
  let late: Views | undefined;
  for (const [index, part] of parts.entries()) {
    nowMs = part.completedAtMs;
    const facts = { encoder: 'unknown', playlist: 'open', playlistChangedAtMs: nowMs } as const;
    channel.apply(
      { ...facts, startedAtMs: undefined, init: index === 0 ? init : undefined, parts: [part], problems: [] },
      nowMs,
    );
    if (index === 4) late = openAll(channel, () => nowMs);
  }
  early.closeAll();
  late?.closeAll();
}

describe('Damaged parts', () => {
  it('harm no viewer', async () => {
    await using folder = await recordFolder({ durationS: 3 });
    const initFile = await readFile(join(folder.dir, 'init.mp4'));
    const files = await Promise.all(folder.names.map(name => readFile(join(folder.dir, name))));
    const random = seeded(2);
    let shown = 0;
    for (let round = 0; round < 100; round += 1) {
      const initBytes = round % 2 === 0 ? Buffer.from(initFile) : damaged(initFile, random);
      const init = readOrRefused(() => parseInitSegment(initBytes));
      if (!init) continue;
      const parts = files.flatMap((file, index) => {
        const bytes = random() < 0.3 ? damaged(file, random) : Buffer.from(file);
        const part = readOrRefused(() => parsePart(bytes, init));
        return part ? [{ ...part, completedAtMs: Date.UTC(2026, 0, 2) + index * 200 }] : [];
      });
      assert.doesNotThrow(() => show(init, parts), `round ${round}`);
      shown += parts.length;
    }
    assert.ok(shown > 500, `${shown} parts were shown`);
  });

  it('of tracks that there are not harm no viewer, also after a pause', async () => {
    await using folder = await recordFolder({ durationS: 3 });
    const init = parseInitSegment(await readFile(join(folder.dir, 'init.mp4')));
    const files = await Promise.all(folder.names.map(name => readFile(join(folder.dir, name))));
    const parts = files.map((file, index) => {
      for (let at = file.indexOf('tfhd'); index === 10 && at >= 0; at = file.indexOf('tfhd', at + 1))
        file.writeUInt32BE(9, at + 8);
      return { ...parsePart(file, init), completedAtMs: Date.UTC(2026, 0, 2) + index * 200 };
    });
    assert.ok(parts[10]?.fragments.every(({ runs }) => runs.every(run => run.trackId === 9)));
    assert.doesNotThrow(() => show(init, [...parts.slice(0, 6), ...parts.slice(9)]));
  });
});
