/** Clients of the stream over HTTP, which do no more than fetch and keep. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { boxesIn } from '../../app/segments/boxes.ts';
import { type Encoder, type EncoderOptions, startEncoder } from './encoder.ts';
import { type Playlist, readPlaylist } from './hls.ts';
import { startTestServer, type TestServer } from './server.ts';
import { until } from './until.ts';

/** A server and an encoder that hides nothing, at work until the end of the test; the first segments are there. */
export async function startStream(
  options: EncoderOptions = {},
): Promise<AsyncDisposable & { server: TestServer; encoder: Encoder }> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer({ title: 'A stream' }));
  const encoder = stack.use(await startEncoder(server.channelDir, { announced: true, ...options }));
  await until('two segments are complete', () => server.running.channel.window.segments[1]?.complete, 20_000);
  const running = stack.move();
  return { server, encoder, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A GET of the endless response that is read until `stop`. */
export async function openStream(url: string, headers: Record<string, string> = {}, query = '') {
  const abort = new AbortController();
  const response = await fetch(`${url}stream.mp4${query}`, { headers, signal: abort.signal });
  const chunks: Uint8Array[] = [];
  let lastAtMs = performance.now();
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      lastAtMs = performance.now();
    }
  })().then(
    () => {
      isOver = true;
    },
    () => {},
  );
  return {
    response,
    bytes: (): Buffer => Buffer.concat(chunks),
    silentMs: (): number => performance.now() - lastAtMs,
    /** The server has ended it. */
    over: (): boolean => isOver,
    async stop(): Promise<void> {
      abort.abort();
      await reading;
    },
  };
}

export async function watchFor(url: string, seconds: number): Promise<Buffer> {
  const stream = await openStream(url);
  await delay(seconds * 1000);
  await stream.stop();
  return stream.bytes();
}

/** Whole boxes only: a stream that is cut off ends anywhere. */
export function wholeBoxes(bytes: Buffer): Buffer {
  let end = 0;
  while (end + 8 <= bytes.length && end + bytes.readUInt32BE(end) <= bytes.length)
    end += bytes.readUInt32BE(end);
  return bytes.subarray(0, end);
}

/** As wholeBoxes, but no moof without its mdat. */
export function wholeParts(bytes: Buffer): Buffer {
  const whole = wholeBoxes(bytes);
  const last = [...boxesIn(whole)].at(-1);
  return last?.type === 'moof' ? whole.subarray(0, last.start) : whole;
}

export async function playlistOf(url: string, query = ''): Promise<Playlist> {
  const response = await fetch(`${url}stream.m3u8${query}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/vnd\.apple\.mpegurl/);
  return readPlaylist(await response.text());
}
