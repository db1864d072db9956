import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatConfig } from '../../app/chat/config.ts';
import { Flood } from '../../app/chat/flood.ts';
import { below, seeded } from '../kit/seeded.ts';

function flooding(config: unknown = {}, maxWriters?: number) {
  const clock = { nowMs: 1_000_000 };
  const { flood: limits } = chatConfig.parse({ flood: config });
  const flood = new Flood({ now: () => clock.nowMs, ...(maxWriters ? { maxWriters } : {}) }, limits);
  const write = (text: string, personId = 'ada', circuit?: string, slowModeS = 0) => {
    const writer = { personId, circuit };
    const verdict = flood.check(writer, text, slowModeS);
    if (!verdict) flood.count(writer, text);
    return verdict && { reason: verdict.reason, retryInMs: verdict.retryAtMs - clock.nowMs };
  };
  return { flood, clock, write };
}

test('the fifth message in 20 seconds has to wait until the first is 20 seconds old', () => {
  const { write, clock } = flooding();
  for (const text of ['a', 'b', 'c', 'd']) {
    assert.equal(write(text), undefined);
    clock.nowMs += 1000;
  }
  assert.deepEqual(write('e'), { reason: 'flood', retryInMs: 16_000 });
  assert.equal(write('e', 'bob'), undefined, 'others are not held up');
  clock.nowMs += 15_999;
  assert.deepEqual(write('e'), { reason: 'flood', retryInMs: 1 });
  clock.nowMs += 1;
  assert.equal(write('e'), undefined);
});

test('lines count, too, and as many must leave the window as the text needs', () => {
  const { write, clock } = flooding();
  const lines = (count: number, letter: string) => Array.from({ length: count }, () => letter).join('\n');
  assert.equal(write(lines(6, 'a')), undefined);
  clock.nowMs += 1000;
  assert.equal(write(lines(6, 'b')), undefined);
  clock.nowMs += 1000;
  assert.equal(write(lines(6, 'c')), undefined);
  assert.deepEqual(write(lines(3, 'd')), { reason: 'flood', retryInMs: 18_000 });
  assert.deepEqual(write(lines(9, 'd')), { reason: 'flood', retryInMs: 19_000 });
  assert.deepEqual(write(lines(20, 'd')), { reason: 'flood', retryInMs: 20_000 });
  assert.equal(write(lines(2, 'd')), undefined);
});

test('the same again is refused for a minute, however it is spaced and capitalised', () => {
  const { write, clock } = flooding();
  assert.equal(write('Buy my  thing'), undefined);
  clock.nowMs += 30_000;
  assert.deepEqual(write('buy my\nTHING'), { reason: 'duplicate', retryInMs: 30_000 });
  clock.nowMs += 30_000;
  assert.equal(write('buy my thing'), undefined);
  assert.equal(flooding({ duplicateWindowS: 0 }).write('a'), undefined);
  const off = flooding({ duplicateWindowS: 0 });
  assert.equal(off.write('a') ?? off.write('a'), undefined);
});

test('slow mode is one message per so many seconds', () => {
  const { write, clock } = flooding();
  assert.equal(write('a', 'ada', undefined, 30), undefined);
  clock.nowMs += 10_000;
  assert.deepEqual(write('b', 'ada', undefined, 30), { reason: 'slow-mode', retryInMs: 20_000 });
  assert.equal(write('b', 'ada', undefined, 10), undefined, 'the broadcaster made it faster');
});

test('a circuit may write three times as much, under however many names', () => {
  const { write } = flooding();
  const names = Array.from({ length: 12 }, (_, index) => `name${index}`);
  for (const name of names) assert.equal(write(`by ${name}`, name, '203'), undefined);
  assert.deepEqual(write('by another', 'another', '203'), { reason: 'flood', retryInMs: 20_000 });
  assert.equal(write('by another', 'another', '204'), undefined);
  assert.deepEqual(write('BY name3', 'yet another', '203')?.retryInMs, 60_000, 'also the same text');
});

test('slow mode holds for a circuit, too: three names a round', () => {
  const { write } = flooding();
  for (const name of ['a', 'b', 'c']) assert.equal(write(`by ${name}`, name, '7', 60), undefined);
  assert.equal(write('by d', 'd', '7', 60)?.reason, 'slow-mode');
});

test('a refused message does not make the wait longer', () => {
  const { write, clock } = flooding();
  for (const text of ['a', 'b', 'c', 'd']) write(text);
  for (let second = 0; second < 20; second++) {
    assert.equal(write('e')?.retryInMs, 20_000 - second * 1000);
    clock.nowMs += 1000;
  }
  assert.equal(write('e'), undefined);
});

test('a clock that was set back blocks nobody', () => {
  const { write, clock } = flooding();
  for (const text of ['a', 'b', 'c', 'd']) write(text);
  clock.nowMs -= 86_400_000;
  assert.equal(write('a'), undefined);
});

test('whatever is written when: no window is ever too full, and waiting as told always helps', () => {
  const random = seeded(21);
  for (let round = 0; round < 60; round++) {
    const limits = {
      messages: 1 + below(random, 6),
      lines: 20 + below(random, 10),
      windowS: 1 + below(random, 30),
    };
    const config = { ...limits, duplicateWindowS: below(random, 60) };
    const slowModeS = below(random, 3) * 5;
    const { flood, clock } = flooding(config);
    const writer = { personId: 'ada', circuit: undefined };
    const written: { atMs: number; text: string; lines: number }[] = [];
    let refusals = 0;
    for (let step = 0; step < 150; step++) {
      clock.nowMs += below(random, 6000);
      const lines = 1 + below(random, 20);
      const text = Array.from({ length: lines }, () => String(below(random, 3))).join('\n');
      const verdict = flood.check(writer, text, slowModeS);
      if (verdict) {
        refusals++;
        assert.ok(verdict.retryAtMs > clock.nowMs);
        const askedAtMs = clock.nowMs;
        clock.nowMs = verdict.retryAtMs - 1;
        assert.ok(flood.check(writer, text, slowModeS), 'one millisecond before it is still too early');
        clock.nowMs = verdict.retryAtMs;
        assert.equal(flood.check(writer, text, slowModeS), undefined, 'at the time told it passes');
        if (random() < 0.5) {
          clock.nowMs = askedAtMs;
          continue;
        }
      }
      flood.count(writer, text);
      written.push({ atMs: clock.nowMs, text, lines });
    }
    assert.ok(refusals > 10);
    for (const { atMs, text } of written) {
      const within = (spanS: number) =>
        written.filter(other => other.atMs <= atMs && other.atMs > atMs - spanS * 1000);
      const inWindow = within(config.windowS);
      assert.ok(inWindow.length <= config.messages);
      assert.ok(inWindow.reduce((sum, { lines }) => sum + lines, 0) <= config.lines);
      assert.ok(within(slowModeS).length <= 1);
      // Further back than the last 16 messages repeats are forgotten.
      const same = within(config.duplicateWindowS)
        .slice(-16)
        .filter(other => other.text === text);
      assert.ok(same.length <= 1);
    }
  }
});

test('a crowd of any size takes bounded memory, and the busiest are remembered', () => {
  const { flood, write } = flooding({}, 1000);
  for (let person = 0; person < 20_000; person++) {
    write(`message ${person}`, `person ${person}`, String(person));
    if (person % 100 === 0) write(`busy ${person}`, 'busy');
  }
  assert.ok(flood.size <= 1000);
  assert.equal(write('busy again', 'busy')?.reason, 'flood');
});
