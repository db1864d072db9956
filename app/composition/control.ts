import { ControlDoor } from '../control/door.ts';
import { controlSocketPlace } from '../control/socket-path.ts';
import type { Log } from '../lib/log.ts';
import type { Community } from './community.ts';
import type { Stream } from './stream.ts';

/** Opens the control socket in the data folder. */
export async function composeControl(deps: {
  dataDir: string;
  defaultName: string;
  stream: Stream;
  community: Community;
  log: Log;
}): Promise<{ path: string; close(): Promise<void> }> {
  const { dataDir, defaultName, stream, community, log } = deps;
  const { commands, joined } = community.moderation;
  const sources = { ...stream, ...community, joined, defaultName };
  const place = await controlSocketPlace(dataDir);
  const door = new ControlDoor({ commands, sources, log }, place);
  const close = async (): Promise<void> => {
    await door.close();
    await place.remove();
  };
  try {
    await door.listen();
  } catch (error) {
    await close();
    throw error;
  }
  return { path: place.path, close };
}
