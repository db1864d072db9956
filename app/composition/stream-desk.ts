import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStillRunning } from '../capture/process-identity.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { maxTitleBytes, parseTitle } from '../live/title.ts';
import type { StreamDesk } from '../moderation/surroundings.ts';
import { PartRates } from './part-rates.ts';
import type { Stream } from './stream.ts';

/** What the desk sees of the stream and does to it: title.txt, a signal to the encoder, the figures. */
export function composeStreamDesk(
  stream: Pick<Stream, 'channel' | 'title' | 'audience'>,
  deps: { channelDir: string; titlePath: string; now: () => number; onEnd: () => void },
): StreamDesk {
  const { channel, audience } = stream;
  const { channelDir, titlePath, now, onEnd } = deps;
  const rates = new PartRates({ now });
  channel.events.subscribe(event => {
    if (event.type === 'part') rates.add(event.part);
  });

  return {
    get title() {
      return readTitle(titlePath) ?? stream.title.text;
    },
    setTitle(text) {
      const title = parseTitle(Buffer.from(text));
      if (title === undefined) {
        throw new Failure('title-too-long', `A title has at most ${maxTitleBytes} bytes. Shorten it.`);
      }
      replaceFile(titlePath, `${title}\n`);
      void stream.title.refresh();
      return title;
    },
    async end() {
      onEnd();
      // What has crashed, or does before it can end by itself, would be waited for.
      const isWaitedFor = channel.state === 'stalled';
      channel.end();
      // The launcher first: it would start a new encoder in place of the one that ended.
      for (const name of ['launcher.pid', 'pid.txt']) {
        const pid = await runningProcess(join(channelDir, name));
        if (pid !== undefined && endProcess(pid)) return true;
      }
      return isWaitedFor;
    },
    status() {
      const startedAtMs = channel.startedAtMs;
      const uptimeMs = startedAtMs === undefined ? undefined : Math.max(0, now() - startedAtMs);
      return { state: channel.state, uptimeMs, viewers: audience.size, ...rates.current() };
    },
  };
}

/** The file may be newer than what was read of it last. */
function readTitle(path: string): string | undefined {
  try {
    return parseTitle(readFileSync(path));
  } catch {
    return undefined;
  }
}

/** Whole at any moment, and when this returns. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Failure(
      'title-unwritable',
      `title.txt can't be written (${codeOf(error) ?? sentenceOf(error)}): see that its disk has room and that its folder is yours.`,
    );
  }
}

/** The process that the file names, if it is still the one that was meant. */
async function runningProcess(path: string): Promise<number | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const pid = Number(text.trim() || Number.NaN);
    const isOther = Number.isInteger(pid) && pid > 1 && pid !== process.pid;
    return isOther && (await isStillRunning(pid, mtimeMs)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function endProcess(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGINT');
  } catch {
    // Gone in between, or another user's.
    return false;
  }
}
