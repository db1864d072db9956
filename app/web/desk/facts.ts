import type { Minute } from '../../moderation/counters.ts';
import type { StreamStatus } from '../../moderation/surroundings.ts';
import { stateWords } from '../info.ts';
import { bitrateText, clock, latencyText } from './words.ts';

/** How it stands: a sentence that can be taken in at a glance. */
export type Verdict = Readonly<{ mood: 'good' | 'idle' | 'bad'; sentence: string }>;

export type Facts = Readonly<{
  state: StreamStatus['state'];
  badge: string;
  stream: Verdict & { figures: Figures };
  /** The figures are those of the last minute. */
  chat: Verdict & { figures: Figures };
  /** Messages that wait for a moderator. */
  waiting: number;
}>;

type Figures = readonly (readonly [name: string, value: string])[];

type Chat = Readonly<{ lastMinute: Minute; waiting: number; isRaid: boolean; isClosed: boolean }>;

// An encoder that keeps up hands a part over within a second or two, whatever the length of its parts.
const lateMs = 4000;
// So many turned away in a minute are no longer people who typed too fast.
const attackPerMinute = 20;

export function factsOf(status: StreamStatus, chat: Chat): Facts {
  const { state, uptimeMs, viewers, bitrateKbps, partsPerSecond, latencyMs } = status;
  const { lastMinute, waiting } = chat;
  return {
    state,
    badge: stateWords[state].badge,
    stream: {
      ...streamVerdict(status),
      figures: [
        ['Watching', String(viewers)],
        ['On for', uptimeMs === undefined ? '–' : clock(uptimeMs)],
        ['Bitrate', bitrateText(bitrateKbps)],
        ['Parts/s', partsPerSecond.toFixed(1)],
        ['Latency', latencyText(latencyMs)],
      ],
    },
    waiting,
    chat: {
      ...chatVerdict(chat),
      figures: [
        ['Messages', String(lastMinute.messages)],
        ['Refused', String(refusedIn(lastMinute))],
        ['Held', String(lastMinute.held)],
        ['Arrivals', String(lastMinute.joins)],
      ],
    },
  };
}

export function refusedIn({ refusals }: Minute): number {
  return Object.values(refusals).reduce((sum, count) => sum + count, 0);
}

function streamVerdict({ state, partsPerSecond, latencyMs }: StreamStatus): Verdict {
  switch (state) {
    case 'live':
      if (partsPerSecond === 0) return { mood: 'bad', sentence: 'No picture has come for 10 seconds.' };
      if (latencyMs !== undefined && latencyMs > lateMs) {
        return { mood: 'bad', sentence: 'The encoder is late: its machine or its line is too slow.' };
      }
      return { mood: 'good', sentence: 'The stream is all right.' };
    case 'starting':
      return { mood: 'idle', sentence: 'The stream is starting.' };
    case 'stalled':
      return { mood: 'bad', sentence: 'Interrupted: the encoder sends no picture.' };
    case 'ended':
      return { mood: 'idle', sentence: 'The stream has ended.' };
    case 'offline':
      return { mood: 'idle', sentence: 'The stream is off.' };
  }
}

function chatVerdict({ lastMinute, isRaid, isClosed }: Chat): Verdict {
  const turnedAway = refusedIn(lastMinute) + lastMinute.held;
  const isAttacked = turnedAway >= attackPerMinute && turnedAway > lastMinute.messages;
  const away = `${turnedAway} messages refused or held in a minute`;
  if (isAttacked && isRaid) return { mood: 'bad', sentence: `Under attack, raid mode holds: ${away}.` };
  if (isAttacked) return { mood: 'bad', sentence: `Under attack? ${away}. Turn raid mode on.` };
  if (isClosed) return { mood: 'idle', sentence: 'The chat is closed.' };
  if (isRaid) return { mood: 'idle', sentence: 'Quiet now; raid mode is still on.' };
  return { mood: 'good', sentence: 'The chat is calm.' };
}
