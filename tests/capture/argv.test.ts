/** What ffmpeg is told for each source and platform; that it obeys is in the tests that run it. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { captureConfig } from '../../app/capture/config.ts';
import { encodeArgs, trialArgs } from '../../app/capture/encode.ts';
import { type Input, plainInput } from '../../app/capture/input.ts';
import { v4l2Camera, x11Screen, x11Window } from '../../app/capture/linux.ts';
import { avfoundationCamera, avfoundationScreen } from '../../app/capture/macos.ts';
import { fileInput, pipeInput, urlInput } from '../../app/capture/media.ts';
import { mainOutput } from '../../app/capture/outputs.ts';
import { testCard } from '../../app/capture/sources.ts';
import { dshowCamera, gdigrabScreen, gdigrabWindow } from '../../app/capture/windows.ts';
import { codeOf } from '../../app/lib/failure.ts';

const config = captureConfig.parse({});
const { sources } = config;
const pulse = { format: 'pulse', device: '@DEFAULT_MONITOR@' } as const;
const region = { x: 10, y: 20, width: 800, height: 450 };
const tracks = (audio: boolean) => ({ video: true, audio, trouble: undefined });

/** The value after an option's name. */
const optionOf = (args: readonly string[], name: string): string | undefined => args[args.indexOf(name) + 1];
const has = (args: readonly string[], ...wanted: string[]): boolean =>
  args.some((_, at) => wanted.every((value, offset) => args[at + offset] === value));
const inputsOf = (args: readonly string[]): string[] => args.filter((_, at) => args[at - 1] === '-i');

describe('Sources on Linux', () => {
  it('grab the whole X screen with the sound that is played, on one clock', () => {
    const input = x11Screen(':0', sources.screen, 30, pulse);
    assert.deepEqual(inputsOf(input.args), [':0', '@DEFAULT_MONITOR@']);
    assert.ok(has(input.args, '-f', 'x11grab', '-framerate', '30', '-draw_mouse', '1'));
    assert.ok(has(input.args, '-isync', '0', '-i', '@DEFAULT_MONITOR@'));
    assert.ok(!input.args.includes('-video_size'));
    assert.equal(input.audio, '1:a:0');
  });

  it('grab a region without the cursor and without sound when told so', () => {
    const input = x11Screen(':1.0', { ...sources.screen, region, showCursor: false }, 25, null);
    assert.ok(
      has(
        input.args,
        '-draw_mouse',
        '0',
        '-grab_x',
        '10',
        '-grab_y',
        '20',
        '-video_size',
        '800x450',
        '-i',
        ':1.0',
      ),
    );
    assert.deepEqual(inputsOf(input.args), [':1.0']);
    assert.equal(input.audio, null);
  });

  it('grab one X window by its id', () => {
    const input = x11Window(':0', '0x2a00007', sources.window, 30, pulse);
    assert.ok(has(input.args, '-window_id', '0x2a00007', '-i', ':0'));
  });

  it('read a camera through v4l2 and a microphone through ALSA', () => {
    const size = { width: 1280, height: 720 };
    const input = v4l2Camera('/dev/video2', { ...sources.camera, size }, 30, {
      format: 'alsa',
      device: 'default',
    });
    assert.ok(
      has(
        input.args,
        '-f',
        'v4l2',
        '-ts',
        'abs',
        '-framerate',
        '30',
        '-video_size',
        '1280x720',
        '-i',
        '/dev/video2',
      ),
    );
    assert.ok(has(input.args, '-f', 'alsa'));
    assert.ok(!input.args.includes('-fragment_size'), 'only pulse has that option');
  });
});

describe('Sources on macOS', () => {
  it('grab the first screen through avfoundation, silent until a loopback device is named', () => {
    const input = avfoundationScreen(sources.screen, 30);
    assert.ok(
      has(
        input.args,
        '-f',
        'avfoundation',
        '-framerate',
        '30',
        '-capture_cursor',
        '1',
        '-i',
        'Capture screen 0:none',
      ),
    );
    assert.equal(input.audio, null);
    assert.match(input.notes.join(), /BlackHole/);
  });

  it('take the named screen, sound device and region', () => {
    const options = { ...sources.screen, display: 'Capture screen 1', audioDevice: 'BlackHole 2ch', region };
    const input = avfoundationScreen(options, 30);
    assert.deepEqual(inputsOf(input.args), ['Capture screen 1:BlackHole 2ch']);
    assert.equal(input.audio, '0:a:0');
    assert.deepEqual(input.filters, ['crop=800:450:10:20']);
    assert.deepEqual(input.notes, []);
  });

  it('read the default camera with the default microphone', () => {
    const input = avfoundationCamera(sources.camera, 30);
    assert.deepEqual(inputsOf(input.args), ['default:default']);
    assert.equal(avfoundationCamera({ ...sources.camera, audioDevice: 'none' }, 30).audio, null);
  });
});

