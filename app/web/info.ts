import { Topic } from '../lib/topic.ts';
import type { LiveChannel } from '../live/channel.ts';
import type { ChannelState } from '../live/state.ts';
import type { Title } from '../live/title.ts';
import type { Board } from '../moderation/board.ts';
import type { Audience } from '../people/audience.ts';

/** What every viewer is told about the stream, whatever door he came by. */
export type StreamInfo = {
  state: ChannelState;
  title: string;
  viewers: number;
  /** Milliseconds since the stream started; undefined while it is not on. A length, never a time of our clock. */
  uptimeMs: number | undefined;
  /** What stands above the chat until it is taken away; empty when there is nothing. */
  pinned: string;
};

type InfoDeps = {
  channel: LiveChannel;
  title: Title;
  audience: Audience;
  board: Pick<Board, 'shown'>;
  now: () => number;
};

// Viewers come and go all the time, some of them on purpose; everybody is told of each.
const viewersEveryMs = 1000;

/** Joins the sources of StreamInfo and publishes what has changed, at most once a `tick`. */
export class Info {
  readonly changes = new Topic<StreamInfo>();
  readonly #deps: InfoDeps;
  #published = '';
  /** Also when the count is the published one again: who came meanwhile was told another. */
  #hasCountChanged = false;
  #publishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: InfoDeps) {
    this.#deps = deps;
    deps.audience.changes.subscribe(() => {
      this.#hasCountChanged = true;
    });
  }

  get current(): StreamInfo {
    const { channel, title, audience, board, now } = this.#deps;
    const startedAtMs = channel.startedAtMs;
    return {
      state: channel.state,
      title: title.text,
      viewers: audience.size,
      uptimeMs: startedAtMs === undefined ? undefined : Math.max(0, now() - startedAtMs),
      pinned: board.shown?.text ?? '',
    };
  }

  /** Publishes if anything but the running time is another than at the last call. */
  tick(): void {
    const info = this.current;
    const { channel, now } = this.#deps;
    const nowMs = now();
    const told = JSON.stringify([info.state, info.title, info.pinned, channel.startedAtMs]);
    const isSoon = nowMs - this.#publishedAtMs < viewersEveryMs;
    if (told === this.#published && (!this.#hasCountChanged || isSoon)) return;
    this.#published = told;
    this.#hasCountChanged = false;
    this.#publishedAtMs = nowMs;
    this.changes.publish(info);
  }
}

/** The state in words: a badge, and a heading with a sentence for the empty stage. */
export const stateWords: Readonly<
  Record<ChannelState, { badge: string; heading: string; sentence: string }>
> = {
  offline: {
    badge: 'Offline',
    heading: 'The stream is off',
    sentence: 'It starts here by itself when it goes live.',
  },
  starting: {
    badge: 'Starting',
    heading: 'The stream is starting',
    sentence: 'The picture comes in a moment.',
  },
  live: { badge: 'Live', heading: 'The stream is live', sentence: 'The picture comes in a moment.' },
  stalled: {
    badge: 'Interrupted',
    heading: 'The stream is interrupted',
    sentence: 'It goes on here by itself.',
  },
  ended: {
    badge: 'Ended',
    heading: 'The stream has ended',
    sentence: 'It starts here by itself when it is live again.',
  },
};
