import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheBlocks } from '../../app/delivery/packaging/cache-blocks.ts';
import { boxesIn } from '../../app/segments/boxes.ts';

const blockBytes = 32 * 1024;
const bytesOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

describe('The blocks of the cache', () => {
  it('end with the first burst, and then with every second part of a stream that nearly fills them', () => {
    const blocks = new CacheBlocks(1200, 400);
    const burst = Buffer.alloc(70_000, 1);
    const begun = blocks.add([burst], 1080, true);
    assert.equal(begun[0], burst, 'not copied');
    let position = 1200 + bytesOf(begun);
    assert.equal(position % blockBytes, 0);
    const ends: number[] = [];
    let [stream, written] = [0, 0];
    for (let part = 1; part <= 50; part += 1) {
      // 514 kbit/s, with more in every fifth part, which begins with a keyframe.
      const bytes = part % 5 === 0 ? 16_000 : 12_000;
      const chunks = blocks.add([Buffer.alloc(bytes)], 200);
      stream += bytes;
      written += bytesOf(chunks);
      position += bytesOf(chunks);
      if (position % blockBytes === 0) ends.push(part);
    }
    const distances = ends.map((part, index) => part - (ends[index - 1] ?? 0));
    assert.ok(Math.max(...distances) <= 3, `${distances}`);
    assert.ok(written < 1.4 * stream, `${written} for ${stream}`);
  });

  it('end as often as is asked for where little is written, and are not filled up more than that', () => {
    for (const everyMs of [400, 1400]) {
      const blocks = new CacheBlocks(0, everyMs);
      let [position, endMs, longestMs] = [0, 0, 0];
      for (let ms = 200; ms <= 60_000; ms += 200) {
        position += bytesOf(blocks.add([Buffer.alloc(2000)], 200));
        if (position % blockBytes !== 0) continue;
        longestMs = Math.max(longestMs, ms - endMs);
        endMs = ms;
      }
      assert.equal(longestMs, everyMs);
      assert.ok(position <= (60_000 / everyMs) * blockBytes, `${position}`);
    }
  });

  it('are not filled up for a while after parts had to be left out', () => {
    const blocks = new CacheBlocks(0, 400);
    blocks.rest();
    let filledAtMs = 0;
    for (let ms = 200; ms <= 20_000 && filledAtMs === 0; ms += 200)
      if (blocks.add([Buffer.alloc(2000)], 200).length > 1) filledAtMs = ms;
    assert.ok(filledAtMs > 10_000 && filledAtMs < 20_000, `${filledAtMs} ms`);
  });

  it('are filled with boxes that are passed over', () => {
    for (const start of [blockBytes - 3, blockBytes - 8, 100, 5]) {
      const bytes = Buffer.concat(new CacheBlocks(start, 400).add([], 0, true));
      assert.ok(bytes.length >= 8 && bytes.length <= blockBytes);
      const [box, ...more] = [...boxesIn(bytes)];
      assert.deepEqual([box?.type, box?.end, more.length], ['free', bytes.length, 0]);
    }
  });
});
