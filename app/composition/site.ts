import { join } from 'node:path';
import type { Config } from '../config.ts';
import { TcpQueues } from '../delivery/tcp-queue.ts';
import type { Log } from '../lib/log.ts';
import type { CircuitTraffic } from '../tor/circuit-traffic.ts';
import { createApp } from '../web/app.ts';
import type { Assets } from '../web/assets.ts';
import { captchaRoutes, chatForm } from '../web/chat-form.ts';
import { deskRoutes } from '../web/desk/desk.ts';
import { emoteRoutes } from '../web/emotes.ts';
import { createEntry } from '../web/entry.ts';
import { LiveFrames } from '../web/frame/frames.ts';
import { RenderedPeople } from '../web/frame/people.ts';
import { RenderedMessages } from '../web/frame/rendered.ts';
import { createGate } from '../web/gate.ts';
import { hlsRoutes } from '../web/hls.ts';
import { identityRoutes } from '../web/identity-form.ts';
import { Info } from '../web/info.ts';
import { createHttpServer } from '../web/listen.ts';
import { createModerate } from '../web/moderate/acts.ts';
import { moderateRoutes } from '../web/moderate/routes.ts';
import { OpenLines } from '../web/open-lines.ts';
import { plainPage } from '../web/plain-page.ts';
import { playerFrame } from '../web/player-frame.ts';
import { rewindRoutes } from '../web/rewind.ts';
import { Sockets } from '../web/sockets.ts';
import { Templates } from '../web/templates.ts';
import { videoRoutes } from '../web/video.ts';
import { Visitors } from '../web/visitor.ts';
import { watchPage } from '../web/watch-page.ts';
import { WhoIsHere } from '../web/who-is-here.ts';
import type { Community } from './community.ts';
import type { Stream } from './stream.ts';

/** Stream and community → HTTP. The server listens to nothing yet. */
export async function composeSite(
  config: Config,
  deps: {
    projectDir: string;
    assets: Assets;
    stream: Stream;
    community: Community;
    traffic: CircuitTraffic;
    log: Log;
    now: () => number;
  },
) {
  const { projectDir, assets, stream, community, traffic, log, now } = deps;
  const { siteName, maxFrames, clickableLinks } = config.web;
  const { access, defaultName, tripcode } = config.people;
  const templates = new Templates({ dir: join(projectDir, 'templates') });
  const { accounts, board, circuits, club, commands } = community.moderation;
  const info = new Info({ ...stream, board, now });
  const visitors = new Visitors({ ...community, accounts, circuits });
  const entry = createEntry({ bans: community.bans, access, now });
  const lines = new OpenLines({ ...community, entry });
  const whoIsHere = new WhoIsHere({ ...community, entry, now });
  const messageStyle = { defaultName, emotes: community.emotes, clickableLinks };
  const rendered = { messages: new RenderedMessages(messageStyle), people: new RenderedPeople(messageStyle) };
  const shared = {
    ...stream,
    ...community,
    info,
    templates,
    assets,
    visitors,
    entry,
    lines,
    whoIsHere,
    rendered,
    accounts,
    moderate: createModerate({ commands, room: community.room }),
    access,
    traffic,
    tcpQueues: new TcpQueues({ now }),
    log,
    now,
  };
  const frames = new LiveFrames(shared, config.web);
  const settings = {
    defaultName,
    maxLength: config.chat.maxLength,
    clickableLinks,
  };
  const sockets = new Sockets({ ...shared, settings }, { maxSockets: maxFrames });

  const app = createApp({
    config: config.web,
    templates,
    assets,
    log,
    sessionSecret: community.sessionSecret,
    gate: createGate({ ...shared, club, siteName, classicTripcodes: tripcode.classic }),
    endless: [
      rewindRoutes(shared),
      videoRoutes(shared),
      hlsRoutes(shared),
      playerFrame(shared),
      frames.routes(),
      sockets.routes(),
    ],
    pages: [
      watchPage({ ...shared, frames, board, siteName, dvrS: config.live.dvrS }),
      plainPage(shared),
      chatForm({ ...shared, defaultName }),
      identityRoutes({ ...shared, defaultName, classicTripcodes: tripcode.classic }),
      moderateRoutes({ ...shared, defaultName }),
      deskRoutes({ ...shared, frames, siteName, defaultName }),
      captchaRoutes(shared),
      emoteRoutes(shared),
    ],
  });
  const server = createHttpServer(app);
  sockets.attach(server, app);

  return {
    server,
    info,
    tickFast(): void {
      info.tick();
      whoIsHere.tick();
    },
    tickSlow(): void {
      frames.tick();
      sockets.tick();
    },
    closeAll(): void {
      frames.closeAll();
      sockets.closeAll();
    },
  };
}
