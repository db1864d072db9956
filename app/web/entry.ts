import { waitText } from '../chat/refusal.ts';
import { Failure } from '../lib/failure.ts';
import { missingToEnter } from '../people/access.ts';
import type { Bans } from '../people/bans.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Person } from '../people/person.ts';

/** Why this person may not come in, as the Failure that tells them; undefined when they may. */
export type Entry = (person: Person | undefined) => Failure | undefined;

type EntryDeps = { bans: Pick<Bans, 'banOf'>; access: PeopleConfig['access']; now: () => number };

// Somebody without a session, such as a player that was given the bare address.
const stranger = {
  role: 'viewer',
  memberSinceMs: undefined,
  hasMembersTripcode: false,
  captchaPassedAtMs: undefined,
} as const;

/** Codes `banned`, `entry-captcha` and `entry-invitation`. */
export function createEntry({ bans, access, now }: EntryDeps): Entry {
  return person => {
    const ban = person && bans.banOf(person);
    if (ban) {
      const until = ban.untilMs === null ? '' : ` Come back ${waitText(ban.untilMs - now())}.`;
      return new Failure('banned', `You have been banned from this stream.${until}`);
    }
    switch (missingToEnter(person ?? stranger, access)) {
      case 'captcha':
        return new Failure('entry-captcha', 'This stream asks for a captcha first: it is on the start page.');
      case 'invitation':
        return new Failure(
          'entry-invitation',
          'This stream is for members. Come in by the start page: with an invitation or a tripcode.',
        );
      case undefined:
        return undefined;
    }
  };
}
