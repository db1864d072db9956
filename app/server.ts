/**
 * The composition root, in the order of the data: stream and community → site → onion. Everything is made once, in
 * app/composition/, and handed to those who need it.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Community, composeCommunity } from './composition/community.ts';
import { composeControl } from './composition/control.ts';
import { startOnion } from './composition/onion.ts';
import { applyReload } from './composition/reload.ts';
import { composeSite } from './composition/site.ts';
import { composeStream, type Stream } from './composition/stream.ts';
import { composeStreamDesk } from './composition/stream-desk.ts';
import type { Config } from './config.ts';
import { makeFolder } from './lib/folder.ts';
import { createLog, type Log } from './lib/log.ts';
import { repeat } from './lib/repeat.ts';
import { broadcasterName } from './moderation/staff.ts';
import { watchFolders } from './segments/watcher.ts';
import { CircuitTraffic } from './tor/circuit-traffic.ts';
import { Assets } from './web/assets.ts';
import { listen } from './web/listen.ts';

/** The project's folder: templates, public files and browser code are found from it. */
export const projectDir = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Where this server's things lie. */
export type Places = { dataDir: string; streamsDir: string; titlePath: string; withTor: boolean };

export type Overrides = {
  log?: Log;
  now?: () => number;
  /** Reads the configuration anew; without it there is nothing to reload. */
  readConfig?: () => Promise<Config>;
  /** The stream is to end for good: told to who would otherwise start it again. */
  onEndStream?: () => void;
  /** For several servers in one process, which need not each make the same. */
  assets?: Assets;
};

export type RunningServer = {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** `xxxx.onion`, and the unix socket that tor connects to; null without tor. */
  onion: string | null;
  socket: string | null;
  channel: Stream['channel'];
  /** Who is here and what they say, for those in the same process. */
  community: Community;
  /** `password`: only at the start that made it. */
  broadcaster: { username: string; password: string | null };
  /** The unix socket of scripts/ctl. */
  controlSocket: string;
  close(): Promise<void>;
};

const fastTickMs = 100;
const slowTickMs = 500;
const viewersFileEveryMs = 3000;
const expireEveryMs = 60_000;
// What was said last may still leave; nobody is waited for longer.
const lastWordsMs = 500;

/** Starts everything; rejects with a Failure that says what to mend, and leaves nothing running then. */
export async function startServer(
  config: Config,
  places: Places,
  overrides: Overrides = {},
): Promise<RunningServer> {
  const log = overrides.log ?? createLog('server');
  const now = overrides.now ?? Date.now;
  const { dataDir, streamsDir, titlePath } = places;
  const emotesDir = join(dataDir, 'emotes');
  await makeFolder(emotesDir, '--data');
  await makeFolder(streamsDir, '--streams');

  // In reverse, what closes it all: also what has been started when a later step fails.
  await using stack = new AsyncDisposableStack();
  const stream = await composeStream(config, { dataDir, streamsDir, titlePath, log, now });
  stack.defer(() => stream.dvrs.close());
  const channelDir = join(streamsDir, stream.channel.name);
  const streamDesk = composeStreamDesk(stream, {
    ...{ channelDir, titlePath, now },
    onEnd: overrides.onEndStream ?? (() => {}),
  });
  const readConfig = overrides.readConfig ?? (async () => config);
  const reload = async () => applyReload(config, await readConfig());
  const community = await composeCommunity(config, { dataDir, emotesDir, streamDesk, reload, log, now });
  stack.defer(() => community.close());
  const traffic = new CircuitTraffic({ now });
  const assets = overrides.assets ?? (await Assets.load(projectDir));
  const site = await composeSite(config, { projectDir, assets, stream, community, traffic, log, now });
  const url = await listen(site.server, config.web);
  stack.defer(async () => {
    const closed = new Promise(resolve => site.server.close(resolve));
    stream.views.closeAll();
    stream.slideshows.closeAll();
    stream.rewoundViews.closeAll();
    site.closeAll();
    site.server.closeIdleConnections();
    const last = setTimeout(() => site.server.closeAllConnections(), lastWordsMs);
    await closed;
    clearTimeout(last);
  });

  const watcher = watchFolders(
    { streamsDir, extraFiles: [titlePath], extraDirs: [emotesDir], log },
    (changed, rendition) => {
      if (changed === titlePath) void stream.title.refresh();
      else if (changed === emotesDir) void community.emotes.refresh();
      else if (changed === stream.channel.name) void stream.renditions.refresh(rendition);
    },
  );
  stack.defer(() => watcher.close());
  stack.use(repeat([() => site.tickFast()], fastTickMs, log));
  const slowly = [
    // A dead encoder changes no file, and a watch may fail: the files are read without a hint too.
    () => void stream.renditions.refresh(),
    () => void stream.title.refresh(),
    () => stream.views.tick(),
    () => stream.slideshows.tick(),
    () => stream.rewoundViews.tick(),
    () => stream.returning.sweep(),
    () => stream.dvrs.sweep(now()),
    ...community.sweeps,
    () => site.tickSlow(),
  ];
  stack.use(repeat(slowly, slowTickMs, log));
  stack.use(repeat(community.expiries, expireEveryMs, log));
  stack.use(repeat([() => void stream.viewersFile.write(stream.audience.size)], viewersFileEveryMs, log));

  const control = await composeControl({
    dataDir,
    defaultName: config.people.defaultName,
    stream,
    community,
    log,
  });
  stack.defer(() => control.close());

  const onion =
    places.withTor && config.tor.enabled
      ? await startOnion(config.tor, { dataDir, server: site.server, community, traffic, log })
      : undefined;
  if (onion) stack.defer(() => onion.close());

  const running = stack.move();
  return {
    url,
    onion: onion?.address ?? null,
    socket: onion?.socket ?? null,
    channel: stream.channel,
    community,
    broadcaster: { username: broadcasterName, password: community.generatedPassword ?? null },
    controlSocket: control.path,
    close: () => running.disposeAsync(),
  };
}
