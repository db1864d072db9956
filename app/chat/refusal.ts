/** Why a draft was not accepted, for programs (`reason`) and for the person who wrote it (`sentence`). */
export type Refusal = Readonly<{
  ok: false;
  reason: RefusalReason;
  sentence: string;
  /** When the same draft would pass, as far as is known. */
  retryAtMs?: number;
  needs?: 'captcha';
}>;

export type RefusalReason =
  | 'draft-invalid'
  | 'message-empty'
  | 'message-too-long'
  | 'message-too-many-lines'
  | 'banned'
  | 'muted'
  | 'chat-closed'
  | 'members-only'
  | 'tripcodes-only'
  | 'newcomers-wait'
  | 'captcha'
  | 'flood'
  | 'slow-mode'
  | 'duplicate'
  | 'hold-full'
  /** By a filter of the moderators'. */
  | 'filtered'
  /** It was meant as a command, which failed. */
  | 'command'
  | 'not-stored';

export function refusal(
  reason: RefusalReason,
  sentence: string,
  more: { retryAtMs?: number; needs?: 'captcha' } = {},
): Refusal {
  return { ok: false, reason, sentence, ...more };
}

/** `in 13 seconds`, `in 5 minutes`, `in 3 hours`, `in 2 days`; never too early. */
export function waitText(waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  if (seconds < 120) return inUnits(seconds, 'second');
  if (seconds < 2 * 3600) return inUnits(Math.ceil(seconds / 60), 'minute');
  if (seconds < 2 * 86_400) return inUnits(Math.ceil(seconds / 3600), 'hour');
  return inUnits(Math.ceil(seconds / 86_400), 'day');
}

function inUnits(count: number, unit: string): string {
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}
