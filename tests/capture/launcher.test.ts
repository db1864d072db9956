/** The launcher as people run it: a process of its own, a real ffmpeg, a real folder. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isProcessAlive } from '../../app/lib/process-alive.ts';
import { decode, probe } from '../kit/decode.ts';
import { type Launcher, StreamsDir } from '../kit/launcher.ts';
import { until } from '../kit/until.ts';
import { loudnessDb, mean, movement } from './measure.ts';

const contractFile = /^(pid\.txt|start\.txt|init\.mp4|stream)/;

// Mostly waiting for pictures and for the grace at the end, so several at once cost little.
describe('The launcher', { concurrency: 4 }, () => {
  let media: StreamsDir;

  before(async () => {
    media = await StreamsDir.make();
  });
  after(() => media[Symbol.asyncDispose]());

  const encoderPid = async (streams: StreamsDir): Promise<number> => Number(await streams.read('pid.txt'));
  const leftovers = async (streams: StreamsDir) =>
    (await streams.names()).filter(name => contractFile.test(name));

  /** Stops it as Ctrl-C does and looks that it ended well. */
  async function stop(launcher: Launcher): Promise<void> {
    launcher.kill('SIGINT');
    const { exitCode, stderr } = await launcher.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
  }

  /** Seconds of video with sound, or without, made once and as fast as ffmpeg can. */
  function makeMedia(name: string, seconds: number, options: { sound: boolean }): string {
    const path = join(media.dir, name);
    const sound = options.sound ? ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`] : [];
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=30:duration=${seconds}`];
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', '-c:a', 'aac'];
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...picture, ...sound, ...codecs, path]);
    return path;
  }

  it('streams the test card as parts of 0.2 s with both tracks and a keyframe each second', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 12);
    const playlist = await streams.read('stream.m3u8');
    const durations = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map(match => Number(match[1]));
    assert.ok(
      durations.every(duration => Math.abs(duration - 0.2) < 0.035),
      durations.join(' '),
    );

    const bytes = await streams.recorded();
    const { streams: tracks, packets } = await probe({ bytes });
    assert.deepEqual(tracks.map(track => track.codec_name).sort(), ['aac', 'h264']);
    const video = packets.filter(packet => packet.codec_type === 'video');
    const keyframes = video.filter(packet => packet.flags.includes('K')).map(packet => packet.dts_time);
    assert.ok(keyframes.length >= 2);
    for (const [index, time] of keyframes.entries()) {
      assert.ok(Math.abs(time - (keyframes[0] ?? 0) - index) < 0.01, `keyframes at ${keyframes.join(' ')}`);
    }
    assert.equal((await decode({ bytes })).complaints, '');
    assert.ok(mean(await movement(bytes)) > 0.05, 'the picture moves');
    const volume = await loudnessDb(bytes);
    assert.ok(volume > -60 && volume < -20, `a soft ping, not ${volume} dB`);

    assert.equal(Number(await streams.read('launcher.pid')), launcher.pid);
    assert.match(await readFile(`/proc/${await encoderPid(streams)}/cmdline`, 'latin1'), /^[^\0]*ffmpeg\0/);
    assert.ok(Math.abs(Date.parse((await streams.read('start.txt')).trim()) - Date.now()) < 20_000);
    assert.match(await streams.read('start.txt'), /^\d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
    assert.equal((await stat(streams.channelDir)).mode & 0o777, 0o700);
    assert.equal((await stat(join(streams.channelDir, 'stream.m3u8'))).mode & 0o077, 0);
    await stop(launcher);
  });

  it('names neither the encoder nor its settings in a part', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 3);
    for (const number of await streams.listed()) {
      const part = await readFile(join(streams.channelDir, `stream${number}.m4s`), 'latin1');
      assert.doesNotMatch(part, /lav[cf]|x264|ffmpeg/i);
    }
    await stop(launcher);
  });

  it('on stop ends the playlist first, then leaves a clean folder and no process', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 3);
    await writeFile(join(streams.channelDir, 'notes.txt'), 'mine');
    launcher.kill('SIGTERM');
    await until('#EXT-X-ENDLIST', async () => (await streams.read('stream.m3u8')).includes('#EXT-X-ENDLIST'));
    // A second Ctrl-C in haste changes nothing.
    launcher.kill('SIGINT');
    const { exitCode } = await launcher.ended;
    assert.equal(exitCode, 0);
    assert.deepEqual(await leftovers(streams), []);
    assert.equal(await streams.read('notes.txt'), 'mine');
    await streams.untilNothingRuns();
  });

  it('ends in order when its terminal is closed', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 3);
    launcher.closeOutput();
    launcher.kill('SIGHUP');
    assert.equal((await launcher.ended).exitCode, 0);
    assert.deepEqual(await leftovers(streams), []);
    await streams.untilNothingRuns();
  });

  it('refuses a channel that another launcher streams, with its process id, and leaves it alone', async () => {
    await using streams = await StreamsDir.make();
    const first = streams.launch(['--source', 'test']);
    await streams.untilPart(first, 1);
    const second = await streams.launch(['--source', 'test']).ended;
    assert.notEqual(second.exitCode, 0);
    assert.match(second.stderr, new RegExp(`in use by the launcher with process id ${first.pid}\\b`));
    assert.equal(second.stderr.trim().split('\n').length, 1);
    const seen = Math.max(...(await streams.listed()));
    await streams.untilPart(first, seen + 3);
    await stop(first);
  });

  it('starts a killed ffmpeg again: the numbers go on, start.txt stays, the last words of ffmpeg are told', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 3);
    const [pid, start] = [await encoderPid(streams), await streams.read('start.txt')];
    process.kill(pid, 'SIGKILL');
    const before = Math.max(...(await streams.listed()));
    await streams.untilPart(launcher, before + 8);
    assert.notEqual(await encoderPid(streams), pid);
    assert.ok(isProcessAlive(await encoderPid(streams)));
    assert.equal(await streams.read('start.txt'), start);
    assert.ok(Math.min(...(await streams.listed())) > before - 2, 'no number comes twice');
    assert.match(
      launcher.output().stdout,
      /stopped reading the test card: SIGKILL\. Trying again in 0\.5 s\./,
    );
    await stop(launcher);
  });

  it('goes on when the folder takes files again, as after a full disk, and says why it waits', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 1);
    const obstacle = join(streams.channelDir, 'pid.txt.tmp');
    await mkdir(obstacle);
    process.kill(await encoderPid(streams), 'SIGKILL');
    await until('it says why', () =>
      /can't be written \(EISDIR\): .* Trying again/.test(launcher.output().stdout),
    );
    const before = Math.max(...(await streams.listed()));
    await rmdir(obstacle);
    await streams.untilPart(launcher, before + 3);
    await stop(launcher);
  });

  it('that can not write its folder says so in a sentence', async () => {
    await using streams = await StreamsDir.make();
    await writeFile(streams.channelDir, '');
    const { exitCode, stderr } = await streams.launch(['--source', 'test']).ended;
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^The channel folder .* can't be written \(EEXIST\): a file is in its place, .*\.\n$/,
    );
  });

  it('refuses to start over while ffmpeg is being started again', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 1);
    process.kill(await encoderPid(streams), 'SIGKILL');
    const second = await streams.launch(['--source', 'test']).ended;
    assert.match(second.stderr, new RegExp(`process id ${launcher.pid}\\b`));
    await stop(launcher);
  });

  it('killed by SIGKILL takes ffmpeg with it, and the next one clears up and streams', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 5);
    const pid = await encoderPid(streams);
    launcher.kill('SIGKILL');
    await launcher.ended;
    await streams.untilNothingRuns(6000);
    assert.equal(await encoderPid(streams), pid, 'a killed launcher can’t clear up');

    const restartedMs = Date.now();
    const next = streams.launch(['--source', 'test']);
    const isNew = async () => (await encoderPid(streams)) !== pid && (await streams.listed()).includes(0);
    await until('a new stream', isNew, 15_000);
    for (const name of await streams.names()) {
      const file = await stat(join(streams.channelDir, name)).catch(() => undefined);
      const isOld = file && file.mtimeMs < restartedMs;
      assert.ok(!isOld || !contractFile.test(name), `${name} is left from the killed one`);
    }
    await stop(next);
  });

  it('started again at once waits until the ffmpeg of the killed one is gone', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 1);
    const pid = await encoderPid(streams);
    launcher.kill('SIGKILL');
    const next = streams.launch(['--source', 'test']);
    await until('a new encoder', async () => ![0, pid].includes(await encoderPid(streams)), 10_000);
    await streams.untilPart(next, 1);
    await stop(next);
  });

  it('says in one sentence why a source can’t be streamed, and exits', async () => {
    await using streams = await StreamsDir.make();
    const wrong: [string[], number, RegExp][] = [
      [['--source', 'file:/nowhere/movie.mkv'], 1, /There is no file \/nowhere\/movie\.mkv/],
      [['--source', 'screen::9999'], 1, /The screen :9999 can't be streamed: .*display/i],
      [['--source', 'url:rtmp://127.0.0.1:1/app/secret-key'], 1, /The URL can't be read: (?!the URL)/],
      [
        ['--source', 'test', '--streams', '/dev/null'],
        1,
        /The channel folder \/dev\/null\/live can't .* --streams\.$/m,
      ],
      [['--bitrate', '3'], 2, /--bitrate.*\nscripts\/stream --help/],
    ];
    for (const [args, code, sentence] of wrong) {
      const { exitCode, stderr } = await streams.launch(args).ended;
      assert.equal(exitCode, code, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, sentence);
      assert.ok(stderr.trim().split('\n').length <= code, stderr);
      assert.doesNotMatch(stderr, /secret-key| at .*\.ts/);
      assert.deepEqual(await leftovers(streams), []);
    }
  });

  it('refuses a screen under Wayland, and says what to do instead', async () => {
    await using streams = await StreamsDir.make();
    const env = { DISPLAY: ':0', XDG_SESSION_TYPE: 'wayland', WAYLAND_DISPLAY: 'wayland-0' };
    const { exitCode, stderr } = await streams.launch(['--source', 'screen'], env).ended;
    assert.equal(exitCode, 1);
    assert.match(stderr, /Wayland.*Xorg session.*OBS.*--source pipe/);
  });

  it('without a source and without a display streams the test card and says so', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch([]);
    await streams.untilPart(launcher, 1);
    assert.match(launcher.output().stdout, /no display here.*test card/);
    await stop(launcher);
  });

  it('streams a file over and over, its sound too', async () => {
    await using streams = await StreamsDir.make();
    const path = makeMedia('short.mp4', 1.5, { sound: true });
    const launcher = streams.launch(['--source', `file:${path}`]);
    await streams.untilPart(launcher, 16);
    const bytes = await streams.recorded(9);
    assert.ok((await loudnessDb(bytes)) > -30);
    assert.ok(mean(await movement(bytes)) > 0.5);
    const everything = await streams.recorded();
    const { packets } = await probe({ bytes: everything });
    const sound = packets.filter(packet => packet.codec_type === 'audio').map(packet => packet.dts_time);
    const gaps = sound.slice(1).map((time, index) => time - (sound[index] ?? 0));
    assert.ok(Math.max(...gaps) < 0.05, 'no gap where it begins anew');
    await stop(launcher);
  });

  it('streams a URL at its own pace, fetches it again when it ends, and never repeats it', async t => {
    await using streams = await StreamsDir.make();
    const video = await readFile(makeMedia('url.ts', 2, { sound: true }));
    const server = createServer((_, response) => response.end(video)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address);
    const launcher = streams.launch(['--source', `url:http://127.0.0.1:${address.port}/secret-key.ts`]);
    await streams.untilPart(launcher, 14);
    await stop(launcher);
    const { stdout } = launcher.output();
    assert.match(stdout, /Streaming the URL.*\n[\s\S]*stopped reading the URL: (?!the URL).* Trying again/);
    assert.doesNotMatch(stdout, /secret-key/);
  });

  it('gives a silent file a silent track', async () => {
    await using streams = await StreamsDir.make();
    const path = makeMedia('silent.mkv', 2, { sound: false });
    const launcher = streams.launch(['--source', `file:${path}`]);
    await streams.untilPart(launcher, 6);
    const bytes = await streams.recorded();
    const { streams: tracks } = await probe({ bytes });
    assert.deepEqual(tracks.map(track => track.codec_type).sort(), ['audio', 'video']);
    assert.ok((await loudnessDb(bytes)) < -80);
    await stop(launcher);
  });

  it('streams live bytes from a pipe without slowing them, and ends well when they end', async t => {
    await using streams = await StreamsDir.make();
    for (const [format, sound] of [
      ['mpegts', true],
      ['matroska', false],
    ] as const) {
      const launcher = streams.launch(['--source', 'pipe']);
      const tone = sound ? ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440'] : [];
      const sender = spawn(
        'ffmpeg',
        [
          ...[
            '-nostdin',
            '-v',
            'error',
            '-re',
            '-f',
            'lavfi',
            '-i',
            'testsrc2=size=320x180:rate=30',
            ...tone,
            '-t',
            '4',
          ],
          ...[
            '-c:v',
            'libx264',
            '-preset',
            'ultrafast',
            '-tune',
            'zerolatency',
            '-g',
            '30',
            '-f',
            format,
            'pipe:1',
          ],
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      t.after(() => sender.kill('SIGKILL'));
      sender.stdout.pipe(launcher.stdin);
      await streams.untilPart(launcher, 12);
      const bytes = await streams.recorded();
      assert.equal((await probe({ bytes })).streams.length, 2);
      assert.ok(sound ? (await loudnessDb(bytes)) > -30 : (await loudnessDb(bytes)) < -80);
      const { exitCode, stderr } = await launcher.ended;
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.deepEqual(await leftovers(streams), []);
    }
  });

  it('plays a file that comes through a pipe at its own pace when told to', async () => {
    await using streams = await StreamsDir.make();
    const path = makeMedia('long.mkv', 20, { sound: true });
    const begun = performance.now();
    const launcher = streams.launch(['--source', 'pipe:paced']);
    launcher.stdin.end(await readFile(path));
    await streams.untilPart(launcher, 25);
    assert.ok(performance.now() - begun > 4500, 'five seconds of video take as long to watch');
    await stop(launcher);
  });

  it('says what is wrong with bytes that are no video', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'pipe']);
    launcher.stdin.end('not a video at all\n'.repeat(1000));
    const { exitCode, stderr } = await launcher.ended;
    assert.equal(exitCode, 1);
    assert.match(stderr, /What is piped in can't be read/);
  });

  it('ends a pipe that has gone quiet when it is told to', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'pipe']);
    const path = makeMedia('start.mkv', 2, { sound: true });
    launcher.stdin.write(await readFile(path));
    await streams.untilPart(launcher, 2);
    await stop(launcher);
    assert.deepEqual(await leftovers(streams), []);
  });

  it('takes over from an encoder that is gone, whoever has its process id now', async () => {
    await using streams = await StreamsDir.make();
    await mkdir(streams.channelDir, { recursive: true });
    const other = spawn('sleep', ['60']);
    try {
      await writeFile(join(streams.channelDir, 'pid.txt'), `${other.pid}\n`);
      await writeFile(join(streams.channelDir, 'stream999.m4s'), 'old');
      // Written a minute before that process began: it is not the one that is meant.
      const minuteAgo = new Date(Date.now() - 60_000);
      await utimes(join(streams.channelDir, 'pid.txt'), minuteAgo, minuteAgo);
      const launcher = streams.launch(['--source', 'test']);
      await streams.untilPart(launcher, 1);
      assert.ok(!(await streams.names()).includes('stream999.m4s'));
      await stop(launcher);
      assert.ok(other.exitCode === null, 'the innocent process lives');
    } finally {
      other.kill();
    }
  });

  it('refuses an encoder that is not installed or does not work here, with the next step', async () => {
    await using streams = await StreamsDir.make();
    const config = join(streams.dir, 'config.json');
    await writeFile(config, '{"capture":{"encoder":"h264_vaapi","vaapiDevice":"/dev/dri/none"}}');
    const unusable = await streams.launch(['--source', 'test', '--config', config]).ended;
    assert.equal(unusable.exitCode, 1);
    assert.match(unusable.stderr, /The encoder h264_vaapi does not work here: .*capture\.encoder .* libx264/);

    const fake = join(streams.dir, 'ffmpeg');
    await writeFile(
      fake,
      '#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version 7.1 Copyright";; *) echo "[error] Unknown encoder \'libx264\'" >&2; exit 8;; esac\n',
      { mode: 0o755 },
    );
    const missing = await streams.launch(['--source', 'test'], { ONIONCAST_FFMPEG: fake }).ended;
    assert.equal(missing.exitCode, 1);
    assert.match(missing.stderr, /This ffmpeg .* has no encoder libx264: install a full build/);
    assert.deepEqual(await leftovers(streams), []);
  });

  it('kills an ffmpeg that will not end, and clears up all the same', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 1);
    process.kill(await encoderPid(streams), 'SIGSTOP');
    await stop(launcher);
    assert.deepEqual(await leftovers(streams), []);
    await streams.untilNothingRuns();
  });

  it('starts an ffmpeg again that gives no more pictures', async () => {
    await using streams = await StreamsDir.make();
    const launcher = streams.launch(['--source', 'test']);
    await until(
      'the first pictures',
      () => launcher.output().stdout.includes('Streaming the test card'),
      20_000,
    );
    const pid = await encoderPid(streams);
    process.kill(pid, 'SIGSTOP');
    await until('another encoder', async () => ![0, pid].includes(await encoderPid(streams)), 15_000);
    assert.match(launcher.output().stdout, /stopped reading the test card: no further picture came in time/);
    await stop(launcher);
  });
});
