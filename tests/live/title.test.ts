import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLog } from '../../app/lib/log.ts';
import { maxTitleBytes, parseTitle, Title } from '../../app/live/title.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { listen, visit } from '../kit/visitor.ts';

describe('A title', () => {
  for (const [what, bytes, expected] of [
    ['is text without its line end', 'Hello, wörld 🎥\n', 'Hello, wörld 🎥'],
    ['is one line', 'one\r\ntwo\n\n\nthree\u2028four\u2029five', 'one two three four five'],
    ['has no control characters', 'a\0b\u0007c\u001b[31md\u007fe\u009ff\tg', 'a b c [31md e f g'],
    ['can not turn the direction of other text', 'a\u202eb\u2066c\u2069\u200fd\u200ee\u061cf', 'abcdef'],
    ['keeps right-to-left text', 'שלום עולם', 'שלום עולם'],
    ['may be empty', '', ''],
    ['is trimmed', '  \t a   b  ', 'a b'],
    ['loses a byte order mark', '\ufefftitle', 'title'],
  ] as const) {
    it(what, () => {
      assert.equal(parseTitle(Buffer.from(bytes)), expected);
    });
  }

  it('is refused when it is no UTF-8', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0x66, 0xfc, 0x72]]) {
      assert.equal(parseTitle(Buffer.from(bytes)), undefined);
    }
  });

  it('has at most 8 KiB', () => {
    assert.equal(parseTitle(Buffer.alloc(maxTitleBytes, 'a'))?.length, 8192);
    assert.equal(parseTitle(Buffer.alloc(maxTitleBytes + 1, 'a')), undefined);
  });
});

describe('title.txt', () => {
  const logged: string[] = [];
  let dir: string;
  let path: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'title-'));
    path = join(dir, 'title.txt');
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('that can not be used leaves the last title standing, and is complained of once', async () => {
    const title = new Title({ path, log: createLog('test', { write: line => logged.push(line) }) });
    await title.refresh();
    assert.equal(title.text, '');
    await writeFile(path, 'good');
    await title.refresh();
    assert.equal(title.text, 'good');
    for (const bad of [Buffer.from([0xff]), Buffer.alloc(9000, 'a')]) {
      await writeFile(path, bad);
      await title.refresh();
      await title.refresh();
      assert.equal(title.text, 'good');
    }
    assert.equal(logged.length, 1);
    await rm(path);
    await title.refresh();
    assert.equal(title.text, 'good');
    await mkdir(path);
    for (let times = 0; times < 3; times += 1) await title.refresh();
    assert.equal(title.text, 'good');
    assert.equal(logged.length, 2, logged.join(''));
    await rm(path, { recursive: true });
    await writeFile(path, 'better');
    await title.refresh();
    assert.equal(title.text, 'better');
  });
});

describe('An edited title.txt', () => {
  let server: TestServer;
  let frame: { text: string; abort: AbortController };
  let socket: Awaited<ReturnType<typeof listen>>;

  before(async () => {
    server = await startTestServer({ title: 'before' });
    const abort = new AbortController();
    const { headers } = await visit(server.url);
    const response = await fetch(`${server.url}chat/live`, { headers, signal: abort.signal });
    frame = { text: '', abort };
    const decoder = new TextDecoder();
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) frame.text += decoder.decode(chunk, { stream: true });
    };
    // It ends by our own abort.
    read().catch(() => {});
    socket = await listen(server.url);
    assert.equal(socket.last().title, 'before');
    await until('the page knows the title', () => readable().includes('before'));
  });
  after(async () => {
    frame.abort.abort();
    await socket.close();
    await server.close();
  });

  /** The page's bytes as people read them: without the escapes of CSS (CSS Syntax 3 §4.3.7) and of HTML. */
  function readable(): string {
    const css = frame.text.replace(/\\([0-9a-f]{1,6}) /g, (_, hex) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
    return css.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  }

  async function assertShown(title: string, begunMs: number): Promise<void> {
    await until(`the page shows ${title}`, () => readable().includes(title), 1500);
    await until(`the socket tells ${title}`, () => socket.last().title === title, 1500);
    const ms = performance.now() - begunMs;
    assert.ok(ms < 1000, `seen after ${ms} ms`);
  }

  it('is seen within a second when an editor puts a new file in its place', async () => {
    const draft = `${server.titlePath}.new`;
    for (const title of ['by rename', 'by rename again <script>alert(1)</script>']) {
      await writeFile(draft, title);
      const begunMs = performance.now();
      await rename(draft, server.titlePath);
      await assertShown(title, begunMs);
    }
    assert.ok(!frame.text.includes('<script>'));
  });

  it('is seen within a second when it is written in place', async () => {
    for (const title of ['in place', 'in place, twice']) {
      const begunMs = performance.now();
      await writeFile(server.titlePath, title);
      await assertShown(title, begunMs);
    }
    const begunMs = performance.now();
    await appendFile(server.titlePath, ', and longer');
    await assertShown('in place, twice, and longer', begunMs);
  });

  it('is seen on a page loaded afterwards', async () => {
    const page = await (await fetch(server.url)).text();
    assert.match(page, /<title>in place, twice, and longer<\/title>/);
  });

  it('that can not be used changes nothing', async () => {
    await writeFile(server.titlePath, Buffer.from([0x62, 0xe4, 0x64]));
    await until('the log tells of it', () =>
      server.logged.some(line => line.includes('title.txt is not UTF-8')),
    );
    const page = await (await fetch(server.url)).text();
    assert.match(page, /<title>in place, twice, and longer<\/title>/);
  });
});
