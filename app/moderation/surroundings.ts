/** What moderation/ needs of the stream and of the configuration; joined in composition/. */

export type StreamStatus = Readonly<{
  state: 'offline' | 'starting' | 'live' | 'stalled' | 'ended';
  /** Milliseconds; undefined while the stream is not on. */
  uptimeMs: number | undefined;
  /** People with a video open. */
  viewers: number;
  /** Over the last 10 seconds; undefined when no part came. */
  bitrateKbps: number | undefined;
  partsPerSecond: number;
  /** From the first picture of a part until we had the whole part; the mean of the last 10 seconds. */
  latencyMs: number | undefined;
}>;

export interface StreamDesk {
  readonly title: string;
  /** Writes title.txt. Throws Failure `title-too-long` or `title-unwritable`. Returns what it is now. */
  setTitle(text: string): string;
  /** Asks the encoder to end the stream; false when none runs that we know of. */
  end(): Promise<boolean>;
  status(): StreamStatus;
}

export type ReloadReport = Readonly<{
  /** Paths such as `chat.maxLength`, in force from now on. */
  applied: readonly string[];
  /** Changed in the file, but in force after a restart only. */
  needRestart: readonly string[];
}>;

/** Reads config.json anew. Throws Failure `config-unreadable` or `config-invalid`, and changes nothing then. */
export type Reload = () => Promise<ReloadReport>;