describe('Sources on Windows', () => {
  it('grab the desktop or a region of it through gdigrab', () => {
    assert.deepEqual(inputsOf(gdigrabScreen(sources.screen, 30).args), ['desktop']);
    const input = gdigrabScreen({ ...sources.screen, region, audioDevice: 'Stereo Mix' }, 30);
    assert.ok(
      has(input.args, '-offset_x', '10', '-offset_y', '20', '-video_size', '800x450', '-i', 'desktop'),
    );
    assert.ok(has(input.args, '-f', 'dshow', '-i', 'audio=Stereo Mix'));
    assert.equal(input.audio, '1:a:0');
  });

  it('say that sound needs a device’s name', () => {
    const input = gdigrabScreen(sources.screen, 30);
    assert.equal(input.audio, null);
    assert.match(input.notes.join(), /capture\.sources\.screen\.audioDevice/);
  });

  it('grab a window by its title', () => {
    assert.deepEqual(inputsOf(gdigrabWindow('My Game', sources.window, 30).args), ['title=My Game']);
  });

  it('read a named camera and refuse to guess one', () => {
    const input = dshowCamera({ ...sources.camera, device: 'HD Cam', audioDevice: 'Mic' }, 30);
    assert.deepEqual(inputsOf(input.args), ['video=HD Cam:audio=Mic']);
    assert.equal(input.audio, '0:a:0');
    assert.throws(
      () => dshowCamera(sources.camera, 30),
      error => codeOf(error) === 'camera-unnamed',
    );
  });
});

describe('Media sources', () => {
  it('loop a file at its own pace', () => {
    const input = fileInput('a.mkv', ['-i', 'file:/videos/a.mkv'], tracks(true));
    assert.deepEqual(input.args, ['-stream_loop', '-1', '-re', '-i', 'file:/videos/a.mkv']);
    assert.equal(input.audio, '0:a:0');
    assert.equal(fileInput('a.mkv', [], tracks(false)).audio, null);
  });

  it('take a live URL as it comes and pace one that could come faster', () => {
    for (const url of ['rtmp://host/app/key', 'srt://host:9000', 'rtsp://host/1', 'udp://239.0.0.1:1234']) {
      assert.deepEqual(urlInput(url, tracks(true)).args, ['-i', url]);
    }
    assert.deepEqual(urlInput('https://host/movie.mp4', tracks(true)).args, [
      '-re',
      '-i',
      'https://host/movie.mp4',
    ]);
  });

  it('wait without end for a sender, and take its sound when it has any', () => {
    const input = urlInput('srt://0.0.0.0:9000?mode=listener', undefined);
    assert.equal(input.patience, null);
    assert.equal(input.audio, '0:a:0?');
  });

  it('never slow live bytes on stdin, and pace them when asked', () => {
    const stdin = Readable.from([]);
    assert.deepEqual(pipeInput(stdin, false, tracks(true)).args, ['-i', 'pipe:0']);
    assert.deepEqual(pipeInput(stdin, true, tracks(true)).args, ['-re', '-i', 'pipe:0']);
  });

  it('make the test card from one paced lavfi graph with both tracks, or without sound', () => {
    const input = testCard(config);
    assert.deepEqual(input.args.slice(0, 3), ['-re', '-f', 'lavfi']);
    assert.match(input.args.join(), /aevalsrc/);
    assert.doesNotMatch(testCard({ ...config, audio: false }).args.join(), /aevalsrc/);
    assert.doesNotMatch(input.args.join(), /drawtext|fontfile/, 'no font is needed');
  });
});

