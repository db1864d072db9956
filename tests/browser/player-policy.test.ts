/** What the player decides by, without a browser: the files that decide know no page. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../../app/browser/player/arrivals.ts';
import { Backlog } from '../../app/browser/player/backlog.ts';
import { clockOf, wordsOf } from '../../app/browser/player/duration-words.ts';
import { QualityChoice } from '../../app/browser/player/quality-choice.ts';
import { RetryWait } from '../../app/browser/player/retry-wait.ts';
import { TargetDistance } from '../../app/browser/player/target-distance.ts';

describe('The distance from the live edge', () => {
  it('grows a little after a stall that stands alone, and more after those that follow', () => {
    const target = new TargetDistance(0);
    const first = target.seconds;
    target.stalled(10_000, 2000);
    const second = target.seconds;
    assert.ok(second > first && second < first + 0.2, `${first} → ${second}`);
    target.stalled(20_000, 2000);
    assert.ok(target.seconds > second + 0.9, `${second} → ${target.seconds}`);
  });

  it('does not grow after an outage, which no distance would have helped against', () => {
    const target = new TargetDistance(0);
    target.stalled(10_000, 300);
    const before = target.seconds;
    target.stalled(20_000, 5000);
    assert.equal(target.seconds, before);
  });

  it('has a limit, and comes back while it is calm', () => {
    const target = new TargetDistance(0);
    const first = target.seconds;
    for (let stall = 1; stall < 50; stall += 1) target.stalled(stall * 1000, 2000);
    assert.ok(target.seconds <= 3);
    let before = target.seconds;
    for (let second = 50; second < 400; second += 1) {
      target.tick(second * 1000);
      assert.ok(target.seconds <= before);
      before = target.seconds;
    }
    assert.ok(target.seconds <= first / 2, `${target.seconds}`);
  });
});

describe('The backlog', () => {
  it('is none on a line that is merely long, and grows with what waits in it', () => {
    const backlog = new Backlog();
    for (let ms = 0; ms <= 20_000; ms += 200) backlog.add(ms + 3000, ms / 1000);
    assert.ok(backlog.seconds < 0.001);
    for (let ms = 20_000; ms <= 30_000; ms += 200) backlog.add(23_000 + (ms - 20_000) * 2, ms / 1000);
    assert.ok(Math.abs(backlog.seconds - 10) < 0.3, `${backlog.seconds}`);
  });

  it('forgets an early least, which two clocks that drift apart have made', () => {
    const backlog = new Backlog();
    for (let ms = 0; ms < 3_600_000; ms += 1000) backlog.add(ms * 1.0002, ms / 1000);
    assert.ok(backlog.seconds < 0.1, `${backlog.seconds} s after an hour`);
  });

  it('is said to last when there has been much of it for a while, and never of what is not live', () => {
    const backlog = new Backlog();
    backlog.add(0, 0);
    const late = (nowMs: number, isLive = true): boolean => {
      backlog.add(nowMs, nowMs / 1000 - 5);
      return backlog.lasts(nowMs, isLive);
    };
    assert.equal(late(10_000), false, 'a burst is soon over');
    assert.equal(late(11_500), false);
    assert.equal(late(12_500), true);
    assert.equal(late(13_000, false), false);
    assert.equal(late(13_500), false, 'it is looked at from the start');
    backlog.add(20_000, 20);
    assert.equal(backlog.lasts(20_000, true), false);
  });

  it('is none after a jump of the timeline, once it has been told', () => {
    const backlog = new Backlog();
    backlog.add(1000, 100);
    backlog.reset();
    backlog.add(2000, 0);
    assert.equal(backlog.seconds, 0);
  });
});

describe('What arrives', () => {
  it('is told in kilobits a second over the last five', () => {
    const arrivals = new Arrivals(0);
    assert.equal(arrivals.kbps(500), undefined);
    for (let ms = 0; ms < 10_000; ms += 200) arrivals.add(ms, 12_500);
    const kbps = arrivals.kbps(10_000) ?? 0;
    assert.ok(Math.abs(kbps - 500) < 30, `${kbps}`);
    assert.equal(arrivals.kbps(20_000), 0);
    assert.equal(arrivals.totalBytes, 50 * 12_500);
  });
});

describe('The wait before the next try', () => {
  it('doubles up to a limit, is not the same for all, and begins anew after a success', () => {
    for (const random of [0, 0.5, 0.999]) {
      const wait = new RetryWait(() => random);
      const waits = Array.from({ length: 12 }, () => wait.nextMs());
      assert.ok((waits[0] ?? 0) < 500);
      for (const [index, ms] of waits.entries()) assert.ok(ms >= (waits[index - 1] ?? 0) && ms < 19_000);
      assert.ok((waits.at(-1) ?? 0) > 10_000);
      wait.reset();
      assert.ok(wait.nextMs() < 500);
    }
    assert.notEqual(new RetryWait(() => 0).nextMs(), new RetryWait(() => 1).nextMs());
  });
});

describe('The choice of a quality', () => {
  const kbps = [700, 400, 150];

  /** A line that carries so much, for so many seconds: what was played in each half second. */
  function play(choice: QualityChoice, lineKbps: (second: number) => number, seconds: number, begin = 0) {
    const played: number[] = [];
    let at = begin;
    let backlogS = 0;
    for (let half = 0; half < seconds * 2; half += 1) {
      const carried = lineKbps(half / 2);
      const needed = kbps[at] ?? 0;
      backlogS = Math.max(0, backlogS + (1 - carried / needed) / 2);
      const figures = { stalls: 0, reconnects: 0, arrivingKbps: Math.min(carried, needed) };
      const next = choice.next({ nowMs: half * 500, at, kbps, backlogS, ...figures });
      // What is asked for anew overtakes what waits.
      if (next > at) backlogS = 0.3;
      at = next;
      played.push(at);
    }
    return played;
  }

  it('stays with the best while all is well', () => {
    assert.deepEqual([...new Set(play(new QualityChoice(0), () => 5000, 600))], [0]);
  });

  it('goes down within seconds, to what the line carries', () => {
    const played = play(new QualityChoice(0), second => (second < 10 ? 5000 : 200), 60);
    assert.equal(played[19], 0);
    assert.equal(played[40], 2, 'after ten seconds');
    assert.equal(played[119], 2);
  });

  it('tries what is better again and again, and less often each time it fails', () => {
    const played = play(new QualityChoice(0), () => 450, 1800);
    const changes = played.flatMap((at, index) => (index > 0 && at !== played[index - 1] ? [index / 2] : []));
    assert.ok(changes.length < 20, `${changes.length} changes in half an hour`);
    const share = played.filter(at => at === 1).length / played.length;
    assert.ok(share > 0.9, `the right one for ${share} of the time`);
    const tries = changes.filter((_, index) => played[(changes[index] ?? 0) * 2] === 0);
    const waits = tries.map((second, index) => second - (tries[index - 1] ?? 0));
    assert.ok((waits.at(-1) ?? 0) > (waits[1] ?? 0) * 4, `waits of ${waits} s`);
  });

  it('comes back to the best when the line has become good', () => {
    const played = play(new QualityChoice(0), second => (second < 30 ? 120 : 5000), 300);
    assert.equal(played[59], 2);
    assert.equal(played.at(-1), 0);
  });

  it('has enough of two stalls in a few seconds, and not of one', () => {
    const choice = new QualityChoice(0);
    const figures = { at: 0, kbps, backlogS: 0, reconnects: 0, arrivingKbps: 690 };
    assert.equal(choice.next({ ...figures, nowMs: 5000, stalls: 0 }), 0);
    assert.equal(choice.next({ ...figures, nowMs: 6000, stalls: 1 }), 0);
    assert.equal(choice.next({ ...figures, nowMs: 20_000, stalls: 2 }), 0);
    assert.equal(choice.next({ ...figures, nowMs: 23_000, stalls: 3 }), 1);
  });

  it('has not enough of a burst, which follows on a line that stood still', () => {
    const choice = new QualityChoice(0);
    const figures = { at: 0, kbps, stalls: 0, reconnects: 0, arrivingKbps: 2000 };
    for (let ms = 5000; ms < 60_000; ms += 500) {
      const backlogS = ms % 10_000 < 1500 ? 5 : 0.1;
      assert.equal(choice.next({ ...figures, nowMs: ms, backlogS }), 0);
    }
  });

  it('stays where it is when there is nothing lower', () => {
    const choice = new QualityChoice(0);
    const figures = { at: 2, kbps, stalls: 0, reconnects: 0, arrivingKbps: 50 };
    for (let ms = 5000; ms < 60_000; ms += 500)
      assert.equal(choice.next({ ...figures, nowMs: ms, backlogS: 9 }), 2);
  });
});

describe('Lengths of time', () => {
  it('are written as on a clock, and in words', () => {
    assert.deepEqual([0, 9.6, 65, 3723].map(clockOf), ['0:00', '0:10', '1:05', '1:02:03']);
    assert.deepEqual([0, 1, 60, 125].map(wordsOf), [
      '0 seconds',
      '1 second',
      '1 minute',
      '2 minutes 5 seconds',
    ]);
  });
});
