import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { TorConfig } from './config.ts';
import { hasPowModule, needTor } from './find-tor.ts';
import { ownPrivateFolder } from './folders.ts';
import { runTor, type TorProcess } from './process.ts';
import { parseBootstrap, TorWarnings } from './tor-log.ts';
import { torPaths, torrcOf } from './torrc.ts';

export type OnionTor = TorProcess & {
  /** `xxxx.onion` */
  readonly address: string;
  /** What it complained of so far. */
  readonly warnings: TorWarnings;
};

export type LaunchDeps = {
  dataDir: string;
  socketPath: string;
  log: Log;
  /** A directory has taken the onion's descriptor: from now on it can be found. */
  onUploaded(): void;
  /** An event of its controller, without the code. */
  onEvent(text: string): void;
};

/**
 * Starts a tor of ours that serves the onion, and resolves when it answers its controller; aborting the signal
 * ends it. Throws Failure `tor-missing`, `tor-folder-unusable`, or `tor-failed` with tor's own last words.
 */
export async function launchTor(deps: LaunchDeps, config: TorConfig, signal: AbortSignal): Promise<OnionTor> {
  const { torDir, torrc, dataDirectory, hiddenServiceDir } = torPaths(deps.dataDir);
  const binary = await needTor(config.binary);
  for (const folder of [torDir, dataDirectory, hiddenServiceDir]) await ownPrivateFolder(folder);
  const text = torrcOf({
    dataDirectory,
    hiddenServiceDir,
    socketPath: deps.socketPath,
    virtualPort: config.virtualPort,
    maxStreams: config.maxStreams,
    powDefenses: config.powDefenses && (await hasPowModule(binary)),
    extraLines: config.torrcLines,
  });
  await writeFile(torrc, text, { mode: 0o600 });
  const warnings = new TorWarnings();
  const onLine = (line: string) => {
    const words = warnings.take(line);
    if (words) deps.log.warn(`tor says: ${words}`);
  };
  signal.throwIfAborted();
  const tor = await runTor({ binary, onLine }, ['-f', torrc]);
  const stop = () => void tor.stop();
  signal.addEventListener('abort', stop);
  void tor.exited.then(() => signal.removeEventListener('abort', stop));
  try {
    await tor.control.getInfo('version');
    const address = (await readFile(join(hiddenServiceDir, 'hostname'), 'utf8')).trim();
    await follow(tor, address, deps);
    return { ...tor, address, warnings };
  } catch (error) {
    await tor.stop();
    const { how } = await tor.exited;
    signal.throwIfAborted();
    throw new Failure(
      'tor-failed',
      `Tor ended as it started (${how}): ${warnings.lastWords || sentenceOf(error)} ` +
        'If tor.binary or a line of tor.torrcLines in config.json is the cause, mend it.',
      { how, lastWords: warnings.lastWords },
      { cause: error },
    );
  }
}

/** Logs each ten per cent of the bootstrap once, and tells of uploads (control-spec: STATUS_CLIENT, HS_DESC). */
async function follow(
  { control }: TorProcess,
  address: string,
  { log, onUploaded, onEvent }: LaunchDeps,
): Promise<void> {
  let loggedTens = -1;
  const step = (text: string) => {
    const bootstrap = parseBootstrap(text);
    const tens = Math.floor((bootstrap?.percent ?? 0) / 10);
    if (!bootstrap || tens <= loggedTens) return;
    loggedTens = tens;
    log.info(`bootstrap ${bootstrap.percent} %: ${bootstrap.summary}`);
  };
  const uploaded = `HS_DESC UPLOADED ${address.replace(/\.onion$/, '')} `;
  control.events.subscribe(({ lines: [text = ''] }) => {
    if (text.startsWith(uploaded)) onUploaded();
    else step(text);
    onEvent(text);
  });
  await control.command('SETEVENTS HS_DESC STATUS_CLIENT CIRC_BW');
  step(await control.getInfo('status/bootstrap-phase'));
}
