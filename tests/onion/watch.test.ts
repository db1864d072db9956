/** The whole way: a broadcast, our server and its tor, a private Tor network, and a viewer at its other end. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openBrowser } from '../kit/browser/open.ts';
import { untilMoving } from '../kit/browser/pixels.ts';
import { openChat, texts, type } from '../kit/chat-page.ts';
import { decode } from '../kit/decode.ts';
import { StreamsDir } from '../kit/launcher.ts';
import { openWithoutScript, say, untilShown } from '../kit/noscript-page.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { wholeParts } from '../kit/stream-clients.ts';
import { startTorNetwork, type TorClient, type TorNetwork } from '../kit/tor/network.ts';
import { connectThroughTor, getThroughTor } from '../kit/tor/socks.ts';
import { until } from '../kit/until.ts';
import { pictureRegion, shownBy, watchPage } from '../kit/watch-page.ts';

const size = { width: 1000, height: 700 };
const slowMs = 60_000;

describe('A stream at its onion address', { timeout: 240_000 }, () => {
  let dir: string;
  let network: TorNetwork;
  let streams: StreamsDir;
  let server: TestServer;
  let client: TorClient;
  let host: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onion-'));
    [network, streams] = await Promise.all([startTorNetwork({ dir }), StreamsDir.make()]);
    const launcher = streams.launch(['--source', 'test']);
    await streams.untilPart(launcher, 10);
    server = await startTestServer({
      streamsDir: streams.dir,
      title: 'Through Tor',
      config: {
        tor: { torrcLines: network.torrcLines },
        chat: { captcha: { beforeFirstMessage: false } },
      },
      places: { withTor: true },
    });
    assert.ok(server.running.onion);
    host = server.running.onion;
    client = await network.startClient();
    const getsPage = () =>
      getThroughTor({ socksPort: client.socksPort, host }).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until('the onion answers', getsPage, slowMs);
  });
  after(async () => {
    await client?.close();
    await server?.close();
    await streams[Symbol.asyncDispose]();
    await network?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('is a moving picture for a client of the Tor network', async () => {
    const socket = await connectThroughTor({ socksPort: client.socksPort, host });
    socket.write(`GET /stream.mp4 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of socket) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > 60_000) break;
    }
    socket.destroy();
    const response = Buffer.concat(chunks);
    const headEnd = response.indexOf('\r\n\r\n');
    assert.match(response.toString('latin1', 0, headEnd), /^HTTP\/1\.1 200 /);
    const { frames, complaints } = await decode({ bytes: wholeParts(response.subarray(headEnd + 4)) });
    assert.ok(frames >= 30, `${frames} pictures; ${complaints}`);
  });

  for (const javascript of [false, true]) {
    it(`is seen moving in Firefox ${javascript ? 'with' : 'without'} JavaScript`, async () => {
      const { socksPort } = client;
      const browser = await openBrowser({
        browser: 'firefox',
        javascript,
        ...size,
        socksPort,
        likeTorBrowser: true,
      });
      try {
        await watchPage(browser.page, `http://${host}/`, { deadlineMs: slowMs });
        const by = javascript ? 'player' : 'frame';
        await until(
          `the picture is shown by the ${by}`,
          async () => (await shownBy(browser.page)) === by,
          slowMs,
        );
        await untilMoving(browser.page, await pictureRegion(browser.page), { deadlineMs: slowMs });
      } finally {
        await browser.close();
      }
    });
  }

  it('lets two people talk, one with JavaScript and one without', async () => {
    const { socksPort } = client;
    const options = { browser: 'firefox', ...size, socksPort, likeTorBrowser: true } as const;
    const [scripted, plain] = await Promise.all([
      openBrowser({ ...options, javascript: true }),
      openBrowser({ ...options, javascript: false }),
    ]);
    try {
      const url = `http://${host}/`;
      await Promise.all([openChat(scripted.page, url), openWithoutScript(plain.page, url)]);
      await type(scripted.page, 'from one with scripts', 'Enter');
      await untilShown(plain.page, 'from one with scripts', slowMs);
      await say(plain.page, 'from one without');
      await until(
        'the answer',
        async () => (await texts(scripted.page)).includes('from one without'),
        slowMs,
      );
    } finally {
      await Promise.all([scripted.close(), plain.close()]);
    }
  });

  // The last: whoever is new within half a minute of a closing has to wait.
  it('closes the circuit of whoever is banned, and nobody else’s', async () => {
    const { people, moderation } = server.running.community;
    const { circuits } = moderation;
    const arrive = async (isolation: string) => {
      const target = { socksPort: client.socksPort, host, isolation };
      const before = new Set(Object.values(people.list()).flatMap(each => each.map(({ id }) => id)));
      const { headers } = await getThroughTor(target);
      const person = Object.values(people.list())
        .flat()
        .find(({ id }) => !before.has(id));
      assert.ok(person);
      const cookie = String(headers['set-cookie']?.[0]).split(';')[0] ?? '';
      const visit = async () => (await getThroughTor(target, '/', { cookie })).status;
      assert.equal(await visit(), 200);
      return { id: person.id, visit, circuit: () => circuits.of(person.id)[0] };
    };
    const unwanted = await arrive('unwanted');
    const other = await arrive('other');
    const [first, others] = [unwanted.circuit(), other.circuit()];
    assert.ok(first !== undefined && others !== undefined && first !== others);
    await moderation.commands.runLine(`ban ${unwanted.id}`, { role: 'broadcaster', name: 'broadcaster' });
    const isBackByAnother = async (): Promise<boolean> => {
      const status = await unwanted.visit().catch(() => 0);
      assert.ok(status === 403 || status === 0, String(status));
      return unwanted.circuit() !== first;
    };
    await until('they need another circuit', isBackByAnother, slowMs);
    assert.equal(await other.visit(), 200);
    assert.equal(other.circuit(), others);
  });
});
