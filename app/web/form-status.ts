import type { Failure } from '../lib/failure.ts';

const others: Readonly<Record<string, number>> = {
  'login-wrong': 403,
  'login-wait': 429,
  banned: 403,
  'not-allowed': 403,
  'session-missing': 403,
  busy: 503,
};

/** The HTTP status of a form that failed. */
export function statusOf({ code }: Failure): number {
  return others[code] ?? 422;
}
