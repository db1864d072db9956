/** What a source says when it can't be had, asked without a launcher around it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { captureConfig } from '../../app/capture/config.ts';
import { parseWindowTree } from '../../app/capture/desktop.ts';
import type { Input, Machine } from '../../app/capture/input.ts';
import { openSource, sources, sourceUsage } from '../../app/capture/sources.ts';
import { codeOf } from '../../app/lib/failure.ts';

const config = captureConfig.parse({});
const machine: Machine = {
  ffmpeg: { path: 'ffmpeg', version: 'any' },
  platform: 'linux',
  env: {},
  stdin: Readable.from([]),
  signal: new AbortController().signal,
};

const open = async (text: string, changed: Partial<Machine> = {}): Promise<Input> =>
  await openSource(text, config, { ...machine, ...changed })();
const refused = async (text: string, code: string, sentence: RegExp, changed: Partial<Machine> = {}) => {
  await assert.rejects(open(text, changed), error => {
    assert.equal(codeOf(error), code);
    assert.match(String(error), sentence);
    return true;
  });
};

describe('A source', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'sources-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  it('is one of a table, with the argument its row wants', () => {
    assert.deepEqual(Object.keys(sources), ['test', 'screen', 'window', 'camera', 'file', 'url', 'pipe']);
    assert.equal(sourceUsage('file'), 'file:PATH');
    assert.equal(sourceUsage('screen'), 'screen[:DISPLAY]');
    for (const text of [
      'television',
      'file',
      'file:',
      'window',
      'url',
      'test:card',
      'pipe:fast',
      'toString',
      '',
    ]) {
      assert.throws(
        () => openSource(text, config, machine),
        error => codeOf(error) === 'source-unknown',
        text,
      );
    }
  });

  it('that is a file must be there, readable, and video', async () => {
    await refused(`file:${home}/none.mkv`, 'source-unreadable', /There is no file .*none\.mkv/);
    await refused(`file:${home}`, 'source-unreadable', /is a folder/);
    await refused(`file:${import.meta.filename}`, 'source-unreadable', /can't be read: Invalid data/);
    const sound = join(home, 'sound.mka');
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', sound]);
    await refused(`file:${sound}`, 'source-without-video', /has no picture/);
  });

  it('that is a pipe must bring bytes, not keys', async () => {
    const terminal = Object.assign(Readable.from([]), { isTTY: true });
    await refused('pipe', 'pipe-is-terminal', /recorder … \| scripts\/stream/, { stdin: terminal });
  });

  it('that is a camera must be there', async () => {
    await refused('camera:/dev/video99', 'camera-missing', /\/dev\/video99 is missing/);
  });

  it('that is the screen needs a display, and one of X', async () => {
    await refused('screen', 'screen-missing', /DISPLAY is not set.* capture\.sources\.screen\.display/);
    await refused('window:x', 'screen-missing', /DISPLAY is not set.* capture\.sources\.window\.display/);
    await refused('screen', 'screen-wayland', /Wayland.*Xorg/, { env: { WAYLAND_DISPLAY: 'wayland-0' } });
    const both = { DISPLAY: ':0', XDG_SESSION_TYPE: 'wayland' };
    await refused('screen', 'screen-wayland', /Wayland.*--source pipe/, { env: both });
    await refused('window:x', 'screen-wayland', /the window can't be grabbed/, {
      env: { WAYLAND_DISPLAY: 'wayland-0' },
    });
  });

  it('on macOS and Windows is built without asking X', async () => {
    assert.match((await open('screen', { platform: 'darwin' })).args.join(' '), /avfoundation/);
    assert.match((await open('screen', { platform: 'win32' })).args.join(' '), /gdigrab/);
    assert.match((await open('window:My Game', { platform: 'win32' })).args.join(' '), /title=My Game/);
    assert.match((await open('camera:Cam', { platform: 'win32' })).args.join(' '), /video=Cam/);
    await refused('window:x', 'window-unsupported', /macOS/, { platform: 'darwin' });
  });

  it('without sound in the settings opens no sound device', async () => {
    const silent = { ...config, audio: false };
    const input = await openSource('screen', silent, { ...machine, env: { DISPLAY: ':0' } })();
    assert.deepEqual([input.audio, input.notes], [null, []]);
    assert.doesNotMatch(input.args.join(' '), /pulse|alsa/);
  });
});

describe('The list of windows', () => {
  it('has those with a title that can be seen, whatever the title', () => {
    const tree = [
      'xwininfo: Window id: 0x50d (the root window) (has no name)',
      '     3 children:',
      '     0x600008 "A "quoted": (title)": ("ffplay" "ffplay")  300x200+170+80  +170+80',
      '        0x600009 (has no name): ()  150x100+0+0  +1+1',
      '     0x200001 "mutter guard": ()  1x1+-100+-100  +-100+-100',
      '     0x400003 "Off the edge": ("a" "b")  300x200+-20+-5  +-20+-5',
    ];
    assert.deepEqual(parseWindowTree(tree.join('\n')), [
      { id: '0x600008', title: 'A "quoted": (title)' },
      { id: '0x400003', title: 'Off the edge' },
    ]);
  });
});
