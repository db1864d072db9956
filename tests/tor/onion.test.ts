import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLog, silentLog } from '../../app/lib/log.ts';
import { CircuitListener, circuitOf } from '../../app/tor/circuit-listener.ts';
import { torConfig } from '../../app/tor/config.ts';
import { hasPowModule, needTor } from '../../app/tor/find-tor.ts';
import { Onion } from '../../app/tor/onion.ts';
import { type OnionSocket, onionSocket } from '../../app/tor/socket-path.ts';
import { startTorNetwork, type TorClient, type TorNetwork } from '../kit/tor/network.ts';
import { until } from '../kit/tor/node.ts';
import { connectThroughTor, getThroughTor } from '../kit/tor/socks.ts';

const soon = () => AbortSignal.timeout(60_000);

describe('an onion service in a private Tor network', { timeout: 180_000 }, () => {
  let dir: string;
  let dataDir: string;
  let network: TorNetwork;
  let client: TorClient;
  let http: Server;
  let socket: OnionSocket;
  let listener: CircuitListener;
  let onion: Onion;
  let address: string;
  let logged = '';

  const config = () => torConfig.parse({ torrcLines: network.torrcLines, powDefenses: true });
  const newOnion = () =>
    new Onion(
      { dataDir, socketPath: listener.path, log: createLog('tor', { write: line => (logged += line) }) },
      config(),
    );
  const get = (isolation: string) => getThroughTor({ socksPort: client.socksPort, host: address, isolation });

  // A visitor who was there before tries the old introduction points first, and may have to try again.
  const isReachable = (isolation: string) =>
    until('a visitor gets the page', 30_000, () =>
      get(isolation).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onion-'));
    dataDir = join(dir, 'da#ta "é"');
    http = createServer((request, response) => {
      response.write(`circuit ${circuitOf(request.socket)}`);
      if (request.url !== '/endless') response.end();
    });
    const onConnection = (stream: object) => http.emit('connection', stream);
    socket = await onionSocket({ dataDir });
    listener = new CircuitListener({ onConnection, log: silentLog }, socket);
    await listener.listen();
    network = await startTorNetwork({ dir });
    onion = newOnion();
    [client, address] = await Promise.all([network.startClient(), onion.start()]);
    await onion.published(soon());
  });

  after(async () => {
    await onion.close();
    await listener.close();
    await socket.remove();
    await network.close();
    assert.deepEqual(await readdir(dir), ['da#ta "é"']);
    await rm(dir, { recursive: true });
  });

  test('is published, and a visitor gets the page over a circuit that the server can name', async () => {
    assert.match(address, /^[a-z2-7]{56}\.onion$/);
    assert.ok(onion.isPublished);
    const { status, body } = await get('visitor');
    assert.equal(status, 200);
    assert.match(body, /^circuit [1-9]\d*$/);
  });

  test('gives one visitor one circuit, and two visitors two', async () => {
    const [first, again, other] = [await get('one'), await get('one'), await get('two')];
    assert.equal(first.body, again.body);
    assert.notEqual(first.body, other.body);
  });

  test('has written its address and key where only we can read them', async () => {
    const folder = join(dataDir, 'hidden_service');
    assert.equal(await readFile(join(folder, 'hostname'), 'utf8'), `${address}\n`);
    for (const path of [folder, join(dataDir, 'tor'), join(dataDir, 'tor', 'data')]) {
      assert.equal((await stat(path)).mode & 0o777, 0o700, path);
    }
    assert.equal((await stat(join(dataDir, 'tor', 'torrc'))).mode & 0o777, 0o600);
    const torrc = await readFile(join(dataDir, 'tor', 'torrc'), 'utf8');
    const canPow = await hasPowModule(await needTor('tor'));
    assert.equal(torrc.includes('\nHiddenServicePoWDefensesEnabled 1\n'), canPow);
  });

  test('has told its bootstrap step by step, each once, up to 100 %', () => {
    const steps = [...logged.matchAll(/bootstrap (\d+) %/g)].map(([, percent]) => Number(percent));
    assert.equal(steps.at(-1), 100);
    assert.deepEqual(
      steps,
      [...new Set(steps.map(percent => Math.floor(percent / 10)))].map((_, at) => steps[at]),
    );
    assert.ok(steps.length <= 11, `${steps}`);
  });

  test("closing a circuit ends that visitor's stream and nobody else's", async () => {
    const open = async (isolation: string) => {
      const stream = await connectThroughTor({ socksPort: client.socksPort, host: address, isolation });
      stream.setEncoding('latin1').on('error', () => {});
      stream.write('GET /endless HTTP/1.1\r\nHost: onion\r\n\r\n');
      let text = '';
      stream.on('data', chunk => (text += chunk));
      await until('the endless answer begins', 30_000, () => /circuit \d+/.test(text));
      return { stream, circuit: Number(/circuit (\d+)/.exec(text)?.[1]) };
    };
    const [unwanted, other] = [await open('unwanted'), await open('other')];
    const ended = once(unwanted.stream, 'close');
    assert.equal(await onion.closeCircuit(unwanted.circuit), true);
    await ended;
    assert.equal(other.stream.readyState, 'open');
    assert.equal((await get('other')).body, `circuit ${other.circuit}`);
    await until('the circuit is gone', 10_000, async () => !(await onion.closeCircuit(unwanted.circuit)));
    other.stream.destroy();
  });

  test('comes back with the same address when tor is killed', async () => {
    const { pid } = onion;
    assert.ok(pid);
    const down = new Promise<boolean>(resolve => onion.publication.subscribe(resolve));
    process.kill(pid, 'SIGKILL');
    assert.equal(await down, false);
    await onion.published(soon());
    assert.notEqual(onion.pid, pid);
    assert.match(logged, /tor has ended \(SIGKILL\)/);
    await isReachable('after the kill');
  });

  test('keeps its address over a restart of the service, and leaves no process', async () => {
    const { pid } = onion;
    assert.ok(pid);
    await onion.close();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.equal(onion.isPublished, false);
    assert.equal(await onion.closeCircuit(1), false);
    onion = newOnion();
    assert.equal(await onion.start(), address);
    await onion.published(soon());
    await isReachable('after the restart');
  });
});

