import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgressParser, type Progress } from '../../app/capture/progress.ts';
import { StatusLine, statusText } from '../../app/capture/status.ts';

const progress: Progress = {
  frames: 900,
  fps: 29.97,
  droppedFrames: 3,
  duplicatedFrames: 0,
  speed: 1.004,
  outTimeMs: 30_000,
};

/** Keeps what is written, as a terminal or as a pipe. */
function paper(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  return {
    isTTY,
    ...(columns === undefined ? {} : { columns }),
    write: (text: string) => written.push(text),
    written,
  };
}

describe('The progress of ffmpeg', () => {
  it('is read block by block, and what ffmpeg does not know yet is not made up', () => {
    const seen: Progress[] = [];
    const onLine = createProgressParser(each => seen.push(each));
    const first = [
      'frame=0',
      'fps=0.00',
      'bitrate=N/A',
      'out_time_us=N/A',
      'drop_frames=0',
      'dup_frames=0',
      'speed=N/A',
    ];
    const next = [
      'frame=120',
      'fps=30.02',
      'out_time_us=4010667',
      'drop_frames=2',
      'dup_frames=1',
      'speed= 1.01x',
    ];
    for (const line of [...first, 'progress=continue', ...next, 'progress=end']) onLine(line);
    assert.deepEqual(seen, [
      { frames: 0, fps: 0, droppedFrames: 0, duplicatedFrames: 0, speed: undefined, outTimeMs: 0 },
      { frames: 120, fps: 30.02, droppedFrames: 2, duplicatedFrames: 1, speed: 1.01, outTimeMs: 4010.667 },
    ]);
  });
});

describe('The status line', () => {
  it('tells uptime, frames, bitrate, drops, speed and viewers', () => {
    const status = { uptimeMs: 3_723_000, progress, kbps: 514.4, viewers: 12 };
    assert.equal(statusText(status), 'live 1:02:03 · 30 fps · 514 kbit/s · 3 dropped · 1.00x · 12 viewers');
    assert.match(statusText({ ...status, viewers: 1 }), /1 viewer$/);
  });

  it('leaves out what nobody knows, and fits 80 columns even with large numbers', () => {
    assert.equal(
      statusText({
        uptimeMs: 0,
        progress: { ...progress, speed: undefined },
        kbps: undefined,
        viewers: undefined,
      }),
      'live 0:00:00 · 30 fps · 3 dropped',
    );
    const large = { ...progress, droppedFrames: 99_999 };
    assert.ok(
      statusText({ uptimeMs: 350_000_000, progress: large, kbps: 20_000, viewers: 10_000 }).length < 80,
    );
  });

  it('is painted in place and cut to the width of a terminal', () => {
    const terminal = paper(true, 12);
    const line = new StatusLine(terminal);
    line.update('a long status line');
    line.update('short');
    assert.deepEqual(terminal.written, ['\r\u001b[2Ka long stat', '\r\u001b[2Kshort']);
  });

  it('stays below the lines that are told meanwhile', () => {
    const terminal = paper(true, 80);
    const line = new StatusLine(terminal);
    line.note('before');
    line.update('status');
    line.note('told');
    line.close();
    line.note('after');
    assert.deepEqual(terminal.written, [
      'before\n',
      '\r\u001b[2Kstatus',
      '\r\u001b[2Ktold\nstatus',
      '\n',
      'after\n',
    ]);
  });

  it('is a plain line now and then where there is no terminal', t => {
    t.mock.method(performance, 'now', () => nowMs);
    let nowMs = 1000;
    const pipe = paper(false);
    const line = new StatusLine(pipe);
    for (nowMs = 1000; nowMs <= 21_000; nowMs += 500) line.update(`at ${nowMs}`);
    assert.deepEqual(pipe.written, ['at 1000\n', 'at 11000\n', 'at 21000\n']);
  });
});
