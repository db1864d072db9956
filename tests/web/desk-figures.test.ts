/** What the desk makes of the figures. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Minute } from '../../app/moderation/counters.ts';
import type { StreamStatus } from '../../app/moderation/surroundings.ts';
import { ViewersOverTime } from '../../app/moderation/viewers-over-time.ts';
import { Answers } from '../../app/web/desk/answers.ts';
import { chartSize, drawChart, scaleTop } from '../../app/web/desk/chart.ts';
import { factsOf } from '../../app/web/desk/facts.ts';
import { overTime } from '../../app/web/desk/over-time.ts';
import { clock, utc } from '../../app/web/desk/words.ts';

const live: StreamStatus = {
  state: 'live',
  uptimeMs: 3_723_000,
  viewers: 12,
  bitrateKbps: 512.4,
  partsPerSecond: 5,
  latencyMs: 230,
};
const calm: Minute = { messages: 10, held: 0, joins: 1, refusals: {} };

function verdicts(status: Partial<StreamStatus>, minute: Partial<Minute> = {}, isRaid = false) {
  const chat = { lastMinute: { ...calm, ...minute }, waiting: 0, isRaid, isClosed: false };
  const { stream, chat: said } = factsOf({ ...live, ...status }, chat);
  return [stream.mood, said.mood, stream.sentence, said.sentence] as const;
}

describe('The desk says', () => {
  it('whether the stream is all right', () => {
    assert.equal(verdicts({})[0], 'good');
    assert.equal(verdicts({ partsPerSecond: 0 })[0], 'bad');
    assert.equal(verdicts({ latencyMs: 9000 })[0], 'bad');
    assert.equal(verdicts({ state: 'stalled' })[0], 'bad');
    assert.equal(verdicts({ state: 'ended', uptimeMs: undefined })[0], 'idle');
  });

  it('whether the chat is under attack, and what to press', () => {
    const flood = { messages: 4, refusals: { flood: 150, captcha: 60 } };
    assert.equal(verdicts({})[1], 'good');
    assert.equal(verdicts({}, { refusals: { flood: 5 } })[1], 'good', 'a few refusals are no attack');
    assert.equal(verdicts({}, { messages: 300, refusals: { flood: 25 } })[1], 'good', 'nor is a busy chat');
    assert.equal(verdicts({}, flood)[1], 'bad');
    assert.match(verdicts({}, flood)[3], /210 .*Turn raid mode on/);
    assert.match(verdicts({}, flood, true)[3], /raid mode holds/);
    assert.match(verdicts({}, {}, true)[3], /still on/);
  });

  it('the figures in units for people', () => {
    const { stream } = factsOf(live, { lastMinute: calm, waiting: 0, isRaid: false, isClosed: false });
    assert.deepEqual(Object.fromEntries(stream.figures), {
      Watching: '12',
      'On for': '1:02:03',
      Bitrate: '512 kbit/s',
      'Parts/s': '5.0',
      Latency: '230 ms',
    });
    assert.equal(clock(2 * 86_400_000 + 61_000), '2 d 0:01:01');
    assert.equal(utc(Date.UTC(2026, 0, 2, 3, 4)), '2 Jan 03:04');
  });

  it('how many watched, in a picture whose upper edge is a round number', () => {
    assert.deepEqual([1, 2, 3, 6, 10, 11, 37, 51, 999].map(scaleTop), [1, 2, 5, 10, 10, 20, 50, 100, 1000]);
    const { width, height } = chartSize;
    const png = drawChart([undefined, 0, 5, 10]);
    const start = png.indexOf('IDAT') + 4;
    const rows = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)));
    const shade = (x: number, y: number): number => {
      const byte = rows[y * (1 + width / 2) + 1 + (x >> 1)] ?? 0;
      return x % 2 === 0 ? byte >> 4 : byte & 15;
    };
    const topOf = (x: number): number =>
      Array.from({ length: height }, (_, y) => y).find(y => shade(x, y) === 15) ?? height;
    assert.deepEqual(
      [0.1, 0.4, 0.6, 0.9].map(share => topOf(Math.round(share * width))),
      [height, height - 2, height / 2, 0],
    );
  });

  it('the same as a table, unknown where nothing was seen', () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const viewers = new ViewersOverTime({ now: () => nowMs });
    for (let second = 0; second < 600; second++) {
      viewers.tick(second < 300 ? 4 : 9);
      nowMs += 1000;
    }
    const { rows, most, top, hours } = overTime(viewers, '1');
    assert.deepEqual([most, top, hours], [9, 10, 1]);
    assert.deepEqual(
      rows.slice(-3).map(({ from, to, most: in5 }) => [from, to, in5]),
      [
        ['15 min ago', '10 min ago', 'unknown'],
        ['10 min ago', '5 min ago', '4'],
        ['5 min ago', 'now', '9'],
      ],
    );
    assert.equal(overTime(viewers, '99').hours, 1);
  });

  it('an answer to its own session only, for a quarter of an hour, and keeps no more than some', () => {
    let nowMs = 0;
    const answers = new Answers({ now: () => nowMs });
    const answer = { sentence: 'Done.', lines: [], isError: false };
    const id = answers.keep('mine', answer);
    assert.equal(answers.find('mine', id), answer);
    assert.equal(answers.find('other', id), undefined);
    for (let n = 0; n < 300; n++) answers.keep('mine', answer);
    assert.equal(answers.find('mine', id), undefined);
    const late = answers.keep('mine', answer);
    nowMs += 15 * 60_000;
    assert.equal(answers.find('mine', late), undefined);
  });
});
