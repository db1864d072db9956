/** Figures and codes in words for people. */
import type { RefusalReason } from '../../chat/refusal.ts';

/** `1:02:03`, `4 d 1:02:03` */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days === 0 ? time : `${days} d ${time}`;
}

/** `20 Nov 09:14`, in UTC. */
export function utc(atMs: number): string {
  const [, day, month, time] = /^\w+, (\d+) (\w+) \d+ (\d\d:\d\d)/.exec(new Date(atMs).toUTCString()) ?? [];
  return `${Number(day)} ${month} ${time}`;
}

export function bitrateText(kbps: number | undefined): string {
  if (kbps === undefined) return '–';
  return kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

export function latencyText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export const refusalWords: Readonly<Record<RefusalReason, string>> = {
  flood: 'too fast',
  'slow-mode': 'slow mode',
  duplicate: 'the same again',
  captcha: 'captcha missing or wrong',
  'newcomers-wait': 'newcomers who have to wait',
  'hold-full': 'too many wait already',
  filtered: 'word filters',
  banned: 'banned',
  muted: 'muted',
  'chat-closed': 'chat closed',
  'members-only': 'members only',
  'tripcodes-only': 'tripcodes only',
  'message-too-long': 'too long',
  'message-too-many-lines': 'too many lines',
  'message-empty': 'empty',
  'draft-invalid': 'malformed',
  command: 'commands that failed',
  'not-stored': 'not stored: a fault of ours',
};
