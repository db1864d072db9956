/**
 * The composition root, in the order of the data: folder → live → delivery → web → onion. Everything is made here,
 * once, and handed to those who need it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { Views } from './delivery/views.ts';
import { createLog, type Log } from './lib/log.ts';
import { LiveChannel } from './live/channel.ts';
import { Follower } from './live/follow.ts';
import { Title } from './live/title.ts';
import { ViewersFile } from './live/viewers-file.ts';
import { Audience } from './people/audience.ts';
import { ChannelFolder } from './segments/channel-folder.ts';
import { watchFolders } from './segments/watcher.ts';
import { createApp } from './web/app.ts';
import { Assets } from './web/assets.ts';
import { Info } from './web/info.ts';
import { createHttpServer, listen } from './web/listen.ts';
import { LiveFrames } from './web/live-frame.ts';
import { playerFrame } from './web/player-frame.ts';
import { Sockets } from './web/socket.ts';
import { Templates } from './web/templates.ts';
import { videoRoutes } from './web/video.ts';
import { watchPage } from './web/watch-page.ts';

/** The project's folder: templates, public files and browser code are found from it. */
export const projectDir = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Where this server's things lie. */
export type Places = { dataDir: string; streamsDir: string; titlePath: string; withTor: boolean };

export type Overrides = { log?: Log; now?: () => number };

export type RunningServer = {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** `xxxx.onion`, and the unix socket that tor connects to; null without tor. */
  onion: string | null;
  socket: string | null;
  channel: LiveChannel;
  close(): Promise<void>;
};

const defaultChannel = 'live';
const infoTickMs = 100;
const slowTickMs = 1000;
const viewersFileEveryMs = 3000;

/** Starts everything; rejects with a Failure that says what to mend, and leaves nothing running then. */
export async function startServer(
  config: Config,
  places: Places,
  overrides: Overrides = {},
): Promise<RunningServer> {
  const log = overrides.log ?? createLog('server');
  const now = overrides.now ?? Date.now;
  const channelDir = join(places.streamsDir, defaultChannel);
  await mkdir(places.dataDir, { recursive: true, mode: 0o700 });
  await mkdir(places.streamsDir, { recursive: true, mode: 0o700 });

  const channel = new LiveChannel(defaultChannel, config.live);
  const follower = new Follower({ folder: new ChannelFolder(channelDir), channel, log, now });
  const title = new Title({ path: places.titlePath, log });
  await Promise.all([follower.refresh(), title.refresh()]);

  const audience = new Audience();
  const views = new Views({ now }, config.delivery);
  const info = new Info({ channel, title, audience, now });
  const viewersFile = new ViewersFile({ channelDir });

  const { siteName, maxFrames } = config.web;
  const templates = new Templates({ dir: join(projectDir, 'templates') });
  const assets = await Assets.load(projectDir);
  const frames = new LiveFrames({ info, templates, assets, now }, { maxFrames });
  const sockets = new Sockets({ info, now }, { maxSockets: maxFrames });
  const app = createApp({
    config: config.web,
    templates,
    assets,
    log,
    sessionSecret: randomBytes(32).toString('base64url'),
    endless: [
      videoRoutes({ channel, views, audience }),
      playerFrame({ channel, info, templates, assets }),
      frames.routes(),
    ],
    pages: [watchPage({ channel, info, templates, assets, siteName })],
  });
  const server = createHttpServer(app);
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  const url = await listen(server, config.web);

  const watcher = watchFolders(
    { streamsDir: places.streamsDir, extraFiles: [places.titlePath], log },
    changed => {
      if (changed === places.titlePath) void title.refresh();
      else if (changed === defaultChannel) void follower.refresh();
    },
  );
  const timers = [
    setInterval(() => info.tick(), infoTickMs),
    setInterval(() => {
      void follower.refresh();
      void title.refresh();
      views.tick();
      frames.tick();
      sockets.tick();
    }, slowTickMs / 2),
    setInterval(() => void viewersFile.write(audience.size), viewersFileEveryMs),
  ];

  return {
    url,
    onion: null,
    socket: null,
    channel,
    async close() {
      for (const timer of timers) clearInterval(timer);
      const closed = new Promise(resolve => server.close(resolve));
      views.closeAll();
      frames.closeAll();
      sockets.closeAll();
      await watcher.close();
      server.closeIdleConnections();
      // What was said last may still leave; nobody is waited for longer.
      const last = setTimeout(() => server.closeAllConnections(), 500);
      await closed;
      clearTimeout(last);
    },
  };
}
