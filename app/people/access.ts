import type { PeopleConfig } from './config.ts';
import type { Person } from './person.ts';

/** What a person still lacks to enter the site, or undefined when they may. */
export function missingToEnter(
  person: Pick<Person, 'role' | 'memberSinceMs' | 'captchaPassedAtMs'>,
  access: PeopleConfig['access'],
): 'captcha' | 'invitation' | undefined {
  if (person.role !== 'viewer' || person.memberSinceMs !== undefined) return undefined;
  if (access === 'members') return 'invitation';
  if (access === 'captcha' && person.captchaPassedAtMs === undefined) return 'captcha';
  return undefined;
}
