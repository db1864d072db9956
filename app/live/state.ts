import type { FolderReading } from '../segments/channel-folder.ts';

/** What people are told of a channel. */
export type ChannelState = 'offline' | 'starting' | 'live' | 'stalled' | 'ended';

/** Whether there is something to watch: what comes, or the last of a stream that was interrupted. */
export function isOn(state: ChannelState): boolean {
  return state === 'live' || state === 'stalled';
}

export type StateFacts = Pick<FolderReading, 'encoder' | 'playlist' | 'playlistChangedAtMs'> & {
  /** Completion of the newest part, and how long the parts are; undefined before the first. */
  newest: { completedAtMs: number; durationMs: number } | undefined;
  nowMs: number;
  endAfterStallMs: number;
};

// An encoder without pid.txt that opened a playlist but wrote no part for so long is not coming.
const startingMs = 15_000;

/** A part is late once it takes twice its length and a second more. */
export function stallAfterMs(partDurationMs: number): number {
  return 2 * partDurationMs + 1000;
}

/** The state that the files, as last read, amount to at `nowMs`. */
export function channelState(facts: StateFacts): ChannelState {
  const { encoder, playlist, newest, nowMs } = facts;
  if (playlist === 'ended') return 'ended';
  if (playlist === 'absent') {
    if (encoder === 'running') return 'starting';
    return newest ? 'ended' : 'offline';
  }
  if (!newest) {
    const fresh = encoder === 'running' || nowMs - facts.playlistChangedAtMs < startingMs;
    return encoder !== 'dead' && fresh ? 'starting' : 'offline';
  }
  const silentMs = nowMs - newest.completedAtMs;
  if (encoder !== 'dead' && silentMs <= stallAfterMs(newest.durationMs)) return 'live';
  return silentMs <= facts.endAfterStallMs ? 'stalled' : 'ended';
}
