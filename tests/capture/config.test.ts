import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { captureConfig } from '../../app/capture/config.ts';
import { loadConfig, parseConfig } from '../../app/config.ts';
import { Failure } from '../../app/lib/failure.ts';

const problemsOf = (capture: object): string => {
  try {
    parseConfig({ capture });
    return '';
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.message;
  }
};

describe('The capture settings', () => {
  it('suit Tor when nothing is set: 640×360 at 20 fps in half a megabit, 0.2 s parts, keyframes each second', () => {
    const config = captureConfig.parse(undefined);
    assert.deepEqual([config.width, config.height, config.frameRate], [640, 360, 20]);
    assert.deepEqual([config.videoBitrateKbps, config.audioBitrateKbps], [450, 64]);
    assert.deepEqual([config.partS, config.keyframeIntervalS, config.encoder], [0.2, 1, 'libx264']);
  });

  it('in the project’s config.json are the defaults', async () => {
    const { capture } = await loadConfig(resolve(import.meta.dirname, '../../config.json'));
    assert.deepEqual(capture, captureConfig.parse({}));
  });

  it('refuse odd sizes, out-of-range rates, unknown encoders and unknown names, each with the value', () => {
    const told = problemsOf({ width: 641, height: 10, frameRate: 500, encoder: 'libtheora', bitrate: 3 });
    assert.match(told, /capture\.width: must be even.*\(got 641\)/);
    assert.match(told, /capture\.height: .*\(got 10\)/);
    assert.match(told, /capture\.frameRate: .*\(got 500\)/);
    assert.match(told, /capture\.encoder: .*libx264.*\(got "libtheora"\)/);
    assert.match(told, /bitrate/);
  });

  it('want parts of whole frames and keyframes at the beginning of parts', () => {
    assert.match(problemsOf({ frameRate: 25, partS: 0.25 }), /partS: .*6\.25 frames/);
    assert.match(
      problemsOf({ partS: 0.3, keyframeIntervalS: 1 }),
      /keyframeIntervalS: must be a multiple of partS/,
    );
    assert.equal(problemsOf({ frameRate: 25, partS: 0.2, keyframeIntervalS: 2 }), '');
    assert.equal(problemsOf({ frameRate: 30, partS: 0.1, keyframeIntervalS: 0.7 }), '');
  });
});
