/**
 * The whole server of app/server.ts for tests: on a free port of loopback, in folders of its own that go away with
 * it. Owns no encoder: a test that wants a stream starts one on `channelDir`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../app/config.ts';
import { createLog } from '../../app/lib/log.ts';
import {
  type Overrides,
  type Places,
  projectDir,
  type RunningServer,
  startServer,
} from '../../app/server.ts';
import { Assets } from '../../app/web/assets.ts';

export type ServerOptions = {
  /** What config.json would say; the port is always a free one. */
  config?: Readonly<Record<string, object>>;
  /** First content of title.txt; without it there is none. */
  title?: string;
  /** A folder of streams that is there already; it is left alone at the end. */
  streamsDir?: string;
  places?: Partial<Places>;
  overrides?: Overrides;
};

export type TestServer = {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** The same address for a WebSocket, without a path. */
  socketUrl: string;
  streamsDir: string;
  /** Where the encoder of the default channel writes. It exists. */
  channelDir: string;
  titlePath: string;
  running: RunningServer;
  /** All that was logged, one line an entry. */
  logged: readonly string[];
  /** Stops it and removes its folders; may be called twice. */
  close(): Promise<void>;
};

// Half of what a start takes, and the same for every server of a test file.
let assets: Promise<Assets> | undefined;

/** Starts a server; close it in an `after` hook, or hold it with `await using`. */
export async function startTestServer(options: ServerOptions = {}): Promise<TestServer & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'server-'));
  const streamsDir = options.streamsDir ?? join(home, 'streams');
  const channelDir = join(streamsDir, 'live');
  const titlePath = join(home, 'title.txt');
  await mkdir(channelDir, { recursive: true });
  if (options.title !== undefined) await writeFile(titlePath, options.title);
  const logged: string[] = [];
  const log = createLog('server', { write: line => logged.push(line) });
  const config = parseConfig({ ...options.config, web: { ...options.config?.web, port: 0 } });
  const places = { dataDir: join(home, 'data'), streamsDir, titlePath, withTor: false, ...options.places };
  let running: RunningServer;
  try {
    assets ??= Assets.load(projectDir);
    running = await startServer(config, places, { log, assets: await assets, ...options.overrides });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  let closing: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await running.close();
    await rm(home, { recursive: true, force: true });
  };
  const close = (): Promise<void> => {
    closing ??= stop();
    return closing;
  };
  const { url } = running;
  const socketUrl = url.replace('http:', 'ws:').replace(/\/$/, '');
  return {
    url,
    socketUrl,
    streamsDir,
    channelDir,
    titlePath,
    running,
    logged,
    close,
    [Symbol.asyncDispose]: close,
  };
}