describe('an onion service that cannot start', { timeout: 60_000 }, () => {
  let dataDir: string;
  const newOnion = (config: unknown) =>
    new Onion({ dataDir, socketPath: join(dataDir, 'onion.sock'), log: silentLog }, torConfig.parse(config));

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onion-'));
  });
  after(async () => {
    await rm(dataDir, { recursive: true });
  });

  test('says what tor said about a wrong line, and closes', async () => {
    const onion = newOnion({ torrcLines: ['NoSuchOption 1'] });
    await assert.rejects(onion.start(), { code: 'tor-failed', message: /Unknown option 'NoSuchOption'/ });
    assert.equal(onion.pid, undefined);
    await onion.close();
  });

  test('says that tor is missing', async () => {
    const onion = newOnion({ binary: 'no-such-tor' });
    await assert.rejects(onion.start(), { code: 'tor-missing' });
    await onion.close();
  });

  test('says that a program is no tor', async () => {
    await assert.rejects(newOnion({ binary: '/bin/false' }).start(), {
      code: 'tor-failed',
      message: /exit code 1/,
    });
    const script = join(dataDir, 'broken-tor');
    await writeFile(script, '#!/no/such/interpreter\n', { mode: 0o700 });
    await assert.rejects(newOnion({ binary: script }).start(), { code: 'tor-not-runnable' });
  });

  test('says that a folder is no folder of ours', async () => {
    await rm(join(dataDir, 'hidden_service'), { recursive: true, force: true });
    await writeFile(join(dataDir, 'hidden_service'), 'a file');
    await assert.rejects(newOnion({}).start(), { code: 'tor-folder-unusable', message: /hidden_service/ });
    await rm(join(dataDir, 'hidden_service'));
  });

  test('closes a hidden_service folder that others could read', async () => {
    const onion = newOnion({ torrcLines: ['DisableNetwork 1'] });
    await onion.start();
    await onion.close();
    await chmod(join(dataDir, 'hidden_service'), 0o755);
    const again = newOnion({ torrcLines: ['DisableNetwork 1'] });
    const address = await again.start();
    assert.equal((await stat(join(dataDir, 'hidden_service'))).mode & 0o777, 0o700);
    assert.equal(await readFile(join(dataDir, 'hidden_service', 'hostname'), 'utf8'), `${address}\n`);
    await again.close();
  });

  test('leaves no tor when its own process is killed', async () => {
    const program = `
      import { silentLog } from '${new URL('../../app/lib/log.ts', import.meta.url)}';
      import { torConfig } from '${new URL('../../app/tor/config.ts', import.meta.url)}';
      import { Onion } from '${new URL('../../app/tor/onion.ts', import.meta.url)}';
      const dataDir = process.argv[1];
      const config = torConfig.parse({ torrcLines: ['DisableNetwork 1'] });
      const onion = new Onion({ dataDir, socketPath: dataDir + '/onion.sock', log: silentLog }, config);
      await onion.start();
      console.log(onion.pid);
    `;
    const service = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(service.stdout, 'data');
    const pid = Number(printed);
    assert.ok(pid > 1);
    process.kill(pid, 0);
    service.kill('SIGKILL');
    await until('tor has gone', 10_000, () => isGone(pid));
  });

  test('can be closed while it starts', async () => {
    const onion = newOnion({ torrcLines: ['DisableNetwork 1'] });
    const start = onion.start();
    await onion.close();
    await start.catch(() => {});
    assert.equal(onion.pid, undefined);
  });
});

/** A process nobody has waited for yet (Z) is gone too. */
async function isGone(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return /\) [ZX]/.test(state);
}
