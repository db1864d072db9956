import type { Config } from '../config.ts';
import type { ReloadReport } from '../moderation/surroundings.ts';

/** What is read at each use: changing it in the running configuration is enough. A path means all below it, too. */
const livePaths = [
  'chat.maxLines',
  'chat.retentionDays',
  'chat.captcha.afterFlood',
  'chat.captcha.everyMessages',
  'chat.captcha.probability',
  'chat.flood.windowS',
  'chat.flood.duplicateWindowS',
  'people.maxNameLength',
  'people.presence',
  'people.kept',
  'people.bans.circuitWaitS',
  'people.bans.circuitForS',
  'people.bans.returnWithinS',
  'moderation.raid',
] as const;

/** Takes over from `fresh` what can be changed in `running` while it is in use. */
export function applyReload(running: Config, fresh: Config): ReloadReport {
  const before = leavesOf(running);
  const after = leavesOf(fresh);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = paths.filter(path => JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path)));
  const isLive = (path: string) => livePaths.some(live => path === live || path.startsWith(`${live}.`));
  const applied = changed.filter(isLive);
  for (const path of applied) set(running, path.split('.'), after.get(path));
  return { applied, needRestart: changed.filter(path => !isLive(path)) };
}

/** Every value that is no object, by its path. */
function leavesOf(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path, value]]);
  const inner = path === '' ? '' : `${path}.`;
  return new Map(Object.entries(value).flatMap(([name, each]) => [...leavesOf(each, inner + name)]));
}

function set(target: object, [name = '', ...rest]: readonly string[], value: unknown): void {
  const inner: unknown = Reflect.get(target, name);
  if (rest.length === 0) Reflect.set(target, name, value);
  else if (typeof inner === 'object' && inner !== null) set(inner, rest, value);
}
