/** A live channel without files: parts that ffmpeg recorded are given to it one by one, at the test's own pace. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { LiveChannel } from '../../app/live/channel.ts';
import { liveConfig } from '../../app/live/config.ts';
import type { CompletePart } from '../../app/segments/channel-folder.ts';
import { type InitSegment, parseInitSegment } from '../../app/segments/init-segment.ts';
import { parsePart } from '../../app/segments/part.ts';
import { type EncoderOptions, recordFolder } from './encoder.ts';

export type Recorded = { init: InitSegment; parts: readonly CompletePart[] };

/** Records `durationS` seconds; each part completes when the one before has passed. */
export async function recordParts(options: EncoderOptions & { durationS: number }): Promise<Recorded> {
  await using folder = await recordFolder(options);
  const init = parseInitSegment(await readFile(join(folder.dir, 'init.mp4')));
  const files = await Promise.all(folder.names.map(name => readFile(join(folder.dir, name))));
  let completedAtMs = Date.UTC(2026, 0, 2);
  const parts = files.map(file => {
    const part = parsePart(file, init);
    completedAtMs += part.durationMs;
    return { ...part, completedAtMs };
  });
  return { init, parts };
}

/** A channel, its clock, and the encoder run that it is fed from. */
export class RecordedChannel {
  readonly channel = new LiveChannel('live', liveConfig.parse({}));
  #nowMs = Date.UTC(2026, 0, 2);
  #run: Recorded = { init: { id: '', bytes: Buffer.alloc(0), tracks: [] }, parts: [] };
  #next = 0;
  #isNewRun = false;
  #playlist: 'open' | 'ended' = 'open';

  now = (): number => this.#nowMs;

  /** From now on parts come from this run, whose first part follows `pauseMs` after what came last. */
  beginRun(run: Recorded, pauseMs = 0): void {
    const beginsAtMs = this.#nowMs + pauseMs;
    const shiftMs = beginsAtMs - (run.parts[0]?.completedAtMs ?? 0) + (run.parts[0]?.durationMs ?? 0);
    // A copy: the channel moves parts on its timeline by writing into them.
    const parts = run.parts.map(part => ({
      ...part,
      bytes: Buffer.from(part.bytes),
      fragments: structuredClone(part.fragments),
      completedAtMs: part.completedAtMs + shiftMs,
    }));
    this.#run = { init: run.init, parts };
    this.#next = 0;
    this.#isNewRun = true;
    this.#playlist = 'open';
  }

  /** Lets `count` parts come, each in its time, and what they set off happen. */
  async feed(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      const part = this.#run.parts[this.#next];
      if (!part) throw new Error('the recording is over');
      this.#next += 1;
      this.#nowMs = part.completedAtMs;
      this.#apply([part]);
      await turn();
    }
  }

  /** Lets time pass without a part. */
  wait(ms: number): void {
    this.#nowMs += ms;
    this.#apply([]);
  }

  end(): void {
    this.#playlist = 'ended';
    this.#apply([]);
  }

  #apply(parts: readonly CompletePart[]): void {
    const init = this.#isNewRun ? this.#run.init : undefined;
    this.#isNewRun = false;
    const problems: string[] = [];
    const facts = { encoder: 'unknown', startedAtMs: undefined, playlistChangedAtMs: this.#nowMs } as const;
    this.channel.apply({ ...facts, playlist: this.#playlist, init, parts, problems }, this.#nowMs);
  }
}
