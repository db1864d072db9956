/** Screen and window of a real X server, with a window that moves and sound that a real sound server plays. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { captureConfig } from '../../app/capture/config.ts';
import { parseWindowTree } from '../../app/capture/desktop.ts';
import { defaultSource } from '../../app/capture/sources.ts';
import { decode, probe } from '../kit/decode.ts';
import { type Display, type Pulse, startDisplay, startPulse } from '../kit/desktop.ts';
import { type Launcher, StreamsDir } from '../kit/launcher.ts';
import { until } from '../kit/until.ts';
import { brightness, loudnessDb, mean, movement } from './measure.ts';

const windowTitle = 'A moving picture';

describe('A desktop', { concurrency: 3 }, () => {
  let home: string;
  let display: Display;
  let pulse: Pulse;
  let player: ChildProcess;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'desktop-'));
    [display, pulse] = await Promise.all([startDisplay({ width: 800, height: 600 }), startPulse()]);
    env = { ...display.env, ...pulse.env };
    // Bright noise that never stands still, with a loud tone.
    const media = join(home, 'media.mkv');
    execFileSync('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x200:rate=30:duration=5'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=5', '-af', 'volume=4'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_s16le', media],
    ]);
    player = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'ffplay', '-v', 'error', '-loop', '0', '-window_title', windowTitle],
        ...['-left', '400', '-top', '300', '-x', '320', '-y', '200', media],
      ],
      { env: { ...process.env, ...env, SDL_AUDIODRIVER: 'pulseaudio' }, stdio: 'inherit' },
    );
    await until('the window', () => windowsNow().includes(windowTitle), 15_000);
    await until('its sound', () => pactl('list', 'short', 'sink-inputs').trim() !== '', 15_000);
  });
  after(async () => {
    player.kill('SIGKILL');
    await once(player, 'close');
    await Promise.all([display.close(), pulse.close()]);
    await rm(home, { recursive: true, force: true });
  });

  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  /** None while one of them goes away, which xwininfo fails at. */
  const windowsNow = (): readonly string[] => {
    try {
      return titles();
    } catch {
      return [];
    }
  };
  const titles = () => parseWindowTree(run('xwininfo', '-root', '-tree')).map(window => window.title);
  const pactl = (...args: string[]) => run('pactl', ...args);

  /** Streams with a `capture` configuration until some parts are there; gives them without the first moments. */
  async function record(streams: StreamsDir, launcher: Launcher): Promise<Buffer> {
    await streams.untilPart(launcher, 16);
    const bytes = await streams.recorded(5);
    assert.equal((await decode({ bytes: await streams.recorded() })).complaints, '');
    launcher.kill('SIGINT');
    const { exitCode, stderr } = await launcher.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
    return bytes;
  }

  async function launch(
    streams: StreamsDir,
    args: string[],
    sources: object,
    changed = {},
  ): Promise<Launcher> {
    const config = join(streams.dir, 'config.json');
    await writeFile(config, JSON.stringify({ capture: { sources } }));
    return streams.launch([...args, '--config', config], { ...env, ...changed });
  }

  it('is the source when none is asked for, with what it plays', async () => {
    await using streams = await StreamsDir.make();
    const launcher = await launch(streams, [], {});
    const bytes = await record(streams, launcher);
    assert.match(launcher.output().stdout, /Streaming the screen :\d+/);
    // 4:3 on 16:9: the stream is 480 wide in the middle, black beside it.
    assert.ok(Math.max(...(await brightness(bytes, '70:360:0:0'))) < 18);
    const window = '190:118:322:180';
    assert.ok(mean(await brightness(bytes, window)) > 60);
    assert.ok(mean(await movement(bytes, window)) > 0.5);
    assert.ok(
      mean(await movement(bytes, '200:150:90:10')) < 0.1,
      'the empty part of the screen stands still',
    );
    assert.ok((await loudnessDb(bytes)) > -30);
    const { streams: tracks } = await probe({ bytes });
    assert.deepEqual(
      tracks.map(({ width, height }) => [width, height]),
      [
        [640, 360],
        [undefined, undefined],
      ],
    );
  });

  it('is streamed in part when a region is set', async () => {
    await using streams = await StreamsDir.make();
    const region = { x: 400, y: 300, width: 320, height: 180 };
    const bytes = await record(
      streams,
      await launch(streams, ['--source', 'screen'], { screen: { region } }),
    );
    assert.ok(mean(await movement(bytes)) > 0.5);
    assert.ok(mean(await brightness(bytes)) > 60, 'the window fills the picture');
  });

  it('shows one window, found by a part of its title', async () => {
    await using streams = await StreamsDir.make();
    const launcher = await launch(streams, ['--source', 'window:MOVING pic'], {});
    const bytes = await record(streams, launcher);
    assert.match(launcher.output().stdout, /Streaming the window 0x[0-9a-f]+/);
    assert.ok(mean(await brightness(bytes, '500:300:70:30')) > 60, 'the window fills the picture');
    assert.ok(mean(await movement(bytes)) > 0.5);
    assert.ok((await loudnessDb(bytes)) > -30);
  });

  it('tells the titles there are when a window is not found', async () => {
    await using streams = await StreamsDir.make();
    const launcher = await launch(streams, ['--source', 'window:Solitaire'], {});
    const { exitCode, stderr } = await launcher.ended;
    assert.equal(exitCode, 1);
    assert.match(stderr, /No window on :\d+ is called "Solitaire"\. The titles there: "A moving picture"/);
  });

  it('names the tool that is missing to find a window', async () => {
    await using streams = await StreamsDir.make();
    const ffmpeg = execFileSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).trim();
    const launcher = await launch(
      streams,
      ['--source', 'window:x'],
      {},
      { PATH: home, ONIONCAST_FFMPEG: ffmpeg },
    );
    const { exitCode, stderr } = await launcher.ended;
    assert.equal(exitCode, 1);
    assert.match(stderr, /xwininfo, which is not installed.*x11-utils/);
  });

  it('is streamed in silence when no sound server answers, and the launcher says so in one line', async () => {
    await using streams = await StreamsDir.make();
    const nowhere = {
      PULSE_SERVER: `unix:${join(home, 'nowhere')}`,
      XDG_RUNTIME_DIR: home,
      PULSE_RUNTIME_PATH: home,
    };
    const launcher = await launch(streams, ['--source', 'screen'], {}, nowhere);
    const bytes = await record(streams, launcher);
    assert.equal(launcher.output().stdout.match(/the stream is silent/g)?.length, 1);
    assert.ok((await loudnessDb(bytes)) < -80);
  });

  it('is the default only where its display answers', async () => {
    const machine = {
      ffmpeg: { path: 'ffmpeg', version: 'any' },
      platform: process.platform,
      stdin: process.stdin,
      signal: AbortSignal.timeout(30_000),
    };
    const config = captureConfig.parse({});
    const chosen = async (given: NodeJS.ProcessEnv) =>
      await defaultSource(config, { ...machine, env: given });
    assert.deepEqual(await chosen({ DISPLAY: display.display }), { source: 'screen', notes: [] });
    const dead = await chosen({ DISPLAY: ':9999' });
    assert.equal(dead.source, 'test');
    assert.match(dead.notes.join(), /display/i);
    const wayland = await chosen({ DISPLAY: display.display, XDG_SESSION_TYPE: 'wayland' });
    assert.equal(wayland.source, 'test');
    assert.match(wayland.notes.join(' '), /Wayland.*test card/);
  });
});

