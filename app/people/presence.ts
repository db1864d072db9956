import type { PeopleConfig } from './config.ts';
import type { Presence } from './person.ts';
import type { Entry } from './register.ts';

/** What someone is doing at `nowMs`, from what they have open and when they were last seen. */
export function presenceOf(
  entry: Pick<Entry, 'person' | 'views' | 'chats' | 'viewClosedAtMs'>,
  nowMs: number,
  config: PeopleConfig['presence'],
): Presence {
  if (entry.views > 0 || nowMs - entry.viewClosedAtMs < config.watchingForS * 1000) return 'watching';
  if (entry.chats > 0 || nowMs - entry.person.seenAtMs < config.chattingForS * 1000) return 'chatting';
  return 'gone';
}
