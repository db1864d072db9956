/** One row from opening the address to its figures. */
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { listen, loudness, toneShare } from '../../tests/kit/browser/sound.ts';
import { type Figures, figuresOf, quantile, type Sample, type Stall } from './figures.ts';
import type { Row } from './rows.ts';
import { toneHz } from './source.ts';
import { openViewer, type ViewerOptions } from './viewer.ts';

/** A network between viewer and server that can stand still. */
export type Network = { pause(): void; resume(): void };

export type Measured = Figures & {
  /** All of the run, the start included. */
  trace: readonly Sample[];
  row: string;
  firstPictureMs: number;
  /** Of the page opened once more; with sound there is nothing to see before play is pressed. */
  pictureAgainMs: number | undefined;
  seconds: number;
  /** Mean of the machine's load average (1 min) over the run. */
  load: number;
  /** With sound: the share of what is heard that is the scene's tone, and how loud. */
  heard: { toneShare: number; loudness: number } | undefined;
};

export type MeasureOptions = {
  seconds: number;
  /** How long the network stands still in the middle; 0 is not at all. */
  stallS: number;
  network: Network;
  /** Ends the run early, as a failure. */
  signal: AbortSignal;
  viewer: Omit<ViewerOptions, 'browser' | 'javascript' | 'sound'>;
  onProgress(text: string): void;
};

// What a player may take to settle in.
const settleMs = 5000;
const progressMs = 5000;

export async function measure(row: Row, options: MeasureOptions): Promise<Measured> {
  const { seconds, stallS, network, onProgress } = options;
  const wait = (ms: number) => delay(ms, undefined, { signal: options.signal });
  const { browser, javascript, sound } = row;
  const viewer = await openViewer({ ...options.viewer, browser, javascript, sound });
  const loads: number[] = [];
  const tell = (): void => {
    loads.push(loadavg()[0] ?? 0);
    const recent = viewer.samples
      .slice(-50)
      .flatMap(({ atMs, shownMs }) => (shownMs ? [atMs - shownMs] : []));
    const now = quantile(recent, 0.5);
    const lastS = Math.round((Date.now() - beganMs) / 1000);
    onProgress(
      `${row.name}: ${lastS} of ${seconds} s, ${now === undefined ? 'no picture' : `now ${Math.round(now)} ms`}, load ${loads.at(-1)?.toFixed(1)}`,
    );
  };
  const beganMs = Date.now();
  const progress = setInterval(tell, progressMs);
  try {
    let stall: Stall | undefined;
    await wait(stallS > 0 ? (seconds * 1000) / 2 : seconds * 1000);
    if (stallS > 0) {
      network.pause();
      const fromMs = Date.now();
      await wait(stallS * 1000);
      network.resume();
      stall = { fromMs, untilMs: Date.now() };
      await wait(Math.max(0, (seconds * 1000) / 2 - stallS * 1000));
    }
    const untilMs = Date.now();
    const heard = sound ? await listen(options.viewer.env) : undefined;
    tell();
    const samples = viewer.samples.filter(({ atMs }) => atMs < untilMs);
    const pictureAgainMs = sound ? undefined : await viewer.openAgain();
    const from = beganMs + Math.min(settleMs, (seconds * 1000) / 4);
    return {
      row: row.name,
      firstPictureMs: viewer.firstPictureMs,
      seconds,
      pictureAgainMs,
      trace: samples,
      load: loads.reduce((sum, load) => sum + load, 0) / loads.length,
      heard: heard && { toneShare: toneShare(heard, toneHz), loudness: loudness(heard) },
      ...figuresOf(
        samples.filter(({ atMs }) => atMs >= from),
        stall,
      ),
    };
  } finally {
    clearInterval(progress);
    network.resume();
    await viewer.close();
  }
}
