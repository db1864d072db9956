import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createConnection, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startDisplay, startPulse } from '../desktop.ts';
import { marked, newMark, untilNoneMarked } from '../processes.ts';
import { openBrowser } from './open.ts';
import { changedShare, isBlack, meanColour, screenshot, untilMoving, untilPicture } from './pixels.ts';
import { listen, loudness, toneShare } from './sound.ts';

const video = { x: 0, y: 0, width: 320, height: 180 };
const script = { x: 0, y: 180, width: 100, height: 100 };
const toneHz = 440;

/** The video's attributes on the page of each path. */
const attributes: Record<string, string> = {
  '/': 'autoplay muted',
  '/controls': 'controls',
  '/paused': 'preload="auto"',
};

/** Red where the page's script has not run, green where it has. */
const pageOf = (videoAttributes: string) => `<!doctype html><title>kit</title><body style="margin:0">
<video src="/video.mp4" width="320" height="180" style="display:block;background:#000" ${videoAttributes}></video>
<div style="width:100px;height:100px;background:#f00"></div>
<script>document.querySelector('div').style.background = '#0f0'</script>`;

async function makeVideo(): Promise<Buffer> {
  const sources = ['testsrc2=size=320x180:rate=25', `sine=frequency=${toneHz}`];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-t',
    '30',
  ];
  const ffmpeg = spawn(
    'ffmpeg',
    ['-v', 'error', ...sources.flatMap(source => ['-f', 'lavfi', '-i', source]), ...encode].concat([
      '-movflags',
      'frag_keyframe+empty_moov',
      '-f',
      'mp4',
      '-',
    ]),
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 30_000 },
  );
  return buffer(ffmpeg.stdout);
}

describe('the browsers of the test kit', () => {
  let server: Server;
  let port: number;
  let url: (path: string) => string;

  before(async () => {
    const bytes = await makeVideo();
    server = createServer((request, response) => {
      const isVideo = request.url === '/video.mp4';
      response.setHeader('content-type', isVideo ? 'video/mp4' : 'text/html; charset=utf-8');
      response.end(isVideo ? bytes : pageOf(attributes[request.url ?? ''] ?? ''));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    url = path => `http://127.0.0.1:${port}${path}`;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const browser of ['firefox', 'chromium'] as const) {
    for (const javascript of [false, true]) {
      const without = javascript ? 'with' : 'without';
      test(`${browser} ${without} JavaScript plays H.264 and ${javascript ? 'runs' : 'does not run'} the page's script`, async t => {
        const opened = await openBrowser({ browser, javascript, width: 640, height: 360 });
        t.after(() => opened.close());
        await opened.page.goto(url('/'));
        const picture = await untilMoving(opened.page, video);
        assert.deepEqual([picture.width, picture.height], [640, 360]);
        const { red, green } = meanColour(picture, script);
        assert.deepEqual([red > 200, green > 200], [!javascript, javascript]);
      });
    }
  }

  for (const browser of ['firefox', 'chromium'] as const) {
    test(`${browser} in a window, like a viewer: its video is heard once play is pressed, also without JavaScript`, async t => {
      const display = await startDisplay({ width: 800, height: 600 });
      t.after(() => display.close());
      const pulse = await startPulse();
      t.after(() => pulse.close());
      const opened = await openBrowser({
        ...{ browser, javascript: false, width: 640, height: 360 },
        ...{ display: display.display, env: pulse.env, likeTorBrowser: true },
      });
      t.after(() => opened.close());
      await opened.page.goto(url('/controls'));
      assert.equal(loudness(await listen(pulse.env, { seconds: 0.5 })), 0);
      await opened.page.mouse.click(160, 90);
      await untilMoving(opened.page, video);
      const sound = await listen(pulse.env);
      assert.ok(loudness(sound) > 0.01, `loudness ${loudness(sound)}`);
      assert.ok(toneShare(sound, toneHz) > 0.5, `share of the tone ${toneShare(sound, toneHz)}`);
    });

    test(`${browser} behind a SOCKS proxy asks it for an onion name and for nothing else`, async t => {
      const asked: string[] = [];
      const socks = await startSocks(port, name => asked.push(name));
      t.after(() => socks.close());
      const opened = await openBrowser({
        ...{ browser, javascript: true, width: 640, height: 360, socksPort: socks.port },
      });
      t.after(() => opened.close());
      const onion = `${'a'.repeat(55)}d.onion`;
      await opened.page.goto(`http://${onion}/`);
      await untilMoving(opened.page, video);
      assert.deepEqual([...new Set(asked)], [onion]);
    });

    test(`${browser} is gone after close, and when the process that opened it is killed`, async t => {
      const mark = newMark();
      const opened = await openBrowser({ browser, javascript: true, width: 300, height: 200, env: mark.env });
      assert.ok((await marked(mark)).length > 0);
      await opened.close();
      await untilNoneMarked(mark);

      // Its profile folder outlives the kill.
      const dir = await mkdtemp(join(tmpdir(), 'killed-'));
      t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
      const open = new URL('./open.ts', import.meta.url).href;
      const code = `import { openBrowser } from ${JSON.stringify(open)};
        await openBrowser({ browser: '${browser}', javascript: true, width: 300, height: 200 });
        console.log('open'); setInterval(() => {}, 1000);`;
      const opener = spawn(process.execPath, ['--input-type=module', '-e', code], {
        env: { ...process.env, ...mark.env, TMPDIR: dir },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      t.after(() => opener.kill('SIGKILL'));
      await once(createInterface({ input: opener.stdout }), 'line');
      assert.ok((await marked(mark)).length > 2);
      opener.kill('SIGKILL');
      await untilNoneMarked(mark);
    });
  }

  test('a still picture is not taken for a moving one, nor black for a picture', async t => {
    const opened = await openBrowser({ browser: 'chromium', javascript: true, width: 640, height: 360 });
    t.after(() => opened.close());
    await opened.page.goto(url('/paused'));
    await untilPicture(opened.page, picture => !isBlack(picture, video));
    await assert.rejects(
      untilMoving(opened.page, video, { deadlineMs: 1000 }),
      /Not seen within 1000 ms: a moving/,
    );
    await opened.page.goto('data:text/html,<body style="background:%23000">');
    const black = await screenshot(opened.page);
    assert.equal(isBlack(black), true);
    await opened.page.goto('data:text/html,<body style="background:%23234">');
    const grey = await screenshot(opened.page);
    assert.equal(isBlack(grey), false);
    assert.equal(changedShare(black, grey), 1);
  });
});

/** A SOCKS5 proxy (RFC 1928, no authentication) that leads every name to one port of this machine. */
async function startSocks(target: number, onAsked: (name: string) => void) {
  const proxy = createTcpServer(client => {
    client.on('error', () => {});
    client.once('data', () => {
      client.write(Uint8Array.of(5, 0));
      client.once('data', request => {
        const isName = request[3] === 3;
        onAsked(isName ? request.subarray(5, 5 + (request[4] ?? 0)).toString() : 'an address');
        client.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
        const upstream = createConnection(target, '127.0.0.1');
        upstream.on('error', () => client.destroy());
        client.on('close', () => upstream.destroy());
        client.pipe(upstream).pipe(client);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { port: (proxy.address() as AddressInfo).port, close: () => proxy.close() };
}
