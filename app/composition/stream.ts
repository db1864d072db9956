import { join } from 'node:path';
import type { Config } from '../config.ts';
import { RewoundViews } from '../delivery/rewound-views.ts';
import { Slideshows } from '../delivery/slideshow.ts';
import { Views } from '../delivery/views.ts';
import type { Log } from '../lib/log.ts';
import { Dvrs } from '../live/dvrs.ts';
import { Renditions } from '../live/renditions.ts';
import { Title } from '../live/title.ts';
import { ViewersFile } from '../live/viewers-file.ts';
import { Audience } from '../people/audience.ts';
import { Returning } from '../people/returning.ts';

const defaultChannel = 'live';

export type Stream = Awaited<ReturnType<typeof composeStream>>;

/** Folder → parts → live window → views. Resolves once the folder and the title have been read. */
export async function composeStream(
  config: Config,
  deps: { dataDir: string; streamsDir: string; titlePath: string; log: Log; now: () => number },
) {
  const { dataDir, streamsDir, titlePath, log, now } = deps;
  const channelDir = join(streamsDir, defaultChannel);
  const renditions = new Renditions({ name: defaultChannel, channelDir, log, now }, config.live);
  const title = new Title({ path: titlePath, log });
  const audience = new Audience();
  const returning = new Returning({ now, max: config.delivery.maxViews });
  const views = new Views({ now }, config.delivery);
  const slideshows = new Slideshows({ now }, config.delivery);
  const dvrs = await Dvrs.open({ renditions, dir: join(dataDir, 'rewind'), log }, config.live);
  const rewoundViews = new RewoundViews({ now }, config.delivery);
  const viewersFile = new ViewersFile({ channelDir });
  await Promise.all([renditions.refresh(), title.refresh()]);
  return {
    channel: renditions.main,
    renditions,
    title,
    audience,
    returning,
    views,
    slideshows,
    dvrs,
    rewoundViews,
    viewersFile,
  };
}
