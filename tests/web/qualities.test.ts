/** Renditions over HTTP: the launcher writes them, the server finds them, and clients ask for them by name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { boxesIn } from '../../app/segments/boxes.ts';
import { parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart } from '../../app/segments/part.ts';
import { decode } from '../kit/decode.ts';
import { startEncoder } from '../kit/encoder.ts';
import { checkReload, readPlaylist } from '../kit/hls.ts';
import { type Launcher, StreamsDir } from '../kit/launcher.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openStream, wholeParts } from '../kit/stream-clients.ts';
import { tellingIn } from '../kit/telling.ts';
import { until } from '../kit/until.ts';
import { listen, visit } from '../kit/visitor.ts';

const renditions = [
  { name: '240p', height: 240, videoBitrateKbps: 150 },
  { name: 'vp9', height: 360, videoBitrateKbps: 250, codec: 'vp9' },
  { name: 'av1', height: 180, videoBitrateKbps: 100, codec: 'av1' },
  { name: 'audio', video: false },
  { name: 'slides', everyS: 1, height: 240 },
];

const told = z.array(
  z.object({
    name: z.string(),
    kind: z.string(),
    label: z.string(),
    type: z.string(),
    width: z.number(),
    height: z.number(),
    kbps: z.number(),
    mbPerHour: z.number(),
  }),
);
const qualitiesAt = async (url: string) => told.parse(await (await fetch(`${url}qualities.json`)).json());
const namesAt = async (url: string) => (await qualitiesAt(url)).map(({ name }) => name).join(' ');

type Piece = { startS: number; endS: number; independent: boolean };

/** The moofs of a response in the order they came, on the timeline of its pictures, or of its sound. */
function piecesOf(bytes: Buffer): Piece[] {
  const whole = wholeParts(bytes);
  const boxes = [...boxesIn(whole)];
  if (!boxes.some(({ type }) => type === 'moof')) return [];
  const init = parseInitSegment(whole.subarray(0, boxes.find(({ type }) => type === 'moof')?.start));
  const track = init.tracks.find(({ kind }) => kind === 'video') ?? init.tracks[0];
  assert.ok(track);
  return boxes.flatMap(({ type, start }, index) => {
    if (type !== 'moof') return [];
    const { fragments, durationMs, independent } = parsePart(
      whole.subarray(start, boxes[index + 1]?.end),
      init,
    );
    const run = fragments[0]?.runs.find(({ trackId }) => trackId === track.id);
    if (!run) return [];
    const startS = run.decodeTime / track.timescale;
    return [{ startS, endS: startS + durationMs / 1000, independent }];
  });
}

async function partsOfMultipart(response: IncomingMessage, count: number): Promise<Buffer[]> {
  const [, boundary = ''] = /boundary=(\w+)/.exec(response.headers['content-type'] ?? '') ?? [];
  let bytes = Buffer.alloc(0);
  const whole = (): Buffer[] => {
    const parts = bytes.toString('latin1').split(`--${boundary}\r\n`).slice(1, -1);
    return parts.map(part => Buffer.from(part, 'latin1'));
  };
  for await (const chunk of response) {
    bytes = Buffer.concat([bytes, chunk]);
    if (whole().length >= count) break;
  }
  return whole();
}

