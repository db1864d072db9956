import type { Readable } from 'node:stream';
import type { Ffmpeg } from './ffmpeg.ts';

/** The machine a source looks at. */
export type Machine = {
  ffmpeg: Ffmpeg;
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  stdin: Readable & { isTTY?: boolean; fd?: number };
  /** Ends whatever a source is finding out. */
  signal: AbortSignal;
};

/** What ffmpeg reads: the half of its command line that comes from the source. */
export type Input = {
  /** How sentences call it ("the screen :0"); never a URL, which may hold a key. */
  title: string;
  /** Input options and inputs; the picture is the first input's first video stream. */
  args: readonly string[];
  /** Stream specifier of the sound (`1:a:0`); null when there is none and silence takes its place. */
  audio: string | null;
  /** Video filters before the picture is fitted to the stream's size. */
  filters: readonly string[];
  /** What must not be repeated from ffmpeg's words: a URL that may hold a key. */
  secret: string | null;
  /** What the broadcaster should know, a sentence each. */
  notes: readonly string[];
  /** The next step when ffmpeg can't read it, as a sentence. */
  advice: string;
  /** Bytes for ffmpeg's stdin. The end of these is the end of the stream; any other source is started again. */
  stdin: Readable | null;
  /** How long until the first picture, and then between two, before ffmpeg counts as hung; null is for ever. */
  patience: { openMs: number; nextMs: number } | null;
};

/** Looks at what is there now and says how to read it; asked anew before each start of ffmpeg. Throws Failure. */
export type OpenInput = () => Promise<Input>;

export type SilentInput = Omit<Input, 'args' | 'title' | 'advice'>;

/** The usual case, to be spread: no sound, no filters, nothing to say; a device that opens in time and never pauses. */
export const plainInput: SilentInput = {
  audio: null,
  filters: [],
  secret: null,
  notes: [],
  stdin: null,
  patience: { openMs: 15_000, nextMs: 5_000 },
};
