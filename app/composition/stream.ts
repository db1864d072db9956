import { join } from 'node:path';
import type { Config } from '../config.ts';
import { Views } from '../delivery/views.ts';
import type { Log } from '../lib/log.ts';
import { LiveChannel } from '../live/channel.ts';
import { Follower } from '../live/follow.ts';
import { Title } from '../live/title.ts';
import { ViewersFile } from '../live/viewers-file.ts';
import { Audience } from '../people/audience.ts';
import { ChannelFolder } from '../segments/channel-folder.ts';

const defaultChannel = 'live';

export type Stream = Awaited<ReturnType<typeof composeStream>>;

/** Folder → parts → live window → views. Resolves once the folder and the title have been read. */
export async function composeStream(
  config: Config,
  deps: { streamsDir: string; titlePath: string; log: Log; now: () => number },
) {
  const { streamsDir, titlePath, log, now } = deps;
  const channelDir = join(streamsDir, defaultChannel);
  const channel = new LiveChannel(defaultChannel, config.live);
  const follower = new Follower({ folder: new ChannelFolder(channelDir), channel, log, now });
  const title = new Title({ path: titlePath, log });
  const audience = new Audience();
  const views = new Views({ now }, config.delivery);
  const viewersFile = new ViewersFile({ channelDir });
  await Promise.all([follower.refresh(), title.refresh()]);
  return { channel, follower, title, audience, views, viewersFile };
}