describe('Qualities', () => {
  let streams: StreamsDir;
  let launcher: Launcher;
  let server: TestServer;
  let url: string;

  before(async () => {
    streams = await StreamsDir.make();
    const config = join(streams.dir, 'config.json');
    await writeFile(config, JSON.stringify({ capture: { renditions } }));
    launcher = streams.launch(['--source', 'test', '--config', config]);
    await streams.untilPart(launcher, 8, 40_000);
    server = await startTestServer({ streamsDir: streams.dir });
    url = server.url;
    await until('all of them', async () => (await qualitiesAt(url)).length === 6, 10_000);
  });
  after(async () => {
    await server?.close();
    await streams?.[Symbol.asyncDispose]();
  });

  it('are told to the page: the main one first, then the best, with type, size and what they cost', async () => {
    await until('the slides are measured', async () =>
      (await qualitiesAt(url)).every(({ kbps }) => kbps > 0),
    );
    const all = await qualitiesAt(url);
    assert.deepEqual(
      all.map(({ name, kind, label, type, width, height }) => [
        name,
        kind,
        label,
        type,
        `${width}x${height}`,
      ]),
      [
        ['main', 'pictures', '360p', 'video/mp4; codecs="avc1.640016, mp4a.40.2"', '640x360'],
        ['vp9', 'pictures', '360p VP9', 'video/mp4; codecs="vp09.00.21.08, opus"', '640x360'],
        ['240p', 'pictures', '240p', 'video/mp4; codecs="avc1.640015, mp4a.40.2"', '426x240'],
        ['av1', 'pictures', '180p AV1', 'video/mp4; codecs="av01.0.00M.08, opus"', '320x180'],
        ['audio', 'sound', 'Sound only', 'audio/mp4; codecs="opus"', '0x0'],
        ['slides', 'slides', 'Slides', 'multipart/x-mixed-replace', '426x240'],
      ],
    );
    for (const { name, kbps, mbPerHour } of all) {
      assert.ok(kbps > 5 && kbps < 700, `${name}: ${kbps} kbit/s`);
      assert.ok(Math.abs(mbPerHour / (kbps * 0.45) - 1) < 0.12, `${name}: ${kbps} kbit/s, ${mbPerHour} MB/h`);
    }
    const { page } = await visit(url);
    const [, json = ''] =
      /<script type="application\/json" id="renditions" nonce="[^"]*">([^<]*)<\/script>/.exec(page) ?? [];
    assert.deepEqual(
      told.parse(JSON.parse(json)).map(({ name }) => name),
      all.map(({ name }) => name),
    );
  });

  for (const [name, codecs] of [
    ['main', /avc1\.[0-9a-f]{6}, mp4a\.40\.2/],
    ['240p', /avc1\.[0-9a-f]{6}, mp4a\.40\.2/],
    ['vp9', /vp09\.00\.\d\d\.08, opus/],
    ['av1', /av01\.0\.\d\d[MH]\.08, opus/],
    ['audio', /^audio\/mp4; codecs="opus"/],
  ] as const) {
    it(`give ${name} as an endless response that decodes and tells nothing of its encoder`, async () => {
      for (const [headers, query] of [
        [{}, ''],
        [{ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }, ''],
        [
          { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
          '&sound=1',
        ],
      ] as const) {
        const stream = await openStream(url, headers, `?quality=${name}${query}`);
        assert.equal(stream.response.status, 200);
        assert.match(stream.response.headers.get('content-type') ?? '', codecs);
        const enough = () => piecesOf(stream.bytes()).length > 8;
        await until('some parts', enough, 8000);
        await stream.stop();
        const bytes = wholeParts(stream.bytes());
        const { complaints, frames } = await decode({ bytes });
        // Pictures of the past come in a rush: only the times of that are odd.
        const others = complaints.split('\n').filter(line => !/non monotonically|Last message|^$/.test(line));
        assert.deepEqual(others, [], query);
        if (name !== 'audio') assert.ok(frames > 20, `${frames} pictures`);
        assert.deepEqual(tellingIn(bytes), []);
      }
    });
  }

  it('are each their own to several Firefoxes at once', async () => {
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    };
    const open = await Promise.all(
      ['main', '240p', 'vp9'].map(name => openStream(url, headers, `?quality=${name}`)),
    );
    await until('some parts', () => open.every(stream => piecesOf(stream.bytes()).length > 8), 8000);
    await Promise.all(open.map(stream => stream.stop()));
    const media = open.map(stream => {
      const bytes = wholeParts(stream.bytes());
      const boxes = [...boxesIn(bytes)].filter(({ type, end, body }) => type === 'mdat' && end - body > 100);
      return boxes.map(({ body, end }) => bytes.toString('latin1', body, end));
    });
    const all = media.flat();
    assert.ok(all.length > 20);
    assert.equal(new Set(all).size, all.length, 'no media in two of them');
  });

  it('that are not there are refused with those that are', async () => {
    for (const path of ['stream.mp4?quality=4k', 'player?quality=4k', '4k/stream.m3u8', '4k/hls/part1.m4s']) {
      const response = await fetch(url + path, { headers: { accept: 'text/html' } });
      assert.equal(response.status, 404, path);
      const page = await response.text();
      assert.match(page, /There is no quality &quot;4k&quot;; there are: .*240p/, path);
    }
    const slides = await fetch(`${url}slideshow?quality=240p`);
    assert.equal(slides.status, 404);
    assert.match(await slides.text(), /There is no slideshow "240p"; there are: slides/);
  });

  it('are one viewer to whoever counts, however many of them one person has open', async () => {
    // Of the other one those who ask for playlists are viewers for a while.
    await using own = await startTestServer({ streamsDir: streams.dir });
    const { url } = own;
    await until('all of them', async () => (await qualitiesAt(url)).length === 6, 10_000);
    await using socket = await listen(url);
    const { headers } = await visit(url);
    const open = await Promise.all(
      ['', '?quality=240p', '?quality=audio'].map(query => openStream(url, headers, query)),
    );
    const request = get(`${url}slideshow`, { headers });
    const [response] = await once(request, 'response');
    await until('one more', () => socket.last().viewers === 1);
    await Promise.all(open.map(stream => stream.stop()));
    // The slides are enough to be there.
    assert.equal(socket.last().viewers, 1);
    response.destroy();
    await until('nobody', () => socket.last().viewers === 0);
  });

  it('of pictures alone come as slides, each as soon as it is there', async () => {
    const request = get(`${url}slideshow?quality=slides`);
    const [response] = await once(request, 'response');
    assert.match(response.headers['content-type'] ?? '', /^multipart\/x-mixed-replace; boundary=/);
    const parts = await partsOfMultipart(response, 3);
    response.destroy();
    assert.ok(parts.length >= 3);
    for (const part of parts) {
      const [head = '', length = ''] = /^[\s\S]*?\r\n\r\n/.exec(part.toString('latin1')) ?? [];
      assert.match(head, /^Content-Type: image\/jpeg\r\n/, length);
      const jpeg = part.subarray(head.length, -2);
      assert.equal(jpeg.length, Number(/Content-Length: (\d+)/.exec(head)?.[1]));
      assert.equal((await decode({ bytes: jpeg })).complaints, '');
      assert.deepEqual(tellingIn(jpeg), []);
    }
    assert.equal(new Set(parts.map(part => part.toString('latin1'))).size, parts.length, 'no picture twice');
    const single = await fetch(`${url}slide.jpg`);
    assert.equal(single.headers.get('content-type'), 'image/jpeg');
    assert.equal((await decode({ bytes: await single.bytes() })).complaints, '');
  });

  it('are offered to HLS players in a playlist of playlists, each of which plays', async () => {
    const text = await (await fetch(`${url}qualities.m3u8`)).text();
    const variants = [...text.matchAll(/#EXT-X-STREAM-INF:(.*)\n(\S+)\n/g)].map(
      ([, attributes = '', uri = '']) => ({
        attributes,
        uri,
      }),
    );
    assert.deepEqual(variants.map(({ uri }) => uri).sort(), [
      '240p/stream.m3u8',
      'audio/stream.m3u8',
      'av1/stream.m3u8',
      'stream.m3u8',
      'vp9/stream.m3u8',
    ]);
    const some = await (await fetch(`${url}qualities.m3u8?codecs=avc1`)).text();
    assert.deepEqual(some.match(/^[^#\n]+/gm)?.sort(), [
      '240p/stream.m3u8',
      'audio/stream.m3u8',
      'stream.m3u8',
    ]);
    const forOurs = await (await fetch(`${url}qualities.m3u8?codecs=vp09&start=keyframe`)).text();
    const [, address = ''] = /^(vp9\/.*)$/m.exec(forOurs) ?? [];
    assert.match(await (await fetch(url + address)).text(), /^#EXT-X-START:/m);
    for (const { attributes, uri } of variants) {
      const [, peak, average] =
        /^BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),CODECS="[^"]+"/.exec(attributes) ?? [];
      assert.ok(Number(peak) >= Number(average) && Number(average) > 10_000, attributes);
      assert.equal(/RESOLUTION=\d+x\d+$/.test(attributes), uri !== 'audio/stream.m3u8');
      const first = readPlaylist(await (await fetch(url + uri)).text());
      const sequence = (first.segments.at(-1)?.sequence ?? 0) + 1;
      const next = readPlaylist(await (await fetch(`${url}${uri}?_HLS_msn=${sequence}`)).text());
      checkReload(first, next);
      const { complaints, frames } = await decode({ url: url + uri }, { seconds: 2 });
      assert.equal(complaints, '', uri);
      if (uri !== 'audio/stream.m3u8') assert.ok(frames >= 40, `${uri}: ${frames}`);
    }
  });

  it('lie on one timeline, so that a player may go from one to the other, also when the encoder has been started again', async () => {
    const names = ['main', '240p', 'vp9', 'av1', 'audio'];
    const open = await Promise.all(names.map(name => openStream(url, {}, `?quality=${name}`)));
    await until('some parts', () => open.every(stream => piecesOf(stream.bytes()).length > 4), 8000);
    process.kill(Number(await streams.read('pid.txt')), 'SIGKILL');
    const hasGap = (pieces: readonly Piece[]): boolean =>
      pieces.slice(0, -8).some(({ endS }, index) => (pieces[index + 1]?.startS ?? endS) - endS > 0.3);
    await until('all go on', () => open.every(stream => hasGap(piecesOf(stream.bytes()))), 20_000);
    await Promise.all(open.map(stream => stream.stop()));
    const all = open.map(stream => piecesOf(stream.bytes()));
    const [main = []] = all;
    for (const [index, pieces] of all.entries()) {
      assert.equal(open[index]?.over(), false, 'the response lives through it');
      for (const [at, { startS }] of pieces.entries()) {
        const before = pieces[at - 1];
        if (before) assert.ok(startS >= before.endS - 0.03, `${names[index]} goes back at ${startS}`);
      }
      // The shift over the restart is the same one, to a tick: what lay apart before does so after it, and no more.
      if (names[index] !== 'audio') {
        const apart = pieces
          .filter(each => each.independent)
          .flatMap(({ startS }) => {
            const near = main.find(each => each.independent && Math.abs(each.startS - startS) < 0.15);
            return near ? [startS - near.startS] : [];
          });
        assert.ok(apart.length >= 2);
        const spreadS = Math.max(...apart) - Math.min(...apart);
        assert.ok(spreadS < 0.001, `${names[index]} is ${apart.join(' ')} s apart`);
      }
      // Every keyframe of the main one is a keyframe here, at the same time.
      const isAudio = names[index] === 'audio';
      for (const { startS } of main.filter(each => each.independent)) {
        const [first, last] = [pieces[0]?.startS ?? 0, pieces.at(-1)?.startS ?? 0];
        if (startS < first + 0.1 || startS > last - 0.1) continue;
        const same = pieces.find(each => Math.abs(each.startS - startS) < (isAudio ? 0.11 : 0.025));
        assert.ok(same?.independent, `${names[index]} has no keyframe at ${startS}`);
      }
    }
    const bytes = wholeParts(open[1]?.bytes() ?? Buffer.alloc(0));
    assert.equal((await decode({ bytes })).frames, piecesOf(bytes).length * 4);
  });

  it('may be written by anybody, at any time, and go with their files', async () => {
    const dir = join(streams.channelDir, 'bare');
    await using encoder = await startEncoder(dir, { size: '160x90' });
    await encoder.listed(6);
    await until('it is offered', async () => (await namesAt(url)).includes('bare'), 5000);
    const [main, bare] = await Promise.all([openStream(url), openStream(url, {}, '?quality=bare')]);
    const bytesOf = () => [main, bare].map(stream => stream.bytes());
    await until('parts of both', () => bytesOf().every(bytes => piecesOf(bytes).length > 8), 8000);
    await Promise.all([main.stop(), bare.stop()]);
    const [ends, bareEnds] = bytesOf().map(bytes => piecesOf(bytes).at(-1)?.endS ?? Number.NaN);
    const apartS = Math.abs((ends ?? 0) - (bareEnds ?? 0));
    assert.ok(apartS < 0.6, `an encoder of its own is ${apartS} s apart`);
    await encoder.close();
    await rm(dir, { recursive: true });
    await until('it is gone', async () => !(await namesAt(url)).includes('bare'), 5000);
    assert.equal((await fetch(`${url}stream.mp4`, { method: 'HEAD' })).status, 200);
  });

  it('are links in the frame without JavaScript, which keep sound and session', async () => {
    const document = await (await fetch(`${url}player?quality=240p&sound=1`)).text();
    assert.match(
      document,
      /<video src="\/stream\.mp4\?n=[\w-]+&amp;quality=240p&amp;sound=1" preload="none" controls/,
    );
    assert.match(document, /<a href="\/player\?quality=240p&amp;sound=1" aria-current="true">240p/);
    assert.match(document, /<a href="\/player\?sound=1">360p <span>≈ \d+ MB\/h<\/span><\/a>/);
    assert.match(document, /<a href="\/player\?quality=slides&amp;sound=1">Slides/);
    const muted = await (await fetch(`${url}player?quality=240p`)).text();
    assert.match(muted, /<a href="\/player\?quality=240p&amp;sound=1">With sound<\/a>/);
    const { page } = await visit(url);
    // The page's own frame, in an attribute: a visitor without a cookie has to carry the session along.
    assert.match(page, /\/player\?t=[^&]+&amp;amp;quality=240p/);
    const audio = await (await fetch(`${url}player?quality=audio`)).text();
    assert.match(audio, /<audio src="\/stream\.mp4\?n=[\w-]+&amp;quality=audio" controls/);
    assert.doesNotMatch(audio, /<video/);
  });

  it('that nobody chose are the main one, and for browsers without its codecs the others in order', async () => {
    const document = await (await fetch(`${url}player`)).text();
    const sources = [...document.matchAll(/<source src="([^"]*)" type="([^"]*)">/g)].map(match => [
      match[1],
      match[2],
    ]);
    assert.deepEqual(
      sources.map(([src = '']) => src.replace(/n=[\w-]+(&amp;)?/, '').replace(/\?$/, '')),
      ['/stream.mp4', '/stream.mp4?quality=vp9', '/stream.mp4?quality=av1'],
    );
    assert.match(sources[1]?.[1] ?? '', /^video\/mp4; codecs=&quot;vp09\.00\.\d\d\.08, opus&quot;$/);
  });

  it('have an address of their own each time, since Firefox would go on with what it has of the last one', async () => {
    const addressOf = async (): Promise<string | undefined> =>
      / src="(\/stream\.mp4[^"]*)"/.exec(await (await fetch(`${url}player?quality=240p`)).text())?.[1];
    const [first, second] = [await addressOf(), await addressOf()];
    assert.ok(first && second && first !== second, `${first} ${second}`);
  });

  it('are gone when the stream is off', async () => {
    launcher.kill('SIGINT');
    await launcher.ended;
    await until('none', async () => (await qualitiesAt(url)).length === 0, 5000);
    assert.equal((await fetch(`${url}qualities.m3u8`)).status, 404);
    const document = await (await fetch(`${url}`)).text();
    assert.doesNotMatch(document, /player-bar/);
  });
});