describe('A window that goes away', () => {
  it('is waited for, and streamed again when it is back', async () => {
    const display = await startDisplay({ width: 400, height: 300 });
    await using streams = await StreamsDir.make();
    const open = async () => {
      const args = [
        '--pdeathsig',
        'KILL',
        'ffplay',
        '-v',
        'error',
        '-window_title',
        windowTitle,
        '-f',
        'lavfi',
      ];
      const player = spawn('setpriv', [...args, 'testsrc2=size=320x200:rate=20'], {
        env: { ...process.env, ...display.env, SDL_AUDIODRIVER: 'dummy' },
        stdio: 'inherit',
      });
      return async () => {
        player.kill('SIGKILL');
        await once(player, 'close');
      };
    };
    try {
      let close = await open();
      const isThere = () =>
        execFileSync('xwininfo', ['-display', display.display, '-root', '-tree'], {
          encoding: 'utf8',
        }).includes(windowTitle);
      await until('the window', isThere, 15_000);
      const config = join(streams.dir, 'config.json');
      await writeFile(config, '{"capture":{"audio":false}}');
      const args = ['--source', `window:${windowTitle}`, '--config', config];
      const launcher = streams.launch(args, display.env);
      await streams.untilPart(launcher, 3);
      await close();
      await until(
        'a word about it',
        () => /No window on :\d+ is called/.test(launcher.output().stdout),
        15_000,
      );
      const seen = Math.max(...(await streams.listed()));
      close = await open();
      await streams.untilPart(launcher, seen + 5, 40_000);
      launcher.kill('SIGINT');
      assert.equal((await launcher.ended).exitCode, 0);
      await close();
    } finally {
      await display.close();
    }
  });
});
