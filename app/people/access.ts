import type { PeopleConfig } from './config.ts';
import type { Person } from './person.ts';

type Membership = Pick<Person, 'memberSinceMs' | 'hasMembersTripcode'>;

export function isMember({ memberSinceMs, hasMembersTripcode }: Membership): boolean {
  return memberSinceMs !== undefined || hasMembersTripcode;
}

/** What a person still lacks to enter the site, or undefined when they may. */
export function missingToEnter(
  person: Membership & Pick<Person, 'role' | 'captchaPassedAtMs'>,
  access: PeopleConfig['access'],
): 'captcha' | 'invitation' | undefined {
  if (person.role !== 'viewer' || isMember(person)) return undefined;
  if (access === 'members') return 'invitation';
  if (access === 'captcha' && person.captchaPassedAtMs === undefined) return 'captcha';
  return undefined;
}
