/**
 * `node bench/page/main.ts`: what a real browser asks for, and how many bytes that are, from the address to the moving
 * picture. The video and the live column never end, and are shown beside the sum.
 */
import { parseArgs } from 'node:util';
import { openBrowser } from '../../tests/kit/browser/open.ts';
import { startEncoder } from '../../tests/kit/encoder.ts';
import { startTestServer } from '../../tests/kit/server.ts';
import { watchPage } from '../../tests/kit/watch-page.ts';
import { type Asked, startCountingProxy } from './counting-proxy.ts';

const usage = `Usage: node bench/page/main.ts [flags]

  --list   also every request in its order
  --json   the figures as JSON on stdout
`;

const options = {
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const flags = parseArgs({ options }).values;
const endless: ReadonlySet<string> = new Set(['/stream.mp4', '/chat/live', '/player', '/socket']);
const pageSize = { width: 1000, height: 700 };

type Opened = {
  name: string;
  /** Milliseconds until the picture was seen moving, looking included. */
  movingMs: number;
  /** When the video was asked for, and the player's script, in ms since the page was. */
  videoAskedMs: number | undefined;
  scriptAskedMs: number | undefined;
  requestsBeforeVideo: number;
  bytesBeforeVideo: number;
  requests: number;
  bytes: number;
  asked: readonly Asked[];
};

async function open(url: URL, browser: 'firefox' | 'chromium', javascript: boolean): Promise<Opened> {
  const proxy = await startCountingProxy(url);
  const opened = await openBrowser({ browser, javascript, ...pageSize });
  try {
    const beganMs = performance.now();
    await watchPage(opened.page, proxy.url);
    const movingMs = performance.now() - beganMs;
    const asked = proxy.asked.map(each => ({ ...each }));
    const firstMs = asked[0]?.atMs ?? 0;
    const askedMs = (pattern: RegExp): number | undefined => {
      const found = asked.find(({ path }) => pattern.test(path));
      return found && Math.round(found.atMs - firstMs);
    };
    const counted = asked.filter(({ path }) => !endless.has(path));
    const video = asked.findIndex(({ path }) => path === '/stream.mp4');
    const before = asked.slice(0, video).filter(({ path }) => !endless.has(path));
    const sum = (some: readonly Asked[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
    return {
      name: `${browser}, JavaScript ${javascript ? 'on' : 'off'}`,
      movingMs: Math.round(movingMs),
      videoAskedMs: askedMs(/^\/stream\.mp4/),
      scriptAskedMs: askedMs(/chunk-player/),
      requestsBeforeVideo: before.length,
      bytesBeforeVideo: sum(before),
      requests: counted.length,
      bytes: sum(counted),
      asked,
    };
  } finally {
    await opened.close();
    await proxy.close();
  }
}

function report(rows: readonly Opened[]): string {
  const head = [
    '',
    'before the video',
    'bytes',
    'until it moves',
    'bytes',
    'video asked',
    'player asked',
    'moving',
  ];
  const lines = rows.map(row => [
    row.name,
    ...[`${row.requestsBeforeVideo} requests`, row.bytesBeforeVideo, `${row.requests} requests`, row.bytes],
    ...[`${row.videoAskedMs ?? '–'} ms`, `${row.scriptAskedMs ?? '–'} ms`, `${row.movingMs} ms`],
  ]);
  const table = [head, ...lines].map(
    ([name, ...cells]) => String(name).padEnd(26) + cells.map(cell => String(cell).padStart(18)).join(''),
  );
  const list = rows.flatMap(({ name, asked }) => [
    '',
    name,
    ...asked.map(({ method, path, bytes }) => `${String(bytes).padStart(9)}  ${method} ${path}`),
  ]);
  const aims =
    'Aimed at without JavaScript: ≤3 requests and ≤25 000 bytes besides the video; with it ≤220 000 bytes.';
  return `${[...table, ...(flags.list ? list : []), '', aims].join('\n')}\n`;
}

async function run(): Promise<void> {
  await using server = await startTestServer({ title: 'A title of a usual length' });
  await using encoder = await startEncoder(server.channelDir, { size: '640x360', announced: true });
  await encoder.listed(10);
  const rows: Opened[] = [];
  for (const browser of ['firefox', 'chromium'] as const) {
    for (const javascript of [false, true]) rows.push(await open(new URL(server.url), browser, javascript));
  }
  process.stdout.write(flags.json ? `${JSON.stringify(rows, null, 2)}\n` : report(rows));
}

if (flags.help) process.stdout.write(usage);
else await run();