describe('Slides', () => {
  it('are shown no more some time after the last one has come, and again when the next has', async () => {
    let laterMs = 0;
    await using server = await startTestServer({ overrides: { now: () => Date.now() + laterMs } });
    const dir = join(server.channelDir, 'slides');
    const draw = async (colour: string): Promise<void> => {
      const input = `color=${colour}:s=64x48`;
      const args = [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        input,
        '-frames:v',
        '1',
        '-y',
        join(dir, 'slide.jpg'),
      ];
      await promisify(execFile)('ffmpeg', args);
    };
    await mkdir(dir);
    await draw('red');
    const single = () => fetch(`${server.url}slide.jpg?quality=slides`);
    await until('the slide is there', async () => (await single()).status === 200);
    laterMs = 29_000;
    assert.equal((await single()).status, 200);
    laterMs = 60_000;
    await until('it is over', async () => (await single()).status === 404);
    for (const path of ['slide.jpg?quality=slides', 'slide.jpg', 'slideshow?quality=slides', 'slideshow']) {
      const response = await fetch(server.url + path);
      assert.equal(response.status, 404, path);
      assert.match(await response.text(), /^The stream is off\./, path);
    }
    laterMs = 0;
    await draw('blue');
    await until('the next one is there', async () => (await single()).status === 200);
  });
});