describe('Encoding', () => {
  const input: Input = { ...plainInput, title: 'a source', advice: '', args: ['-i', 'x'], audio: '0:a:0' };

  it('follows the settings', () => {
    const args = encodeArgs(
      { ...config, frameRate: 25, keyframeIntervalS: 2, videoBitrateKbps: 800, preset: 'superfast' },
      input,
      0,
    );
    assert.equal(optionOf(args, '-r'), '25');
    assert.equal(optionOf(args, '-g'), '50');
    for (const option of ['-b:v', '-maxrate', '-bufsize']) assert.equal(optionOf(args, option), '800k');
    assert.equal(optionOf(args, '-preset'), 'superfast');
    assert.equal(optionOf(args, '-hls_list_size'), '50');
  });

  it('goes on with the number it is told', () => {
    assert.equal(optionOf(encodeArgs(config, input, 1234), '-start_number'), '1234');
  });

  it('adds silence after the last input when the source has no sound, and ends with the picture', () => {
    const args = encodeArgs(config, { ...input, args: ['-i', 'x', '-i', 'y'], audio: null }, 0);
    assert.deepEqual(inputsOf(args), ['x', 'y', 'anullsrc=r=48000:cl=stereo']);
    assert.ok(has(args, '-map', '2:a:0'));
    assert.ok(args.includes('-shortest'));
    assert.ok(!encodeArgs(config, input, 0).includes('-shortest'));
  });

  it('leaves sound out when it is switched off', () => {
    const args = encodeArgs({ ...config, audio: false }, { ...input, audio: null }, 0);
    assert.ok(args.includes('-an'));
    assert.ok(!args.includes('aac'));
    assert.deepEqual(inputsOf(args), ['x']);
  });

  it('spends few audio bits on one channel and many on two', () => {
    assert.equal(optionOf(encodeArgs(config, input, 0), '-ac'), '1');
    assert.equal(optionOf(encodeArgs({ ...config, audioBitrateKbps: 128 }, input, 0), '-ac'), '2');
  });

  it('uploads frames to VAAPI and repeats the headers there too', () => {
    const args = encodeArgs({ ...config, encoder: 'h264_vaapi' }, input, 0);
    assert.equal(optionOf(args, '-vaapi_device'), '/dev/dri/renderD128');
    assert.match(optionOf(args, '-filter_complex') ?? '', /format=nv12,hwupload\[v0\]/);
    assert.equal(optionOf(args, '-bsf:v'), 'dump_extra=freq=keyframe,filter_units=remove_types=6');
    assert.ok(args.indexOf('-vaapi_device') < args.indexOf('-i'));
  });

  it('asks NVENC for no delay and no frames out of order', () => {
    const args = encodeArgs({ ...config, encoder: 'h264_nvenc' }, input, 0);
    assert.ok(has(args, '-c:v', 'h264_nvenc'));
    assert.equal(optionOf(args, '-tune'), 'ull');
    assert.equal(optionOf(args, '-bf'), '0');
  });

  it('fits the picture once, and makes all renditions of it', () => {
    const { renditions } = captureConfig.parse({
      renditions: [
        { name: '240p', height: 240, videoBitrateKbps: 150, codec: 'vp9' },
        { name: 'audio', video: false },
        { name: 'slides', everyS: 4, height: 480 },
      ],
    });
    const args = encodeArgs({ ...config, renditions }, { ...input, filters: ['crop=1:1'] }, 7);
    const graph = optionOf(args, '-filter_complex') ?? '';
    assert.match(graph, /^\[0:v:0\]crop=1:1,scale=[^;]*,pad=640:360[^;]*,split=3\[p0\]\[p1\]\[p3\];/);
    assert.match(graph, /;\[p1\]scale=426:240,setsar=1,format=yuv420p\[v1\];/);
    // Nothing is made larger than it is.
    assert.match(graph, /;\[p3\]scale=640:360:/);
    const maps = args.flatMap((arg, at) => (args[at - 1] === '-map' ? [arg] : []));
    assert.deepEqual(maps, ['[v0]', '0:a:0', '[v1]', '0:a:0', '0:a:0', '[v3]']);
    const codecs = args.flatMap((arg, at) => (/^-c:[av]$/.test(args[at - 1] ?? '') ? [arg] : []));
    assert.deepEqual(codecs, ['libx264', 'aac', 'libvpx-vp9', 'libopus', 'libopus', 'mjpeg']);
    for (const [option, count] of [
      ['-start_number', 3],
      ['-g', 2],
      ['-map_metadata', 4],
    ] as const) {
      assert.equal(args.filter(arg => arg === option).length, count, option);
    }
  });

  it('makes no rendition of sound alone where there may be no sound', () => {
    for (const audio of [null, '0:a:0?']) {
      assert.ok(!encodeArgs(config, { ...input, audio }, 0).includes('audio/stream.m3u8'));
    }
    assert.ok(!encodeArgs({ ...config, audio: false }, input, 0).includes('audio/stream.m3u8'));
    assert.ok(encodeArgs(config, input, 0).includes('audio/stream.m3u8'));
  });

  it('takes Opus for sound beside VP9 and AV1', () => {
    for (const encoder of ['libvpx-vp9', 'libsvtav1'] as const) {
      const args = encodeArgs({ ...config, encoder, renditions: [] }, input, 0);
      assert.ok(has(args, '-c:v', encoder) && has(args, '-c:a', 'libopus'), encoder);
      assert.ok(!args.includes('-bsf:v'));
    }
  });

  it('tries an encoder with one frame of the stream’s size', () => {
    const nvenc = { ...config, encoder: 'h264_nvenc' } as const;
    const args = trialArgs(nvenc, mainOutput(nvenc));
    assert.match(inputsOf(args).join(), /s=640x360/);
    assert.ok(has(args, '-frames:v', '1'));
    assert.ok(has(args, '-f', 'null', '-'));
  });
});
